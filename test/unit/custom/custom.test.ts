import { describe, expect, test } from "vitest"
import { judge } from "../../../ci/src/custom/custom.js"
import { bad, FAIL, PASS, ran, report, SKIP } from "../testing/ran.js"

const JUNIT = "out/*.xml"

describe("commands of slipway.yaml", () => {
  test.each([
    ["pass by their exit code", ran(null), null, { verdict: "passed", summary: "exit code 0" }],
    [
      "fail by their exit code",
      ran(bad(3)),
      null,
      { verdict: "failed", summary: "tests exited with code 3" },
    ],
    [
      "pass with tests that pass",
      ran(null, [report(PASS), report(PASS, SKIP)]),
      JUNIT,
      { verdict: "passed", summary: "3 tests" },
    ],
    [
      "fail by their tests",
      ran(bad(1), [report(PASS), report(FAIL)]),
      JUNIT,
      { verdict: "failed", summary: "1 of 2 tests failed" },
    ],
    [
      "fail by a report though the exit code is 0",
      ran(null, [report(PASS, FAIL)]),
      JUNIT,
      { verdict: "failed", cause: "failed" },
    ],
    [
      "fail where the reports hold no test",
      ran(null, [report()]),
      JUNIT,
      { verdict: "failed", cause: "failed", summary: "no test ran: no test cases in out/*.xml" },
    ],
    [
      "fail where there is no report",
      ran(null),
      JUNIT,
      { verdict: "failed", summary: "no test ran: no test cases in out/*.xml" },
    ],
    [
      "could not look where a report is broken",
      ran(null, ["<testsuites><"]),
      JUNIT,
      { verdict: "errored", cause: "errored" },
    ],
    [
      "fail by their exit code though a report is broken",
      ran(bad(1), ["<"]),
      JUNIT,
      { verdict: "failed", cause: "failed" },
    ],
  ])("%s", (_what, given, junit, expected) => {
    expect(judge(given, junit)).toMatchObject(expected)
  })
})
