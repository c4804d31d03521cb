import { describe, expect, test } from "vitest"
import type { TestCase } from "../../../ci/src/run/result.js"
import type { StageResult } from "../../../ci/src/run/stage.js"
import { judge } from "../../../ci/src/testing/judge.js"
import { failedFiles, settle, worthAnotherTry } from "../../../ci/src/testing/tries.js"
import { bad, FOLDER, KNOWN, REPORT, ran, report } from "./ran.js"

/** A run of tests by name: true passed, false failed. */
function run(tests: Readonly<Record<string, boolean>>, log = ""): StageResult {
  const cases = Object.entries(tests).map(
    ([name, good]) =>
      `<testcase name="${name}" file="${name}.test.ts">${good ? "" : "<failure>no</failure>"}</testcase>`,
  )
  return judge(
    ran(
      Object.values(tests).every(Boolean) ? null : bad(1),
      { [FOLDER]: "/app/api", [REPORT]: report(...cases) },
      log,
    ),
    KNOWN,
  )
}

const verdicts = (tests: readonly TestCase[]) =>
  Object.fromEntries(tests.map(({ name, verdict, flaky }) => [name, flaky ? "flaky" : verdict]))

describe("tests that are tried again", () => {
  test.each<[string, StageResult, StageResult, object, object]>([
    [
      "pass where they pass then, and are named",
      run({ a: false, b: true }),
      run({ a: true }),
      { a: "flaky", b: "passed" },
      { verdict: "passed", cause: null, summary: "2 tests, 1 flaky: a" },
    ],
    [
      "fail where they fail again",
      run({ a: false, b: false }),
      run({ a: true, b: false }),
      { a: "flaky", b: "failed" },
      { verdict: "failed", cause: "failed", summary: "1 of 2 tests failed" },
    ],
    [
      "are flaky where they passed first",
      run({ a: false, b: true }),
      run({ a: true, b: false }),
      { a: "flaky", b: "flaky" },
      { verdict: "passed", summary: "2 tests, 2 flaky: a, b" },
    ],
    [
      "fail where they did not run again",
      run({ a: false }),
      run({ b: true }),
      { a: "failed" },
      { verdict: "failed" },
    ],
    [
      "fail where something else went wrong then",
      run({ a: false }),
      judge(
        ran(bad(1), { [FOLDER]: "/app/api", [REPORT]: report('<testcase name="a" file="a.test.ts"/>') }),
        KNOWN,
      ),
      { a: "flaky" },
      { verdict: "failed", summary: "retry of failed tests: no test failed, but tests exited with code 1" },
    ],
  ])("%s", (_what, first, again, tests, outcome) => {
    const settled = settle(first, again)
    expect(verdicts(settled.tests)).toEqual(tests)
    expect(settled).toMatchObject(outcome)
    expect(settled.steps).toHaveLength(first.steps.length + again.steps.length)
  })

  test("keep what went wrong the first time", () => {
    expect(settle(run({ a: false }), run({ a: true })).tests[0]).toMatchObject({ flaky: true, message: "no" })
  })

  test("are those of failed files", () => {
    expect(failedFiles(run({ a: false, b: true }))).toEqual(["api/a.test.ts"])
  })

  test("are all where an error belongs to no test", () => {
    expect(failedFiles(run({ a: false }, "⎯⎯ Unhandled Errors ⎯⎯"))).toBeNull()
  })

  test("are none where nothing failed, or something beside the tests did", () => {
    expect(worthAnotherTry(run({ a: true }))).toBe(false)
    expect(worthAnotherTry(judge(ran(bad(2)), KNOWN))).toBe(false)
    expect(worthAnotherTry(judge(ran(bad(124, { timedOut: true })), KNOWN))).toBe(false)
  })
})
