import { dag } from "@dagger.io/dagger"
import type { Step } from "../../../ci/src/run/result.js"
import type { Ran } from "../../../ci/src/run/stage.js"
import type { Expected } from "../../../ci/src/testing/judge.js"
import { step } from "../report/builders.js"

/** A command that ran: the step that failed, the reports by path or in their order, and the log. */
export function ran(
  failed: Step | null,
  reports: Readonly<Record<string, string>> | readonly string[] = {},
  log = "",
): Ran {
  return {
    steps: failed ? [failed] : [step("tests", "npm run test", 0, 1)],
    failed,
    log: { text: log, lines: log.split("\n").length },
    reports: Object.fromEntries(Object.entries(reports)),
    container: dag.container(),
    fullLog: dag.directory().file("log"),
  }
}

/** Where the hook leaves the report of a runner, and the folder that it ran in. */
export const REPORT = "/slipway/runs/1-1/junit.xml"
export const FOLDER = "/slipway/runs/1-1/cwd"

/** A suite whose runner is known and whose package has tests. */
export const KNOWN: Expected = { reports: true, hasTests: true }

/** A JUnit report of some test cases. */
export const report = (...cases: string[]) =>
  `<testsuites><testsuite name="s">${cases.join("")}</testsuite></testsuites>`

export const PASS = '<testcase name="a"/>'
export const FAIL = '<testcase name="b"><failure>no</failure></testcase>'
export const SKIP = '<testcase name="c"><skipped/></testcase>'

/** A step of five seconds that failed. */
export const bad = (exitCode: number, more: Partial<Step> = {}) =>
  step("tests", "npm run test", 0, 5, { exitCode, ...more })
