import { plural } from "../formats/figures.js"
import { readJunit } from "../formats/junit.js"
import { causeLine } from "../run/cause-line.js"
import { contradicted, fromCommand } from "../run/outcome.js"
import type { TestCase } from "../run/result.js"
import { type Ran, type StageResult, WORKDIR } from "../run/stage.js"
import { REPORT } from "./runners.js"

/** The step that brings the database to the app's schema. */
export const MIGRATE = "migrate"

/** The message of vitest and jest for a missed coverage gate. */
const OWN_GATE = /^.*coverage.*(?:does not meet|threshold.*not met).*$/im

/**
 * Judges a test command by its exit code and its report, which must show that tests ran.
 *
 * @param reports whether its runner writes a report.
 * @param folder where it ran, relative to the project.
 */
export function judge(ran: Ran, reports: boolean, folder: string): StageResult {
  const read = readReport(ran.reports[REPORT])
  const tests = read.tests.map((test) => ({ ...test, file: fileOf(test, folder) }))
  const failed = tests.filter((test) => test.verdict === "failed").length
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
  if (outcome.cause === "failed" && failed === 0) {
    const gate = tests.length > 0 ? OWN_GATE.exec(ran.log.text)?.[0] : undefined
    return gate ? { ...outcome, cause: "coverage", summary: gate.trim() } : outcome
  }
  if (outcome.verdict !== "passed" || !reports) return outcome
  if (read.problem)
    return {
      ...outcome,
      verdict: "errored",
      cause: "errored",
      summary: `the tests passed, but their report is unreadable: ${read.problem}`,
    }
  if (failed > 0) return contradicted(outcome, failed)
  const looked = tests.some((test) => test.verdict === "passed")
  return looked ? outcome : { ...outcome, verdict: "failed", cause: "failed", summary: NO_TEST }
}

/** The summary of a command that ran no test. */
export const NO_TEST = "no test ran"

/** A path of a source file: some runners use it as the suite's name and name no file. */
const FILE = /^[^\s:]+\.(?:[cm]?[jt]sx?|py)$/

/** Some runners name files by their path in the container, others relative to where they run. */
function fileOf({ file: named, suite }: TestCase, folder: string): string | null {
  const file = named ?? (FILE.test(suite) ? suite : null)
  if (file === null) return null
  if (file.startsWith(`${WORKDIR}/`)) return file.slice(WORKDIR.length + 1)
  return folder === "" ? file : `${folder}/${file}`
}

function readReport(xml: string | undefined): {
  readonly tests: readonly TestCase[]
  readonly problem: string | null
} {
  if (xml === undefined) return { tests: [], problem: "missing, or larger than 40 MB" }
  try {
    return { tests: readJunit(xml), problem: null }
  } catch (error) {
    return { tests: [], problem: error instanceof Error ? error.message : String(error) }
  }
}

const FLAKY_SHOWN = 3

/** `131 tests in 4 shards, 2 skipped, 1 flaky: opens at nine` */
export function summary(tests: readonly TestCase[], where = ""): string {
  if (tests.length === 0) return "exit code 0 (unknown test runner: tests are not counted)"
  const skipped = tests.filter((test) => test.verdict === "skipped").length
  const flaky = tests.filter((test) => test.flaky)
  const names = flaky.slice(0, FLAKY_SHOWN).map(({ name }) => name)
  const more = flaky.length > FLAKY_SHOWN ? `, and ${flaky.length - FLAKY_SHOWN} more` : ""
  return [
    `${plural(tests.length - skipped, "test")}${where}`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(flaky.length > 0 ? [`${flaky.length} flaky: ${names.join(", ")}${more}`] : []),
  ].join(", ")
}
