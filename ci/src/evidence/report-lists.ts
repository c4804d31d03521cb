/** The long lists of the report: controls as markup, rows by the page's script. */
import type { RunRecord } from "../plan/result.js"
import { thousands } from "./format.js"
import { type Html, html } from "./html.js"
import { SEVERITIES, totals } from "./model.js"
import { section } from "./report-parts.js"

/** One choice of a filter: what the script compares, what a person reads, how many there are. */
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

function panel(list: string, what: string, hint: string, choices: readonly Choice[]): Html {
  return html`<noscript><p class="card">This list needs JavaScript. What failed is above, and <a href="junit.xml">junit.xml</a> and <a href="result.json">result.json</a> hold all of it.</p></noscript>
<div class="card panel" id="${list}-panel" hidden>
<div class="controls">
<label class="search"><span class="sr">Filter ${what} by text</span><input type="search" placeholder="${hint}" autocomplete="off" spellcheck="false"></label>
<fieldset><legend class="sr">Show ${what}</legend>${choices.map((choice, index) => radio(list, choice, index === 0))}</fieldset>
</div>
<p class="meta state" role="status"></p>
<div class="rows"></div>
</div>`
}

const used = (choices: readonly Choice[]): readonly Choice[] =>
  choices.filter((choice) => choice.value === "" || choice.count > 0)

/** All tests, by stage and suite. */
export function testsSection(run: RunRecord): Html | null {
  const { tests } = totals(run)
  if (tests.all === 0) return null
  const choices = used([
    { value: "", label: "All", count: tests.all },
    { value: "failed", label: "Failed", count: tests.failed },
    { value: "passed", label: "Passed", count: tests.passed },
    { value: "skipped", label: "Skipped", count: tests.skipped },
  ])
  return section(
    "tests",
    "Tests",
    thousands(tests.all),
    panel("tests", "tests", "Suite, test, file or message", choices),
  )
}

/** All findings, the worst first. */
export function findingsSection(run: RunRecord): Html | null {
  const all = run.stages.flatMap((stage) => stage.findings)
  if (all.length === 0) return null
  const choices = used([
    { value: "", label: "All", count: all.length },
    ...SEVERITIES.map((severity) => ({
      value: severity,
      label: severity.charAt(0).toUpperCase() + severity.slice(1),
      count: all.filter((finding) => finding.severity === severity).length,
    })),
  ])
  const content = panel("findings", "findings", "Rule, file, message or stage", choices)
  return section("findings", "Findings", thousands(all.length), content)
}
