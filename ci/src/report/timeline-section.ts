import { duration, utc } from "../formats/figures.js"
import { type Html, html } from "../formats/html.js"
import type { RunRecord, StageRecord } from "../run/result.js"
import { stageMs } from "../run/times.js"
import { mark, section, stageName } from "./parts.js"
import { type Row, type Timeline, timeline } from "./timeline.js"

/** The narrowest bar, as a share of the run: a shorter one would be invisible. */
const NARROWEST = 0.004

const DIAMOND = html` <span class="diamond" aria-hidden="true">◆</span>`

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`

const grid = (line: Timeline): readonly Html[] =>
  line.ticks.map(
    ({ at }) => html`<line class="grid" x1="${percent(at)}" x2="${percent(at)}" y1="0" y2="100%"/>`,
  )

function bars(row: Row): readonly Html[] {
  return row.bars.map(({ from, to }) => {
    const width = Math.max(to - from, NARROWEST)
    return html`<rect x="${percent(Math.min(from, 1 - width))}" y="5" width="${percent(width)}" height="12" rx="3"/>`
  })
}

/** Draws bars as SVG in per cent: the page's security policy forbids inline styles. */
function ranRow(row: Row, line: Timeline): Html {
  const chain = row.critical ? html`<span class="sr"> (critical path)</span>${DIAMOND}` : null
  const when = `from ${duration(row.startMs)} to ${duration(row.endMs)}`
  return html`<li><span class="name">${mark(row.stage.verdict)}${stageName(row.stage.name)}${chain}</span>
<svg class="track v-${row.stage.verdict}${row.critical ? " critical" : ""}" role="img" aria-label="${when}"><title>${when}</title>${grid(line)}${bars(row)}</svg>
<span class="num">${duration(row.busyMs)}</span></li>
`
}

function cachedRow(stage: StageRecord): Html {
  const when = stage.startedAt === null ? null : html` <span class="meta">ran ${utc(stage.startedAt)}</span>`
  return html`<li><span class="name">${mark(stage.verdict)}${stageName(stage.name)}</span>
<span class="track hit"><span class="tag">${stage.remembered ? "remembered" : "cached"}</span>${when}</span>
<span class="num">${duration(stageMs(stage) ?? 0)}</span></li>
`
}

function axis(line: Timeline): Html {
  const labels = line.ticks.map(({ at, label }) => {
    const anchor = at > 0.92 ? "end" : "middle"
    return html`<text x="${percent(at)}" y="13" text-anchor="${anchor}">${label}</text>`
  })
  return html`<div class="axis" aria-hidden="true"><svg class="track"><text x="0" y="13">0</text>${labels}</svg></div>`
}

/** Shorter waits are normal between two stages. */
const LITTLE_MS = 500

function chainSentence(line: Timeline): Html | null {
  const { names, ms, waitedMs } = line.chain
  if (names.length < 2) return null
  const steps = names.map((name, index) => html`${index === 0 ? null : " → "}<b>${stageName(name)}</b>`)
  const waited = waitedMs > LITTLE_MS ? html` and ${duration(waitedMs)} of waiting` : null
  return html`<p class="meta chain">${DIAMOND} Critical path: ${steps}: ${duration(ms)} of work${waited}.</p>`
}

/** Makes the timeline: what ran in parallel, what was cached, and the critical path. */
export function timelineSection(run: RunRecord): Html | null {
  const line = timeline(run)
  if (line.rows.length + line.cached.length === 0) return null
  const ran = html`${axis(line)}<ol class="timeline">${line.rows.map((row) => ranRow(row, line))}</ol>`
  const cached = html`<p class="meta chain">${line.rows.length === 0 ? "Nothing ran. " : ""}Cached or remembered, with the duration of the run that made the result:</p>
<ol class="timeline cached">${line.cached.map(cachedRow)}</ol>`
  const content = html`<div class="card">${line.rows.length === 0 ? null : ran}${chainSentence(line)}${line.cached.length === 0 ? null : cached}</div>`
  return section("timeline", "Timeline", duration(line.spanMs), content)
}
