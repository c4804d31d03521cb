import { clean, inert, oneLine, truncate } from "../formats/clean.js"
import { duration, plural } from "../formats/figures.js"
import { excerpt } from "../run/cause-line.js"
import { reuseText } from "../run/origin.js"
import type { RunRecord, StageRecord, TestCase, Verdict } from "../run/result.js"
import { stageMs } from "../run/times.js"
import { causes, facts, place, remainder } from "./findings.js"
import { VERDICTS } from "./labels.js"
import { failedTests, flakyTests, needsLog, redStages, testTitle, toolsNotRun } from "./stages.js"
import { totalsLine } from "./totals.js"

const WIDTH = 160
const NAME_WIDTH = 48
const UNCHECKED_WIDTH = 320
const SHOWN = {
  stages: 6,
  tests: 5,
  messageLines: 4,
  findings: 5,
  logLines: 12,
  looked: 3,
  flaky: 5,
  unchecked: 12,
} as const

const SGR = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33" } as const
type Style = keyof typeof SGR
type Paint = (text: string, ...styles: readonly Style[]) => string

const STYLE: Readonly<Record<Verdict, Style>> = {
  passed: "green",
  failed: "red",
  errored: "yellow",
  skipped: "dim",
}

const colour: Paint = (text, ...styles) =>
  text === "" ? "" : `\u001b[${styles.map((style) => SGR[style]).join(";")}m${text}\u001b[0m`
const plain: Paint = (text) => text

const line = (text: string): string => inert(oneLine(text, WIDTH))

/** Prefixes each line of foreign text: GitHub runs `::command::` at the start of a line. */
const quoted = (lines: readonly string[], paint: Paint): readonly string[] =>
  lines.map((text) =>
    `    ${paint("│", "dim")} ${truncate(inert(text.replaceAll("\t", "  ")), WIDTH)}`.trimEnd(),
  )

const more = (all: number, shown: number, what: string): readonly string[] =>
  all > shown ? [`    … and ${all - shown} more ${what}`] : []

function messageLines(message: string | null): readonly string[] {
  const lines = clean(message ?? "").split("\n")
  return lines.filter((text) => text.trim() !== "" && !/^\s+at\s/.test(text)).slice(0, SHOWN.messageLines)
}

function testLines(test: TestCase, paint: Paint): readonly string[] {
  const name = line(testTitle(test))
  const file = test.file === null ? "" : `  ${paint(line(test.file), "dim")}`
  return [`    ${paint("✗", "red")} ${name}${file}`, ...quoted(messageLines(test.message), paint)]
}

function findingLines(stage: StageRecord, paint: Paint): readonly string[] {
  const shown = causes(stage).slice(0, SHOWN.findings)
  const rest = remainder(stage, shown.length)
  return [
    ...shown.flatMap((finding) => {
      const known = facts(finding).join(" · ")
      const text = [place(finding), finding.rule, finding.message].filter(Boolean).join("  ")
      return [`    • ${line(text)}`, ...(known === "" ? [] : [paint(`      ${line(known)}`, "dim")])]
    }),
    ...(rest === "" ? [] : [`    … and ${rest}`]),
  ]
}

function details(stage: StageRecord, paint: Paint): readonly string[] {
  const tests = failedTests(stage)
  const log = needsLog(stage) ? excerpt(stage.log.text, SHOWN.logLines) : []
  return [
    ...tests.slice(0, SHOWN.tests).flatMap((test) => testLines(test, paint)),
    ...more(tests.length, SHOWN.tests, "failed tests"),
    ...findingLines(stage, paint),
    ...quoted(log, paint),
  ]
}

function cause(stage: StageRecord, index: number, paint: Paint): readonly string[] {
  const { symbol, word } = VERDICTS[stage.verdict]
  const head = paint(`${symbol} ${line(stage.name)} ${word}`, STYLE[stage.verdict], "bold")
  return [`${head}: ${line(stage.summary)}`, ...(index < SHOWN.stages ? details(stage, paint) : []), ""]
}

const shortName = (stage: StageRecord): string => truncate(line(stage.name), NAME_WIDTH)

interface Widths {
  readonly name: number
  readonly time: number
}

const timeOf = (stage: StageRecord): string => {
  const ms = stageMs(stage)
  return ms === null ? "" : duration(ms)
}

