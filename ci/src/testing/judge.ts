import { plural } from "../formats/figures.js"
import { readJunit } from "../formats/junit.js"
import { causeLine } from "../run/cause-line.js"
import { contradicted, fromCommand } from "../run/outcome.js"
import type { TestCase } from "../run/result.js"
import { type Ran, type StageResult, WORKDIR } from "../run/stage.js"
import { REPORT } from "./runners.js"

/** The step that brings the database to the app's schema. */
export const MIGRATE = "migrate"

/** A runner's own gate, as vitest and jest say that it was missed. */
const OWN_GATE = /^.*coverage.*(?:does not meet|threshold.*not met).*$/im

/**
 * The outcome of a test command: by its exit code and its report, which must agree that something was tested.
 *
 * @param reports whether its runner writes a report.
 * @param folder that it ran in, relative to the project.
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
      summary: `the tests passed, but their report cannot be read: ${read.problem}`,
    }
  if (failed > 0) return contradicted(outcome, failed)
  const looked = tests.some((test) => test.verdict === "passed")
  return looked ? outcome : { ...outcome, verdict: "failed", cause: "failed", summary: NO_TEST }
}

/** What is said of a command that ran no test. */
export const NO_TEST = "no test ran"

/** A path of a source file: what some runners call the suite, and name no file beside it. */
const FILE = /^[^\s:]+\.(?:[cm]?[jt]sx?|py)$/

/** Some runners name files as they lie in the container, others from the folder that they run in. */
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
  if (xml === undefined) return { tests: [], problem: "the runner wrote none, or one of more than 40 MB" }
  try {
    return { tests: readJunit(xml), problem: null }
  } catch (error) {
    return { tests: [], problem: error instanceof Error ? error.message : String(error) }
  }
}

const FLAKY_SHOWN = 3

/** `131 tests in 4 shards, 2 skipped, 1 flaky: opens at nine` */
export function summary(tests: readonly TestCase[], where = ""): string {
  if (tests.length === 0) return "exit code 0 (the runner is not known, so its tests are not counted)"
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
