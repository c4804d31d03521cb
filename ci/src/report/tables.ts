/** The tables of the report: tools, measures, images, files. */

import { oneLine } from "../formats/clean.js"
import { difference, plural, quantity, thousands } from "../formats/figures.js"
import { type Html, html, type Part } from "../formats/html.js"
import type { ImageRecord, Looked, Measure, RunRecord, StageRecord } from "../run/result.js"
import { FILES, fileNote, logPaths } from "./evidence-paths.js"
import { VERDICTS } from "./labels.js"
import { icon, mark, section, stageName } from "./parts.js"

/** Makes a table. Sets each role: on a phone the table is laid out as blocks, which drops its own roles. */
export function table(name: string, caption: string, heads: readonly string[], rows: readonly Html[]): Html {
  const columns = heads.map((head) => html`<th role="columnheader" scope="col">${head}</th>`)
  return html`<div class="card"><table class="wide ${name}" role="table"><caption class="sr">${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns}</tr></thead>
<tbody role="rowgroup">${rows}</tbody></table></div>`
}

/** Makes a row of a {@link table}. @param labels of the cells: on a phone the table's head is hidden. */
export const row = (head: Part, labels: readonly string[], cells: readonly Part[]): Html =>
  html`<tr role="row"><th role="rowheader" scope="row">${head}</th>${cells.map(
    (cell, index) =>
      html`<td role="cell"><span class="label-phone" aria-hidden="true">${labels[index] ?? ""}</span>${cell}</td>`,
  )}</tr>
`

const DAY_MS = 24 * 60 * 60 * 1000

/** Describes the age of a database at the time of the run: an old one misses new vulnerabilities. */
function age(updatedAt: string, run: RunRecord): string {
  const days = Math.floor((run.startedAt - Date.parse(updatedAt)) / DAY_MS)
  return Number.isNaN(days) || days < 0 ? "" : ` (${plural(days, "day")} old)`
}

function database({ database: used, verdict }: Looked, run: RunRecord): Part {
  if (used === null) return html`<span class="meta">${verdict === "passed" ? "none" : "not used"}</span>`
  const when = used.updatedAt
  const dated = when === null ? "date unknown" : `from ${oneLine(when).slice(0, 10)}${age(when, run)}`
  return html`${oneLine(used.source)} <span class="meta">${dated}</span>`
}

const LOOKED = ["Result", "Database"]

function lookedRow(stage: StageRecord, looked: Looked, run: RunRecord): Html {
  const { tool, version, verdict, what } = looked
  const sign = verdict === "passed" ? mark(verdict) : icon(verdict)
  const release = version === null ? null : html` <span class="meta">${oneLine(version)}</span>`
  const name = html`${sign}${oneLine(tool)}${release}<span class="meta under">${stageName(stage.name)}</span>`
  const result =
    verdict === "passed"
      ? html`${oneLine(what, 600)}`
      : html`<span class="word v-${verdict}">${VERDICTS[verdict].title}:</span> ${oneLine(what, 600)}`
  return row(name, LOOKED, [result, database(looked, run)])
}

/** Makes the table of tools, with what each checked and its database; tools that did not run first. */
export function lookedSection(run: RunRecord): Html | null {
  const all = run.stages.flatMap((stage) => (stage.looked ?? []).map((looked) => ({ stage, looked })))
  if (all.length === 0) return null
  const missing = all.filter(({ looked }) => looked.verdict !== "passed")
  const rows = [...missing, ...all.filter(({ looked }) => looked.verdict === "passed")]
  const note =
    missing.length === 0
      ? thousands(all.length)
      : `${thousands(missing.length)} of ${thousands(all.length)} did not run`
  const content = table(
    "looked",
    "Tools, what each checked, and its database",
    ["Tool", ...LOOKED],
    rows.map(({ stage, looked }) => lookedRow(stage, looked, run)),
  )
  return section("looked", "Tools", note, content)
}

const exceeded = ({ value, limit, atLeast = false }: Measure): boolean =>
  limit !== null && (atLeast ? value < limit : value > limit)

/** Words for a limit, and for a value beyond it. */
const LIMITS = {
  least: { allowed: "at least", beyond: "below" },
  most: { allowed: "at most", beyond: "above" },
} as const

const MEASURED = ["Value", "Limit", "Baseline"]

function measureRow(stage: StageRecord, measure: Measure): Html {
  const { name, value, unit, limit, atLeast = false, base } = measure
  const over = exceeded(measure)
  const { allowed, beyond } = LIMITS[atLeast ? "least" : "most"]
  const bound = limit === null ? "no limit" : `${allowed} ${quantity(limit, unit)}`
  const head = html`${oneLine(name)}<span class="meta under">${stageName(stage.name)}</span>`
  const number = html`<b>${quantity(value, unit)}</b>`
  const shownValue = over
    ? html`${mark("failed")}${number} <span class="bad">${beyond} the limit</span>`
    : number
  const before =
    base === null
      ? html`<span class="meta">not in the baseline</span>`
      : html`${quantity(base, unit)} <span class="meta">${difference(value, base, unit)}</span>`
  return row(head, MEASURED, [shownValue, bound, before])
}

/** Makes the table of measures, with limit and baseline; those beyond their limit first. */
export function measuresSection(run: RunRecord): Html | null {
  const all = run.stages.flatMap((stage) => (stage.measures ?? []).map((measure) => ({ stage, measure })))
  if (all.length === 0) return null
  const rows = all
    .toSorted((a, b) => Number(exceeded(b.measure)) - Number(exceeded(a.measure)))
    .map(({ stage, measure }) => measureRow(stage, measure))
  const content = table("measures", "Measures, with limit and baseline", ["Measure", ...MEASURED], rows)
  return section("measures", "Measures", thousands(all.length), content)
}

const imageRow = ({ name, purpose, digest }: ImageRecord): Html =>
  row(
    oneLine(name),
    [],
    [
      html`${oneLine(purpose)} <code class="digest">${digest === null ? "digest unknown" : oneLine(digest)}</code>`,
    ],
  )

/** Makes the table of images that the run used or built. */
export function images(run: RunRecord): Html | null {
  if (run.images.length === 0) return null
  const content = table(
    "images",
    "Images, with purpose and digest",
    ["Image", "Purpose and digest"],
    run.images.map(imageRow),
  )
  return section("images", "Images", thousands(run.images.length), content)
}

/**
 * Makes the list of the evidence's files.
 *
 * @param more paths of files in addition to those of every run.
 */
export function evidenceList(run: RunRecord, more: readonly string[]): Html {
  const owners = new Map(
    run.stages.flatMap(({ name, files = [] }) => files.map((path) => [path, name] as const)),
  )
  const logs = [...logPaths(run)].map(([stage, path]) => [path, `log of ${oneLine(stage)}`] as const)
  const others = [...owners.keys(), ...more.filter((path) => !owners.has(path))].map((path) => {
    const owner = owners.get(path)
    return [path, owner === undefined ? fileNote(path) : `of ${oneLine(owner)}`] as const
  })
  const items = [...Object.entries(FILES), ...others, ...logs].map(
    ([
      path,
      what,
    ]) => html`<li><a href="${encodeURI(path)}">${oneLine(path)}</a> <span class="meta">${what}</span></li>
`,
  )
  const head = run.audit
    ? html`<p class="meta">Head of the audit log, ${thousands(run.audit.entries)} entries: <code>${run.audit.head}</code></p>`
    : null
  return section(
    "evidence",
    "Evidence",
    "",
    html`<div class="card"><ul class="files">${items}</ul>${head}</div>`,
  )
}
