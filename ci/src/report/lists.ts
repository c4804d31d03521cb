/** The long lists of the report: their controls. The page's script makes the rows. */

import { plural, share, thousands } from "../formats/figures.js"
import { type Html, html } from "../formats/html.js"
import type { RunRecord, Standing } from "../run/result.js"
import { coverageOf, covered } from "./coverage.js"
import { standingOf, toolsOf } from "./findings.js"
import { SEVERITIES, STANDINGS } from "./labels.js"
import { section } from "./parts.js"
import { totals } from "./totals.js"

/** One choice of a filter: the value that the script compares, its label, and how many rows it has. */
interface Choice {
  readonly value: string
  readonly label: string
  readonly count: number
}

function radio(list: string, choice: Choice, checked: boolean): Html {
  const id = `${list}-${choice.value || "all"}`
  const state = checked ? html` checked` : null
  return html`<span class="choice"><input type="radio" name="${list}-kind" id="${id}" value="${choice.value}"${state}><label for="${id}">${choice.label} <span class="count">${thousands(choice.count)}</span></label></span>
`
}

/** A drop-down list, for more choices than fit as buttons. */
interface Select {
  readonly name: string
  readonly label: string
  readonly choices: readonly Choice[]
}

function select(list: string, { name, label, choices }: Select): Html | null {
  if (choices.length < 3) return null
  const options = choices.map(
    ({ value, label, count }) => html`<option value="${value}">${label} (${thousands(count)})</option>`,
  )
  return html`<label class="select" for="${list}-${name}"><span>${label}</span> <select id="${list}-${name}" name="${name}">${options}</select></label>
`
}

interface Panel {
  readonly list: string
  readonly what: string
  readonly hint: string
  readonly choices: readonly Choice[]
  readonly selects?: readonly Select[]
}

function panel({ list, what, hint, choices, selects = [] }: Panel): Html {
  const chips =
    choices.length === 0
      ? null
      : html`<fieldset><legend class="sr">Show ${what}</legend>${choices.map((choice, index) => radio(list, choice, index === 0))}</fieldset>`
  return html`<noscript><p class="card">This list needs JavaScript. Failures are shown above; <a href="junit.xml">junit.xml</a> and <a href="result.json">result.json</a> have everything.</p></noscript>
<div class="card panel" id="${list}-panel" hidden>
<div class="controls">
<label class="search"><span class="sr">Filter ${what} by text</span><input type="search" placeholder="${hint}" autocomplete="off" spellcheck="false"></label>
${chips}${selects.map((one) => select(list, one))}
</div>
<p class="meta state" role="status"></p>
<div class="rows"></div>
</div>`
}

const used = (choices: readonly Choice[]): readonly Choice[] =>
  choices.filter((choice) => choice.value === "" || choice.count > 0)

/** Makes the list of all tests, by stage and suite. */
export function testsSection(run: RunRecord): Html | null {
  const { tests } = totals(run)
  if (tests.all === 0) return null
  const choices = used([
    { value: "", label: "All", count: tests.all },
    { value: "failed", label: "Failed", count: tests.failed },
    { value: "flaky", label: "Flaky", count: tests.flaky },
    { value: "passed", label: "Passed", count: tests.passed - tests.flaky },
    { value: "skipped", label: "Skipped", count: tests.skipped },
  ])
  const content = panel({ list: "tests", what: "tests", hint: "Suite, test, file or message", choices })
  return section("tests", "Tests", thousands(tests.all), content)
}

/** Counts each value. */
function tally<T>(values: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/** Standings of findings that are neither in the baseline nor waived. */
const NEW = ["blocks", "reported"]

function standings(all: readonly Standing["status"][]): Select {
  const counts = tally(all)
  const fresh = all.filter((status) => NEW.includes(status)).length
  const choices = used([
    { value: "", label: "All", count: all.length },
    { value: NEW.join(" "), label: "New", count: fresh < all.length ? fresh : 0 },
    ...Object.entries(STANDINGS).map(([value, { title }]) => ({
      value,
      label: title,
      count: all.filter((status) => status === value).length,
    })),
  ])
  return { name: "standing", label: "Standing", choices: counts.size > 1 ? choices : [] }
}

function tools(all: readonly string[], count: number): Select {
  const choices = [...tally(all)].map(([tool, seen]) => ({ value: tool, label: tool, count: seen }))
  const sorted = choices.toSorted((a, b) => a.label.localeCompare(b.label, "en"))
  return { name: "tool", label: "Found by", choices: [{ value: "", label: "Any tool", count }, ...sorted] }
}

/** Makes the list of all findings: blocking ones first, then by severity. */
export function findingsSection(run: RunRecord): Html | null {
  const all = run.stages.flatMap((stage) => stage.findings.map((finding) => ({ stage, finding })))
  if (all.length === 0) return null
  const severities = tally(all.map(({ finding }) => finding.severity))
  const choices = used([
    { value: "", label: "All", count: all.length },
    ...SEVERITIES.map((severity) => ({
      value: severity,
      label: severity.charAt(0).toUpperCase() + severity.slice(1),
      count: severities.get(severity) ?? 0,
    })),
  ])
  const selects = [
    standings(all.map(({ stage, finding }) => standingOf(stage, finding))),
    tools(
      all.flatMap(({ stage, finding }) => toolsOf(stage, finding)),
      all.length,
    ),
  ]
  const hint = "Rule, alias, package, file, message or stage"
  const content = panel({ list: "findings", what: "findings", hint, choices, selects })
  return section("findings", "Findings", thousands(all.length), content)
}

/** Makes the table of covered files, those with the most missed lines first. */
export function coverageSection(run: RunRecord): Html | null {
  const files = coverageOf(run)
  const all = covered(files)
  if (all === null) return null
  const content = panel({ list: "coverage", what: "files", hint: "File", choices: [] })
  return section("coverage", "Coverage", `${share(all)} of lines, ${plural(files.length, "file")}`, content)
}
