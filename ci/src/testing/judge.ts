import { plural } from "../formats/figures.js"
import { readJunit } from "../formats/junit.js"
import { anyOf } from "../formats/pattern.js"
import { readTap } from "../formats/tap.js"
import { causeLine } from "../run/cause-line.js"
import { contradicted, fromCommand } from "../run/outcome.js"
import type { TestCase } from "../run/result.js"
import { type Ran, type StageResult, WORKDIR } from "../run/stage.js"
import { type ToolRun, toolRuns } from "../tools/hook.js"

/** The step that brings the database to the app's schema. */
export const MIGRATE = "migrate"

/** The messages of vitest and jest, of nyc and of pytest for a missed coverage gate. */
export const OWN_GATE =
  /^.*coverage.*(?:does not meet|threshold.*not met).*$|^.*Required test coverage of .* not reached.*$/im

/** How runners say that they found no test. */
const FOUND_NONE =
  /^\W*(?:No tests? (?:files? )?found|Error: No test files found|Couldn't find any files to test)/im

/** How runners that leave no report say that no test ran, and how they count those that did. */
const COUNTED_NONE = anyOf(
  [/^\W*0 (?:passing|specs?|tests?)\b/, /^\W*(?:tests|Total:) +0\b/, /^\W*(?:No specs found|Ran 0 tests)/],
  "im",
)
const COUNTED_SOME = anyOf(
  [/\b[1-9]\d* (?:passing|failing|passed|specs?|tests?)\b/, /\b(?:pass|passed|total|tests?):? +[1-9]/],
  "i",
)

const ranNone = (log: string): boolean =>
  (FOUND_NONE.test(log) || COUNTED_NONE.test(log)) && !COUNTED_SOME.test(log)

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
  const read = readReports(toolRuns(ran.reports), FOUND_NONE.test(ran.log.text))
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
  if (read.reports > 0)
    return tests.some(({ verdict }) => verdict === "passed") ? outcome : noneRan(outcome, hasTests)
  if (withoutTests !== null)
    return { ...outcome, summary: `exit code 0 (the script runs no tests: ${withoutTests})` }
  return ranNone(ran.log.text) ? noneRan(outcome, hasTests) : outcome
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

/** Readers of reports, by the name of their files. */
const READERS: Readonly<Record<string, (text: string) => readonly TestCase[]>> = {
  "junit.xml": readJunit,
  "output.tap": readTap,
}

/** @param foundNone whether a runner said that it found no test: vitest leaves an empty report then. */
function readReports(runs: readonly ToolRun[], foundNone: boolean): Reports {
  const found = runs.flatMap(({ folder, files }) =>
    Object.entries(READERS).flatMap(([name, read]) => {
      const text = files[name]
      if (text === undefined) return []
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

/** `131 tests in 4 shards, 2 skipped, 1 flaky: opens at nine` */
export function summary(tests: readonly TestCase[], where = ""): string {
  if (tests.length === 0) return "exit code 0 (unknown test runner: tests are not counted)"
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
