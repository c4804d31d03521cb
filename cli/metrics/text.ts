import { oneLine } from "../../ci/src/formats/clean.js"
import { duration, share as percent, plural } from "../../ci/src/formats/figures.js"
import { testTitle } from "../../ci/src/report/stages.js"
import type { Duration } from "./durations.js"
import { day, longTime, money, rate } from "./figures.js"
import type { Metrics } from "./metrics.js"
import type { Spread } from "./statistics.js"

/** How many stages and tests the text names. */
const SHOWN = 10

/** `+ 12.0 s`, `− 840 ms` */
const signed = (ms: number): string => `${ms < 0 ? "−" : "+"} ${duration(Math.abs(ms))}`

/** Writes metrics for a terminal. */
export function metricsText(metrics: Metrics): string {
  return `${SECTIONS.flatMap((section) => section(metrics)).join("\n")}\n`
}

type Section = (metrics: Metrics) => readonly string[]

const NAME = 12
/** A line with its name in front; further lines of it are below. */
const line = (name: string, text: string): string => `${name.padEnd(NAME)} ${text}`

const head: Section = ({ projects, success, from, until }) => {
  const when = from === null || until === null ? "" : `, ${day(from)} to ${day(until)}`
  return [
    `${projects.map((name) => oneLine(name)).join(", ") || "no runs"}: ${plural(success.runs, "run")}${when}`,
  ]
}

function reached(share: number | null, goal: number): string {
  if (share === null) return ""
  return share >= goal ? ", goal reached" : `, below the goal of ${percent(goal)}`
}

const success: Section = ({ success: { runs, passed, code, infrastructure, rate: of, goal, green } }) => {
  if (runs === 0) return []
  return [
    line("success", `${rate(of)} of the runs that found nothing wrong with the code${reached(of, goal)}`),
    line(
      "",
      `${passed} passed, ${code} failed by the code, ${infrastructure} ended without a verdict; ${rate(green)} green`,
    ),
  ]
}

const main: Section = ({ main }) => {
  if (main === null) return []
  const { branch, breaks, red, redSince } = main
  const mended = red === null ? "" : `, green again after ${longTime(red.median)} (median)`
  const now = redSince === null ? "" : `, red since ${day(redSince)}`
  return [line("branch", `${oneLine(branch)} went red ${plural(breaks, "time")}${mended}${now}`)]
}

const remembered: Section = ({ remembered: { stages, share } }) =>
  stages === 0 ? [] : [line("remembered", `${rate(share)} of ${plural(stages, "stage")}`)]

const cost: Section = ({ cost }) => {
  if (cost === null) return []
  const { currency, perRun, unpriced } = cost
  const missing = Object.entries(unpriced).map(
    ([vendor, runs]) => `no price of ${vendor} (${plural(runs, "run")})`,
  )
  const priced =
    perRun === null
      ? []
      : [`${money(perRun.sum / perRun.count, currency)} a run, ${money(perRun.sum, currency)} in all`]
  return [line("cost", [...priced, ...missing].join("; "))]
}

/** `+ 12.0 s in 30 days; 1.0 s → 3.2 s on 2026-01-31` */
export const changesText = ({ trend, changes }: Duration): string =>
  [
    ...(trend === null ? [] : [`${signed(trend)} in 30 days`]),
    ...changes.map(({ at, before, after }) => `${duration(before)} → ${duration(after)} on ${day(at)}`),
  ].join("; ")

const durations: Section = ({ durations }) => {
  if (durations.length === 0) return []
  const shown = durations.slice(0, SHOWN)
  const width = Math.max(NAME, ...shown.map(({ name }) => name.length))
  const row = (name: string, ...cells: readonly string[]) =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(13))].join(" ")
  return [
    "",
    row("duration", "median", "95 % below"),
    ...shown.map((one) =>
      `${row(one.name, duration(one.spread.median), duration(one.spread.p95))}  ${changesText(one)}`.trimEnd(),
    ),
    ...more(durations.length - shown.length, "stage"),
  ]
}

function more(count: number, what: string): readonly string[] {
  const left = plural(count, `more ${what}`)
  return count > 0 ? [`… and ${left}`] : []
}

const flaky: Section = ({ flaky }) =>
  flaky.length === 0
    ? []
    : [
        "",
        plural(flaky.length, "flaky test"),
        ...flaky.slice(0, SHOWN).map(({ stage, suite, name, file, owners, times, ofRuns, since }) => {
          const who = owners.length === 0 ? "no owner" : owners.join(" ")
          const test = oneLine(testTitle({ suite, name }), 100)
          const where = file === null ? oneLine(stage) : oneLine(file)
          return `  ${test}  ${where}  ${times} of ${plural(ofRuns, "run")} since ${day(since)}  ${who}`
        }),
        ...more(flaky.length - SHOWN, "flaky test"),
      ]

const middle = (spread: Spread | null): string => (spread === null ? "unknown" : longTime(spread.median))

const notRecovered = (count: number): string => (count > 0 ? `; ${count} not recovered` : "")

const deployments: Section = ({ deployments }) =>
  deployments.length === 0
    ? ["", "no deployments in the evidence"]
    : deployments.flatMap((dora) => [
        "",
        `deployments to ${oneLine(dora.environment)}: ${dora.deployments}, ${dora.perWeek.toFixed(1)} a week`,
        line("failures", `${rate(dora.changeFailureRate)} of changes (${dora.failed})`),
        line("recovery", `${middle(dora.recovery)} (median)${notRecovered(dora.unrecovered)}`),
        line("lead time", `${middle(dora.leadTime)} (median), from the commit to its release`),
      ])

const SECTIONS: readonly Section[] = [head, success, main, remembered, cost, durations, flaky, deployments]

/** Writes the largest savings for a terminal. */
export function savingsText({ savings, from, until, days, success: { runs } }: Metrics): string {
  if (savings.length === 0) return `nothing to save is found in ${plural(runs, "run")}\n`
  const when = from === null || until === null ? "" : `, ${day(from)} to ${day(until)}`
  return [
    `${plural(runs, "run")} in ${plural(Math.round(days), "day")}${when}`,
    ...savings.flatMap(({ kind, ms, what, fix }, index) => [
      `${index + 1}. ${longTime(ms)} of ${kind === "waiting" ? "waiting" : "machine time"}: ${oneLine(what, 400)}`,
      `   → ${fix}`,
    ]),
    "",
  ].join("\n")
}
