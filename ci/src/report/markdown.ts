import { clean, escapeHtml, oneLine, truncate } from "../formats/clean.js"
import { duration, plural } from "../formats/figures.js"
import { excerpt } from "../run/cause-line.js"
import { reuseText } from "../run/origin.js"
import type { Finding, RunRecord, StageRecord, TestCase } from "../run/result.js"
import { stageMs } from "../run/times.js"
import { causes, facts, place, remainder } from "./findings.js"
import { VERDICTS } from "./labels.js"
import { failedTests, flakyTests, needsLog, redStages, toolsNotRun } from "./stages.js"
import { timeline } from "./timeline.js"
import { totalsLine } from "./totals.js"

/** GitHub rejects a summary page of more than 1 MiB, and others cut long ones. */
const SHOWN = {
  stages: 20,
  tests: 10,
  message: 1000,
  findings: 20,
  logLines: 30,
  logLine: 300,
  looked: 20,
  flaky: 20,
  unchecked: 20,
} as const

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" }

/** Escapes a text for one line of Markdown, in a paragraph or in a table cell. */
export function escapeMarkdown(text: string): string {
  return oneLine(text).replace(/[\\`*_[\]|~#$&<>]/g, (char) => ENTITIES[char] ?? `\\${char}`)
}

const longestRun = (text: string): number =>
  Math.max(0, ...(text.match(/`+/g) ?? []).map((backticks) => backticks.length))

/** Makes a code span of any text, also for a table cell, where GFM needs `|` escaped even in code. */
export function codeSpan(text: string): string {
  const line = oneLine(text).replaceAll("|", "\\|")
  const fence = "`".repeat(longestRun(line) + 1)
  const pad = line.startsWith("`") || line.endsWith("`") || line === "" ? " " : ""
  return `${fence}${pad}${line}${pad}${fence}`
}

/** Makes a fenced block of any text, as lines. */
function codeBlock(lines: readonly string[]): readonly string[] {
  const fence = "`".repeat(Math.max(3, longestRun(lines.join("\n")) + 1))
  return [`${fence}text`, ...lines, fence]
}

function stageRow(stage: StageRecord): string {
  const ms = stageMs(stage)
  const { symbol, title } = VERDICTS[stage.verdict]
  const reuse = reuseText(stage)
  const summary = [
    escapeMarkdown(stage.summary),
    ...(reuse === null ? [] : [`*${escapeMarkdown(reuse)}*`]),
  ].join(" · ")
  return `| ${symbol} ${title} | ${codeSpan(stage.name)} | ${summary} | ${ms === null ? "" : duration(ms)} |`
}

function testItem(test: TestCase): readonly string[] {
  const name = [test.suite, test.name].filter((part) => part !== "").map(escapeMarkdown)
  const file = test.file === null ? "" : ` ${codeSpan(test.file)}`
  const message = truncate(clean(test.message ?? "").trim(), SHOWN.message)
  return [
    `**${name.join(" › ")}**${file}`,
    "",
    ...(message === "" ? [] : [...codeBlock(message.split("\n")), ""]),
  ]
}

function findingItem(finding: Finding): string {
  const where = place(finding)
  const at = where === "" ? "" : `${codeSpan(where)} `
  const known = facts(finding).map((fact) => ` · ${escapeMarkdown(fact)}`)
  return `- ${at}${escapeMarkdown(finding.rule)} (${finding.severity}): ${escapeMarkdown(finding.message)}${known.join("")}`
}

const more = (all: number, shown: number, what: string): readonly string[] =>
  all > shown ? [`… and ${all - shown} more ${what}.`, ""] : []

function logBlock(stage: StageRecord): readonly string[] {
  const lines = needsLog(stage) ? excerpt(stage.log.text, SHOWN.logLines) : []
  return lines.length === 0 ? [] : [...codeBlock(lines.map((text) => truncate(text, SHOWN.logLine))), ""]
}