function stageLine(stage: StageRecord, width: Widths, paint: Paint): string {
  const style = STYLE[stage.verdict]
  const time = timeOf(stage).padStart(width.time)
  const words = stage.verdict === "errored" ? `errored: ${line(stage.summary)}` : line(stage.summary)
  const reuse = reuseText(stage)
  const columns = [
    `${paint(VERDICTS[stage.verdict].symbol, style)} ${shortName(stage).padEnd(width.name)}`,
    stage.cached ? paint(time, "dim") : time,
    stage.verdict === "skipped" ? paint(words, "dim") : words,
    ...(reuse === null ? [] : [paint(line(reuse), "dim")]),
  ]
  return columns.join("  ").trimEnd()
}

/** Lists the tools of a stage that did not run: a green stage must not hide them. */
function lookedLines(stage: StageRecord, paint: Paint): readonly string[] {
  const missing = toolsNotRun(stage)
  return [
    ...missing.slice(0, SHOWN.looked).map(({ tool, verdict, what }) => {
      const { symbol, word } = VERDICTS[verdict]
      const text = line(`${tool} ${word}: ${what}`)
      return paint(`    ${symbol} ${text}`, STYLE[verdict])
    }),
    ...more(missing.length, SHOWN.looked, "tools that did not run"),
  ]
}

function stageLines(run: RunRecord, paint: Paint): readonly string[] {
  const width = {
    name: Math.max(0, ...run.stages.map((stage) => shortName(stage).length)),
    time: Math.max(0, ...run.stages.map((stage) => timeOf(stage).length)),
  }
  return run.stages.flatMap((stage) => [stageLine(stage, width, paint), ...lookedLines(stage, paint)])
}

function flakyLines(run: RunRecord, paint: Paint): readonly string[] {
  const flaky = run.stages.flatMap((stage) => flakyTests(stage).map((test) => ({ stage, test })))
  if (flaky.length === 0) return []
  return [
    "",
    paint("flaky: failed, then passed when retried", "yellow"),
    ...flaky.slice(0, SHOWN.flaky).map(({ stage, test }) => {
      const text = line(`${testTitle(test)}  ${stage.name}`)
      return `    ${text}`
    }),
    ...more(flaky.length, SHOWN.flaky, "flaky tests"),
  ]
}

/** Lists what no stage checked: a green run must not hide it. */
function uncheckedLines({ unchecked = [] }: RunRecord, paint: Paint): readonly string[] {
  if (unchecked.length === 0) return []
  return [
    "",
    paint("not checked:", "yellow"),
    ...unchecked
      .slice(0, SHOWN.unchecked)
      .map(({ what, reason }) => oneLine(`${what}: ${reason}`, UNCHECKED_WIDTH))
      .map((text) => `    ${inert(text)}`),
    ...more(unchecked.length, SHOWN.unchecked, "that no stage checks"),
  ]
}

/** Says what of the store of results could not be used. */
function resultsLines({ results }: RunRecord, paint: Paint): readonly string[] {
  if (!results) return []
  const { warning, refused } = results
  if (warning !== null) return ["", paint(`results: ${line(warning)}`, "yellow")]
  if (refused.length === 0) return []
  return [
    "",
    paint(`results of ${line(results.store)} that do not verify, and were not used:`, "yellow"),
    ...refused
      .slice(0, SHOWN.unchecked)
      .map(({ stage, reason }) => line(`${stage}: ${reason}`))
      .map((text) => `    ${text}`),
    ...more(refused.length, SHOWN.unchecked, "results"),
  ]
}

function verdictLine(run: RunRecord, paint: Paint): string {
  const words = VERDICTS[run.verdict]
  const head = paint(`${words.symbol} ${line(run.project)} ${words.run}`, STYLE[run.verdict], "bold")
  return `${head}  ${totalsLine(run)}; ${duration(run.endedAt - run.startedAt)}`
}

/** Shows the head of the audit log: who keeps this line can detect a log that was cut off or rewritten. */
const auditLines = ({ audit }: RunRecord, paint: Paint): readonly string[] =>
  audit
    ? [paint(`audit log: ${plural(audit.entries, "entry", "entries")}, head ${line(audit.head)}`, "dim")]
    : []

/**
 * Writes the summary for a terminal: causes of red stages first, then one line per stage with the tools that did not
 * run, flaky tests, and last the verdict. No line feed at the end.
 *
 * @param options.color whether to use ANSI colours; they carry no information of their own
 */
export function summaryText(run: RunRecord, options: { readonly color: boolean }): string {
  const paint = options.color ? colour : plain
  const why = redStages(run).flatMap((stage, index) => cause(stage, index, paint))
  return [
    ...why,
    ...stageLines(run, paint),
    ...flakyLines(run, paint),
    ...uncheckedLines(run, paint),
    ...resultsLines(run, paint),
    "",
    ...auditLines(run, paint),
    verdictLine(run, paint),
  ].join("\n")
}
