import { plural } from "../formats/figures.js"
import { readJunit } from "../formats/junit.js"
import { anyOf } from "../formats/pattern.js"
import { isTap, readTap } from "../formats/tap.js"
import { causeLine } from "../run/cause-line.js"
import { contradicted, fromCommand } from "../run/outcome.js"
import type { TestCase } from "../run/result.js"
import { type Ran, type StageResult, WORKDIR } from "../run/stage.js"
import { type ToolRun, toolRuns } from "../tools/hook.js"
import { printedTests, printedText } from "./printed.js"

/** The step that brings the database to the app's schema. */
export const MIGRATE = "migrate"

/** The messages of vitest and jest, of nyc and of pytest for a missed coverage gate. */
export const OWN_GATE =
  /^.*coverage.*(?:does not meet|threshold.*not met).*$|^.*Required test coverage of .* not reached.*$/im

/** How runners say that they found no test. */
const FOUND_NONE = anyOf(
  [
    /^\W*(?:No tests? (?:files? )?found|Error: No test files found|Couldn't find any files to test)/,
    /^\W*(?:No specs found|Ran 0 tests|NO TESTS EXECUTED|Tests +no tests)/,
  ],
  "im",
)

/** How programs count tests that ran, whatever they are. */
const COUNTED_SOME = anyOf(
  [/\b[1-9]\d* (?:passing|failing|passed|specs?|tests?)\b/, /\b(?:pass|passed|total|tests?):? +[1-9]/],
  "i",
)

/** What is known of a suite before it runs. */
export interface Expected {
  /** Whether its script starts a runner that writes a report. */
  readonly reports: boolean
  /** Whether its package has files that look like tests. */
  readonly hasTests: boolean
  /** The programs of a script that runs no test; null or absent where it may run some. */
  readonly withoutTests?: string | null
}

/** Judges a test command by its exit code and its reports, which must show that tests ran. */
export function judge(ran: Ran, { reports, hasTests, withoutTests = null }: Expected): StageResult {
  const runs = toolRuns(ran.reports)
  const read = readReports(runs, FOUND_NONE.test(ran.log.text))
  const { tests } = read
  const failed = tests.filter(({ verdict }) => verdict === "failed").length
  const outcome = fromCommand(ran, {
    passed: summary(tests),
    failed: failed > 0 ? `${failed} of ${plural(tests.length, "test")} failed` : null,
    findings: [],
    tests,
  })
  if (ran.failed?.name === MIGRATE)
    return {
      ...outcome,
      verdict: "failed",
      cause: ran.failed.timedOut ? "timed-out" : "migration",
      summary: `a migration failed: ${causeLine(ran.log.text) ?? "no output"}`,
    }
  if (outcome.cause === "failed" && failed === 0) return withoutFailed(outcome, ran.log.text, hasTests)
  if (outcome.verdict !== "passed") return outcome
  if (read.problem && (reports || read.reports > 0))
    return {
      ...outcome,
      verdict: "errored",
      cause: "errored",
      summary: `the tests passed, but their report is unreadable: ${read.problem}`,
    }
  if (failed > 0) return contradicted(outcome, failed)
  if (read.reports > 0 && !tests.some(({ verdict }) => verdict === "passed"))
    return noneRan(outcome, hasTests)
  if (read.reports > 0) return hidden(outcome, runs)
  if (withoutTests !== null)
    return { ...outcome, summary: `exit code 0 (the script runs no tests: ${withoutTests})` }
  return byOutput(outcome, ran.log.text, hasTests)
}

/** What a report has for each test. */
const ANY_TEST = /<testcase\b|^ *ok\b/m

/** A pipe behind a runner, or `|| true`, hides that it crashed: the tests that it ran before have passed. */
function hidden(outcome: StageResult, runs: readonly ToolRun[]): StageResult {
  const ended = runs.filter(({ files }) => ANY_TEST.test(`${files["junit.xml"] ?? ""}\n${files[TAP] ?? ""}`))
  const exit = ended.flatMap(({ files }) => files.exit?.trim() || [])[0]
  if (exit === undefined) return outcome
  const summary = `no test failed, but a test runner ended with ${exit}, though the script exits with code 0`
  return { ...outcome, verdict: "failed", cause: "failed", summary }
}

/** Judges a command that succeeded and left no report, by what it printed. */
function byOutput(outcome: StageResult, log: string, hasTests: boolean): StageResult {
  const printed = printedTests(log)
  if (printed !== null && printed.failed > 0)
    return contradicted(outcome, printed.failed, printed.passed + printed.failed)
  const isNone = printed === null ? FOUND_NONE.test(log) : printed.passed === 0
  if (isNone && !COUNTED_SOME.test(log)) return noneRan(outcome, hasTests)
  return printed === null || printed.passed === 0 ? outcome : { ...outcome, summary: printedText(printed) }
}

/** Judges a command that failed, while none of its tests did. */
function withoutFailed(outcome: StageResult, log: string, hasTests: boolean): StageResult {
  if (outcome.tests.length === 0) return FOUND_NONE.test(log) ? noneRan(outcome, hasTests) : outcome
  const gate = OWN_GATE.exec(log)?.[0]
  return gate
    ? { ...outcome, cause: "coverage", summary: gate.trim() }
    : { ...outcome, summary: `no test failed, but ${outcome.summary}` }
}

/** The summary of a command that ran no test. */
export const NO_TEST = "no test ran"

/** A package without tests has nothing to run; one with tests that none ran is red. */
const noneRan = (outcome: StageResult, hasTests: boolean): StageResult =>
  hasTests || outcome.tests.length > 0
    ? { ...outcome, verdict: "failed", cause: "failed", summary: NO_TEST }
    : { ...outcome, verdict: "skipped", cause: null, summary: "no test files" }

/** A path of a source file: some runners use it as the suite's name and name no file. */
const FILE = /^[^\s:]+\.(?:[cm]?[jt]sx?|py)$/

/** Some runners name files by their path in the container, others relative to where they run. */
function fileOf({ file: named, suite }: TestCase, folder: string): string | null {
  const file = (named ?? (FILE.test(suite) ? suite : null))?.replace(/^\.\//, "") ?? null
  if (file === null) return null
  if (file.startsWith(`${WORKDIR}/`)) return file.slice(WORKDIR.length + 1)
  return folder === "" ? file : `${folder}/${file}`
}

interface Reports {
  readonly tests: readonly TestCase[]
  /** How many there are. */
  readonly reports: number
  readonly problem: string | null
}

/** What a runner that prints TAP printed: another format where its settings say so. */
const TAP = "output.tap"

/** Readers of reports, by the name of their files. */
const READERS: Readonly<Record<string, (text: string) => readonly TestCase[]>> = {
  "junit.xml": readJunit,
  [TAP]: readTap,
}

/** @param foundNone whether a runner said that it found no test: vitest leaves an empty report then. */
function readReports(runs: readonly ToolRun[], foundNone: boolean): Reports {
  const found = runs.flatMap(({ folder, files }) =>
    Object.entries(READERS).flatMap(([name, read]) => {
      const text = files[name]
      if (text === undefined || (name === TAP && !isTap(text))) return []
      return foundNone && text.trim() === ""
        ? [{ tests: [], problem: null }]
        : [readReport(text, read, folder)]
    }),
  )
  const missing = found.length === 0 ? "missing, or larger than 40 MB" : null
  return {
    tests: found.flatMap(({ tests }) => tests),
    reports: found.length,
    problem: found.find(({ problem }) => problem !== null)?.problem ?? missing,
  }
}

function readReport(text: string, read: (text: string) => readonly TestCase[], folder: string) {
  try {
    const tests = read(text).map((test) => ({ ...test, file: fileOf(test, folder) }))
    return { tests, problem: null }
  } catch (error) {
    return { tests: [], problem: error instanceof Error ? error.message : String(error) }
  }
}

const NAMED = 3

/** `1 flaky: opens at nine`; nothing for no test. */
function named(what: string, tests: readonly TestCase[]): readonly string[] {
  const names = tests.slice(0, NAMED).map(({ name }) => name)
  const more = tests.length > NAMED ? `, and ${tests.length - NAMED} more` : ""
  return tests.length === 0 ? [] : [`${tests.length} ${what}: ${names.join(", ")}${more}`]
}

/** The summary of a command that succeeded and did not say how many tests it ran. */
const UNCOUNTED = "exit code 0 (the script prints no count of tests)"

/**
 * Names tests that nobody counted as not checked: a program may end well without having started one.
 *
 * @param tests what they are called: `the tests of the script test`.
 */
export const withUncounted = (result: StageResult, tests: string): StageResult =>
  result.verdict === "passed" && result.summary === UNCOUNTED
    ? {
        ...result,
        unchecked: [
          ...(result.unchecked ?? []),
          {
            what: tests,
            reason: "the script succeeded, but neither reports nor counts them: nobody knows which ran",
          },
        ],
      }
    : result

/** `131 tests in 4 shards, 2 skipped, 1 flaky: opens at nine` */
export function summary(tests: readonly TestCase[], where = ""): string {
  if (tests.length === 0) return UNCOUNTED
  const aside = tests.filter((test) => test.quarantined)
  const skipped = tests.filter((test) => test.verdict === "skipped").length - aside.length
  return [
    `${plural(tests.length - skipped, "test")}${where}`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...named(
      "flaky",
      tests.filter((test) => test.flaky),
    ),
    ...named("failed and set aside", aside),
  ].join(", ")
}
