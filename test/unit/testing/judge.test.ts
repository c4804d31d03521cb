import { describe, expect, test } from "vitest"
import type { Step } from "../../../ci/src/run/result.js"
import type { Ran } from "../../../ci/src/run/stage.js"
import { judge, withUncounted } from "../../../ci/src/testing/judge.js"
import { step } from "../report/builders.js"
import { bad, FAIL, FOLDER, KNOWN, PASS, REPORT, ran as ranWith, report, SKIP } from "./ran.js"

const ran = (failed: Step | null, xml: string | null, log = ""): Ran =>
  ranWith(failed, xml === null ? {} : { [FOLDER]: "/app/api", [REPORT]: xml }, log)

describe("a test command", () => {
  test.each<[string, Ran, object]>([
    [
      "passes with tests that pass",
      ran(null, report(PASS, PASS, SKIP)),
      { verdict: "passed", summary: "2 tests, 1 skipped" },
    ],
    [
      "fails by its tests",
      ran(bad(1), report(PASS, FAIL)),
      { verdict: "failed", cause: "failed", summary: "1 of 2 tests failed" },
    ],
    [
      "fails by its exit code alone",
      ran(bad(1), report(PASS), "TAP version 13\nok 1 - opens\n# opens › after hook\n1..1\n# fail 0\n"),
      { verdict: "failed", summary: "no test failed, but tests exited with code 1" },
    ],
    [
      "fails where it ran no test",
      ran(null, report()),
      { verdict: "failed", cause: "failed", summary: "no test ran" },
    ],
    [
      "fails by its report though its exit code is 0",
      ran(null, report(PASS, FAIL)),
      { verdict: "failed", summary: "1 of 2 tests failed, though the command exited with code 0" },
    ],
    [
      "fails by how its runner ended, which a pipe hides",
      ranWith(null, { [FOLDER]: "/app", [REPORT]: report(PASS), [REPORT.replace("junit.xml", "exit")]: "7" }),
      {
        verdict: "failed",
        summary: "no test failed, but a test runner ended with 7, though the script exits with code 0",
      },
    ],
    [
      "passes beside a runner that ended badly without a test",
      ranWith(null, { [FOLDER]: "/app", [REPORT]: report(PASS), "/slipway/runs/2-2/exit": "1" }),
      { verdict: "passed", summary: "1 test" },
    ],
    ["fails where it skipped all", ran(null, report(SKIP)), { verdict: "failed", summary: "no test ran" }],
    ["could not look without a report", ran(null, null), { verdict: "errored", cause: "errored" }],
    [
      "could not look with a broken report",
      ran(null, "<testsuites><"),
      { verdict: "errored", cause: "errored" },
    ],
    ["could not look with an empty report", ran(null, ""), { verdict: "errored", cause: "errored" }],
    [
      "passes beside a runner that found no test and left an empty report",
      ranWith(
        null,
        { [FOLDER]: "/app/api", [REPORT]: report(PASS), "/slipway/runs/2-2/junit.xml": "" },
        "No test files found, exiting with code 0\n",
      ),
      { verdict: "passed", summary: "1 test" },
    ],
    [
      "fails by its exit code though the report is broken",
      ran(bad(1), "<"),
      { verdict: "failed", cause: "failed" },
    ],
    [
      "fails by the gate that its runner has for coverage",
      ran(bad(1), report(PASS), "ERROR: Coverage for lines (40%) does not meet global threshold (80%)\n"),
      {
        cause: "coverage",
        summary: "ERROR: Coverage for lines (40%) does not meet global threshold (80%)",
      },
    ],
    [
      "timed out",
      ran(bad(124, { timedOut: true }), null),
      { verdict: "failed", cause: "timed-out", summary: "tests timed out after 5 s" },
    ],
    [
      "could not look where a command is missing",
      ran(bad(127), null, "sh: 1: vitest: not found\n"),
      { verdict: "errored", cause: "errored", summary: "tests: sh: 1: vitest: not found" },
    ],
  ])("%s", (_what, given, expected) => {
    expect(judge(given, KNOWN)).toMatchObject(expected)
  })

  test.each([
    ["  0 passing (1ms)\n", "failed"],
    ["TAP version 13\n\n1..0\n# tests 0\n# pass  0\n", "failed"],
    ["  Total:     0\n  Passed:    0\n", "failed"],
    ["Started\n\n\nNo specs found\n", "failed"],
    ["  0 passing (1ms)\n\n  3 passing (1ms)\n", "passed"],
    ["\n0 tests complete\nTest duration: 0 ms\n", "failed"],
    ["  Total:     0\n  Passed:    0\n  Skipped:   2\n", "failed"],
    ["done\n", "passed"],
  ])("of an unknown runner counts no tests, but none by its log: %j", (log, verdict) => {
    expect(judge(ran(null, null, log), { reports: false, hasTests: true }).verdict).toBe(verdict)
  })

  test.each([
    [
      "  Total:     3\n  Passed:    3\n  Skipped:   1\n",
      "passed",
      "3 tests, 1 skipped, by the output of the script",
    ],
    [
      "  Total:     3\n  Passed:    2\n  Skipped:   0\n",
      "failed",
      "1 of 3 tests failed, though the command exited with code 0",
    ],
    ["done\n", "passed", "exit code 0 (the script prints no count of tests)"],
  ])("that leaves no report is counted by what it prints: %j", (log, verdict, summary) => {
    const expected = { reports: false, hasTests: true }
    expect(judge(ran(null, null, log), expected)).toMatchObject({ verdict, summary })
  })

  test("that prints no TAP where its runner could is judged by what it prints", () => {
    const dots = ranWith(null, { [FOLDER]: "/app", "/slipway/runs/1-1/output.tap": "...\n" }, "...\n")
    expect(judge(dots, { reports: false, hasTests: true }).verdict).toBe("passed")
  })

  test("of linters alone passes, and says that no test ran", () => {
    const linters = { reports: false, hasTests: true, withoutTests: "eslint, tsc" }
    expect(judge(ran(null, null), linters)).toMatchObject({
      verdict: "passed",
      summary: "exit code 0 (the script runs no tests: eslint, tsc)",
    })
  })

  test.each([
    ["is named as not checked", "done\n", ["the tests of the script test"]],
    ["is not, where its output counts", "5 passing (2ms)\n", []],
  ])("whose tests nobody counted %s", (_, log, names) => {
    const judged = judge(ran(null, null, log), { reports: false, hasTests: true })
    const { unchecked = [] } = withUncounted(judged, "the tests of the script test")
    expect(unchecked.map(({ what }) => what)).toEqual(names)
  })

  test("of a runner that is not known counts by its exit code", () => {
    expect(judge(ran(null, null), { ...KNOWN, reports: false })).toMatchObject({ verdict: "passed" })
    expect(judge(ran(bad(2), null), { ...KNOWN, reports: false })).toMatchObject({ verdict: "failed" })
  })
})

