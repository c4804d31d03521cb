import { createHash } from "node:crypto"
import { oneLine } from "../../ci/src/formats/clean.js"
import { duration, share as percent, plural, thousands, utc } from "../../ci/src/formats/figures.js"
import { type Html, html, type Part, trusted } from "../../ci/src/formats/html.js"
import { section, stageName } from "../../ci/src/report/parts.js"
import { testTitle } from "../../ci/src/report/stages.js"
import { row, table } from "../../ci/src/report/tables.js"
import { durationChart, type Kind, stackedBars } from "./charts.js"
import type { Dora } from "./deployments.js"
import { WHOLE_RUN } from "./durations.js"
import { day, longTime, money, rate } from "./figures.js"
import type { Metrics } from "./metrics.js"
import { STYLE } from "./page.generated.js"
import type { Span, Spread } from "./statistics.js"
import { changesText } from "./text.js"

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ")

/** Charts of stages that the page shows; the table has all. */
const CHARTS = 8
const TESTS = 100

const PASSED: Kind = { verdict: "passed", word: "passed" }
const CODE: Kind = { verdict: "failed", word: "failed by the code" }
const LOST: Kind = { verdict: "errored", word: "without a verdict" }
const ENDS = { passed: PASSED, code: CODE, infrastructure: LOST } as const

const tile = (label: string, value: string, note: Part): Html =>
  html`<div><dt>${label}</dt><dd><b>${value}</b>${note}</dd></div>`

const middle = (spread: Spread | null): string => (spread === null ? "–" : longTime(spread.median))

function mainTile(main: Metrics["main"]): Html | null {
  if (main === null) return null
  const note = main.red === null ? "times" : `times, ${longTime(main.red.median)}`
  return tile(`${oneLine(main.branch, 30)} red`, thousands(main.breaks), note)
}

function tiles({ success, remembered, cost, main, durations }: Metrics): Html {
  const whole = durations.find(({ name }) => name === WHOLE_RUN)
  const { perRun = null, currency = "" } = cost ?? {}
  return html`<dl class="tiles">
${tile("Success", rate(success.rate), `goal ${percent(success.goal)}`)}
${tile("Runs", thousands(success.runs), `${thousands(success.code)} red by the code`)}
${tile("Without a verdict", thousands(success.infrastructure), "runs")}
${whole === undefined ? null : tile("Duration", duration(whole.spread.median), "median of green runs")}
${mainTile(main)}
${tile("Remembered", rate(remembered.share), "of stages")}
${perRun === null ? null : tile("Cost", money(perRun.sum / perRun.count, currency), "a run")}
</dl>`
}

function header(metrics: Metrics): Html {
  const { projects, success, from, until, unread, repeated } = metrics
  const bad = success.rate !== null && success.rate < success.goal
  const notes = [
    ...(from === null || until === null ? [] : [`${utc(from)} to ${utc(until)}`]),
    ...(repeated > 0 ? [`${plural(repeated, "file")} there twice, counted once`] : []),
    ...(unread.length > 0 ? [`${plural(unread.length, "file")} not read`] : []),
  ]
  return html`<header class="top v-${bad ? "failed" : "passed"}">
<div class="verdict"><div><h1>${oneLine(projects.join(", ") || "no runs", 200)} <span class="word">${rate(success.rate)} success</span></h1>
<p>${success.rate === null ? "No run found the code right." : `Of the runs that found nothing wrong with the code, ${rate(success.rate)} passed. The goal is ${percent(success.goal)}.`}</p></div></div>
${tiles(metrics)}
<p class="meta">${notes.join(" · ")}</p></header>
`
}

function runsSection({ success, runs }: Metrics, span: Span): Html | null {
  if (success.runs === 0) return null
  const events = runs.flatMap(({ at, end }) => (end === "skipped" ? [] : [{ at, kind: ENDS[end] }]))
  const legend = Object.values(ENDS).map(
    ({ verdict, word }) => html`<span class="key v-${verdict}">${word}</span> `,
  )
  return section(
    "runs",
    "Runs",
    thousands(success.runs),
    html`<div class="card">${stackedBars("Runs", Object.values(ENDS), events, span)}<p class="meta">${legend}</p></div>`,
  )
}

const DURATION = ["Median", "95 % below", "Change"]