function details(stage: StageRecord): readonly string[] {
  const { symbol, word } = VERDICTS[stage.verdict]
  const tests = failedTests(stage)
  const findings = causes(stage).slice(0, SHOWN.findings).map(findingItem)
  const rest = remainder(stage, findings.length)
  return [
    "<details open>",
    `<summary>${symbol} <strong>${escapeHtml(oneLine(stage.name))}</strong> ${word}: ${escapeHtml(oneLine(stage.summary))}</summary>`,
    "",
    ...tests.slice(0, SHOWN.tests).flatMap(testItem),
    ...more(tests.length, SHOWN.tests, "failed tests"),
    ...(findings.length === 0 ? [] : [...findings, ""]),
    ...(rest === "" ? [] : [`… and ${rest}.`, ""]),
    ...logBlock(stage),
    "</details>",
    "",
  ]
}

/** Makes a list of the first items with a heading; nothing for an empty list. */
const listed = (heading: string, items: readonly string[], shown: number, what: string): readonly string[] =>
  items.length === 0
    ? []
    : [`**${heading}**`, "", ...items.slice(0, shown), "", ...more(items.length, shown, what)]

/** Lists the tools that did not run, in green stages too. */
function lookedItems(stage: StageRecord): readonly string[] {
  return toolsNotRun(stage).map(({ tool, verdict, what }) => {
    const { symbol, word } = VERDICTS[verdict]
    return `- ${symbol} ${codeSpan(tool)} in ${codeSpan(stage.name)} ${word}: ${escapeMarkdown(what)}`
  })
}

const uncheckedItem = ({ what, reason }: NonNullable<RunRecord["unchecked"]>[number]): string =>
  `- ${codeSpan(what)}: ${escapeMarkdown(reason)}`

const flakyItems = (stage: StageRecord): readonly string[] =>
  flakyTests(stage).map((test) => {
    const name = [test.suite, test.name].filter((part) => part !== "").map(escapeMarkdown)
    return `- ${name.join(" › ")} in ${codeSpan(stage.name)}`
  })

function pathLine(run: RunRecord): readonly string[] {
  const { names, ms } = timeline(run).chain
  return names.length < 2 ? [] : [`Critical path: ${names.map(codeSpan).join(" → ")}, ${duration(ms)}.`, ""]
}

/** Writes the summary page for a CI vendor, in GitHub-flavoured Markdown: verdict, failures, stages. */
export function summaryMarkdown(run: RunRecord): string {
  const { symbol, run: words } = VERDICTS[run.verdict]
  const red = redStages(run)
  const { audit } = run
  return [
    `## ${symbol} ${escapeMarkdown(run.project)} ${words}`,
    "",
    `${totalsLine(run)}; ${duration(run.endedAt - run.startedAt)}; exit code ${run.exitCode}.`,
    "",
    ...red.slice(0, SHOWN.stages).flatMap(details),
    ...more(red.length, SHOWN.stages, "red stages"),
    "| Result | Stage | Summary | Duration |",
    "| :-- | :-- | :-- | --: |",
    ...run.stages.map(stageRow),
    "",
    ...listed("Did not run", run.stages.flatMap(lookedItems), SHOWN.looked, "tools"),
    ...listed(
      "Not checked",
      (run.unchecked ?? []).map(uncheckedItem),
      SHOWN.unchecked,
      "that no stage checks",
    ),
    ...(run.results?.warning ? [`Results: ${escapeMarkdown(run.results.warning)}.`, ""] : []),
    ...listed(
      "Results that do not verify, and were not used",
      (run.results?.refused ?? []).map(
        ({ stage, reason }) => `- ${codeSpan(stage)}: ${escapeMarkdown(reason)}`,
      ),
      SHOWN.unchecked,
      "results",
    ),
    ...listed("Flaky: failed, then passed", run.stages.flatMap(flakyItems), SHOWN.flaky, "flaky tests"),
    ...pathLine(run),
    ...(audit
      ? [`Audit log: ${plural(audit.entries, "entry", "entries")}, head ${codeSpan(audit.head)}.`, ""]
      : []),
  ].join("\n")
}