describe("a package without test files", () => {
  const NONE = { reports: true, hasTests: false }

  test.each([
    ["that its runner accepts", ran(null, report())],
    ["that its runner calls a failure", ran(bad(1), report(), "No test files found, exiting with code 1\n")],
    ["that leaves an empty report", ran(null, "", "No test files found, exiting with code 0\n")],
    ["that jest calls a failure", ran(bad(1), report(), "No tests found, exiting with code 1\n")],
  ])("is skipped, %s", (_what, given) => {
    expect(judge(given, NONE)).toMatchObject({ verdict: "skipped", cause: null, summary: "no test files" })
    expect(judge(given, KNOWN)).toMatchObject({ verdict: "failed", summary: "no test ran" })
  })

  test("fails where its command fails for another reason", () => {
    expect(judge(ran(bad(1), report(), "Error: no such option\n"), NONE)).toMatchObject({ verdict: "failed" })
  })
})

test("several runners of one script are put together, each from its own folder", () => {
  const given = ranWith(null, {
    "/slipway/runs/9-2/cwd": "/app/web",
    "/slipway/runs/9-2/output.tap": "TAP version 14\nok 1 - b.test.js # time=5ms\n",
    "/slipway/runs/7-1/cwd": "/app",
    "/slipway/runs/7-1/junit.xml": report('<testcase name="a" file="a.test.js"/>'),
  })
  expect(judge(given, KNOWN).tests.map(({ file }) => file)).toEqual(["a.test.js", "web/b.test.js"])
})

describe("a migration", () => {
  const migrate = (more: Partial<Step> = {}) =>
    step("migrate", "npm run db:migrate", 0, 300, { exitCode: 1, ...more })

  test.each([
    [
      '> Migrating files:\n> - 003_x\nerror: syntax error at or near "TABEL"\n    at Parser.parse\n',
      'error: syntax error at or near "TABEL"',
    ],
    ['psql: ERROR:  relation "a" already exists\nROLLBACK\n', 'psql: ERROR: relation "a" already exists'],
    ["it just stopped\n", "it just stopped"],
    ["", "no output"],
  ])("that fails names its cause: %#", (log, cause) => {
    expect(judge(ran(migrate(), null, log), KNOWN)).toMatchObject({
      verdict: "failed",
      cause: "migration",
      summary: `a migration failed: ${cause}`,
    })
  })

  test("that hangs has timed out", () => {
    expect(judge(ran(migrate({ timedOut: true }), null), KNOWN)).toMatchObject({
      cause: "timed-out",
    })
  })
})

test.each([
  ["test/a.test.ts", "api/test/a.test.ts"],
  ["/app/api/test/a.test.ts", "api/test/a.test.ts"],
])("a test's file is named from the project on: %s", (file, expected) => {
  const { tests } = judge(ran(null, report(`<testcase name="a" file="${file}"/>`)), KNOWN)
  expect(tests[0]?.file).toBe(expected)
})