function durationsSection({ durations }: Metrics, span: Span): Html | null {
  if (durations.length === 0) return null
  const charts = durations
    .slice(0, CHARTS)
    .map(
      ({ name, samples, changes }) =>
        html`<div class="card"><h3>${stageName(name)}</h3>${durationChart(oneLine(name), samples, changes, span)}</div>`,
    )
  const rows = durations.map((one) =>
    row(stageName(one.name), DURATION, [
      duration(one.spread.median),
      duration(one.spread.p95),
      changesText(one) || html`<span class="meta">none</span>`,
    ]),
  )
  const all = table("durations", "Durations of stages that ran and passed", ["Stage", ...DURATION], rows)
  return section(
    "durations",
    "Durations",
    "of what ran and passed",
    html`<div class="charts">${charts}</div>${all}`,
  )
}

const FLAKY = ["Flaky", "Since", "Owner"]

const commitCode = (commit: string | null): Html | null =>
  commit === null ? null : html` <code>${oneLine(commit).slice(0, 12)}</code>`

function flakySection({ flaky }: Metrics): Html | null {
  if (flaky.length === 0) return null
  const rows = flaky
    .slice(0, TESTS)
    .map(({ stage, suite, name, file, owners, times, ofRuns, since, commit }) =>
      row(
        html`${oneLine(testTitle({ suite, name }), 300)} <code class="where">${oneLine(file ?? stage)}</code>`,
        FLAKY,
        [
          `${thousands(times)} of ${plural(ofRuns, "run")}`,
          html`${day(since)}${commitCode(commit)}`,
          owners.length === 0 ? html`<span class="meta">nobody</span>` : oneLine(owners.join(" "), 200),
        ],
      ),
    )
  return section(
    "flaky",
    "Flaky tests",
    thousands(flaky.length),
    table("flaky", "Tests that fail by chance", ["Test", ...FLAKY], rows),
  )
}

const DORA = ["Releases", "Failures", "Recovery", "Lead time"]

function doraRow(dora: Dora): Html {
  const unrecovered = dora.unrecovered > 0 ? `, ${dora.unrecovered} not recovered` : ""
  return row(oneLine(dora.environment), DORA, [
    `${thousands(dora.deployments)}, ${dora.perWeek.toFixed(1)} a week`,
    `${rate(dora.changeFailureRate)} (${thousands(dora.failed)})`,
    `${middle(dora.recovery)}${unrecovered}`,
    middle(dora.leadTime),
  ])
}

function deploymentsSection({ deployments }: Metrics): Html | null {
  if (deployments.length === 0) return null
  const all = table(
    "dora",
    "Deployments by environment; times are medians",
    ["Environment", ...DORA],
    deployments.map(doraRow),
  )
  return section("deployments", "Deployments", "medians", all)
}

function savingsSection({ savings }: Metrics): Html | null {
  if (savings.length === 0) return null
  const items = savings.map(
    ({ kind, ms, what, fix }) =>
      html`<li><p><strong>${longTime(ms)}</strong> of ${kind === "waiting" ? "waiting" : "machine time"}: ${oneLine(what, 400)}</p><p class="meta">→ ${fix}</p></li>`,
  )
  return section(
    "savings",
    "Largest savings",
    "",
    html`<div class="card"><ol class="savings">${items}</ol></div>`,
  )
}

function unreadSection({ unread }: Metrics): Html | null {
  if (unread.length === 0) return null
  const items = unread
    .slice(0, TESTS)
    .map(
      ({ file, why }) =>
        html`<li><code>${oneLine(file)}</code> <span class="meta">${oneLine(why, 300)}</span></li>`,
    )
  return section(
    "unread",
    "Files not read",
    thousands(unread.length),
    html`<div class="card"><ul>${items}</ul></div>`,
  )
}

/** Writes metrics as one HTML page, which needs no network, no other file and no script. */
export function metricsPage(metrics: Metrics): string {
  const span = { from: metrics.from ?? 0, until: metrics.until ?? 1 }
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${oneLine(metrics.projects.join(", "), 100)} metrics · Slipway</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the metrics</a>
<div class="page">
${header(metrics)}
<main id="main" tabindex="-1">
${savingsSection(metrics)}${runsSection(metrics, span)}${durationsSection(metrics, span)}${flakySection(metrics)}${deploymentsSection(metrics)}${unreadSection(metrics)}</main>
</div>
</body>
</html>
`.markup
}
