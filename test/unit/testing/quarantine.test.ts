import { describe, expect, test } from "vitest"
import { programsOf } from "../../../ci/src/project/scripts.js"
import { Fault } from "../../../ci/src/run/fault.js"
import { NO_WORK } from "../../../ci/src/run/outcome.js"
import type { StageResult } from "../../../ci/src/run/stage.js"
import { readQuarantine, type SetAside, setAside } from "../../../ci/src/testing/quarantine.js"
import { check } from "../../../ci/src/testing/quarantine-stage.js"
import { endsWithTests } from "../../../ci/src/testing/runners.js"
import { united } from "../../../ci/src/testing/shards.js"
import * as records from "../report/builders.js"

const NOW = Date.parse("2026-03-01T12:00:00Z")

const ENTRY: SetAside = {
  test: "books",
  file: null,
  owner: "@backend",
  reason: "races with the clock",
  expires: "2026-03-31",
  line: 2,
}

const failed = (name: string, file: string | null = null) =>
  records.test("visits", name, { verdict: "failed", message: "expected 200", file })

const suite = (verdict: StageResult["verdict"], more: Partial<StageResult> = {}): StageResult => ({
  ...NO_WORK,
  verdict,
  cause: verdict === "passed" ? null : "failed",
  summary: verdict,
  ...more,
})

/** A suite in which some tests failed. */
const red = (names: readonly string[], more: Partial<StageResult> = {}): StageResult => ({
  ...suite("failed", { summary: `${names.length} of 3 tests failed` }),
  tests: [records.test("visits", "opens"), ...names.map((name) => failed(name))],
  onlyTests: true,
  ...more,
})

describe("a test that is set aside", () => {
  test("runs, is shown, and does not block", () => {
    const result = setAside(red(["books"]), [ENTRY], NOW)
    expect(result).toMatchObject({
      verdict: "passed",
      cause: null,
      summary: "2 tests, 1 failed and set aside: books",
      findings: [
        {
          rule: "quarantined-test",
          standing: { status: "reported", why: "set aside by @backend until 2026-03-31" },
        },
      ],
    })
    expect(result.tests[1]).toMatchObject({
      verdict: "skipped",
      quarantined: true,
      message: "failed; set aside by @backend until 2026-03-31: races with the clock\nexpected 200",
    })
  })

  test.each<[string, StageResult, Partial<SetAside>]>([
    ["the day after its last one", red(["books"]), { expires: "2026-02-28" }],
    ["beside another that failed", red(["books", "cancels"]), {}],
    ["in another file", red([], { tests: [failed("books", "a.test.ts")] }), { file: "b/**" }],
    ["of another suite", red(["books"]), { test: "letters › books" }],
    [
      "beside an error outside of tests",
      red(["books"], { log: { text: "Unhandled Rejection", lines: 1 } }),
      {},
    ],
    [
      "where a runner stopped",
      red(["books"], { log: { text: "!! stopping after 1 failures !!", lines: 1 } }),
      {},
    ],
    [
      "where coverage is too low",
      red(["books"], { log: { text: "FAIL Required test coverage of 90% not reached", lines: 1 } }),
      {},
    ],
    ["before something that did not run", red(["books"], { onlyTests: false }), {}],
    ["where the tests were too slow", red(["books"], { cause: "timed-out" }), {}],
    ["where they could not run", red(["books"], { verdict: "errored", cause: "service" }), {}],
  ])("does not turn a suite green %s", (_, result, entry) => {
    expect(setAside(result, [{ ...ENTRY, ...entry }], NOW).verdict).toBe(result.verdict)
  })

  test("holds on its last day, by its suite and file as well", () => {
    const entry = { ...ENTRY, expires: "2026-03-01", test: "visits › books", file: "backend/**" }
    const result = red([], { tests: [failed("books", "backend/a.test.ts")] })
    expect(setAside(result, [entry], NOW).verdict).toBe("passed")
  })

  test("in one shard does not hide another that is red for another reason", () => {
    const shard = (index: number, result: StageResult) => ({ index, count: 2, result })
    const other = suite("failed", { summary: "exited with code 1" })
    const both = united([shard(1, red(["books"])), shard(2, { ...other, onlyTests: true })])
    expect(setAside(both, [ENTRY], NOW).verdict).toBe("failed")
    const green = suite("passed", { tests: [records.test("visits", "opens")] })
    expect(setAside(united([shard(1, red(["books"])), shard(2, green)]), [ENTRY], NOW).verdict).toBe("passed")
  })

  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ["ends with its runner", { test: "eslint . && vitest run" }, true],
    ["runs something after it", { test: "vitest run && playwright test" }, false],
    ["has a script after it", { test: "vitest run", posttest: "node clean.js" }, false],
    ["stops at a failed test", { test: "mocha --bail" }, false],
    ["has no runner that is known", { test: "sh test.sh" }, false],
  ])("knows whether a script %s", (_, scripts, ends) => {
    expect(endsWithTests(programsOf(scripts, "test"))).toBe(ends)
  })
})

describe("the file of tests that are set aside", () => {
  const entry = (fields: string) => `quarantine:\n  - ${fields}\n`
  const WHOLE = "{ test: books, owner: me, reason: races, expires: 2026-03-31 }"

  test.each([
    ["no owner", "{ test: books, reason: races, expires: 2026-03-31 }", "owner: expected who"],
    [
      "an empty reason",
      '{ test: books, owner: me, reason: " ", expires: 2026-03-31 }',
      "reason: expected why",
    ],
    ["no expiry", "{ test: books, owner: me, reason: races }", "expires: expected a day"],
    ["no such day", "{ test: books, owner: me, reason: races, expires: 2026-02-30 }", "is not a date"],
    ["a day too far", "{ test: books, owner: me, reason: races, expires: 2027-01-01 }", "more than 90 days"],
    [
      "an unknown key",
      "{ name: books, owner: me, reason: races, expires: 2026-03-31 }",
      'unknown key "name"',
    ],
  ])("is refused with its line for %s", (_, fields, what) => {
    const read = () => readQuarantine(entry(fields), "quarantine.yaml", NOW)
    expect(read).toThrow(Fault)
    expect(read).toThrow(what)
    expect(read).toThrow(/quarantine\.yaml:2:\d+/)
  })

  const all = (results: Readonly<Record<string, StageResult>>, text: string) =>
    check(
      { results: (name) => new Map(results[name] ? [[name, results[name]]] : []) },
      "quarantine.yaml",
      ["test:unit"],
      text,
      NOW,
    )

  test("names an entry for no test, and one that is expired", () => {
    const text = `${entry(WHOLE)}  - { test: opens, owner: me, reason: slow, expires: 2026-02-01 }\n`
    const tests = [records.test("visits", "opens")]
    const result = all({ "test:unit": suite("passed", { tests }) }, text)
    expect(result).toMatchObject({
      verdict: "passed",
      summary: "2 tests set aside: 1 expired, 1 for no test",
    })
    expect(result.findings.map(({ rule, line }) => [rule, line])).toEqual([
      ["quarantine-expired", 3],
      ["quarantine-unused", 2],
    ])
  })

  test("calls no entry unused where not all tests ran", () => {
    expect(all({}, entry(WHOLE)).summary).toBe(
      "1 test set aside: 0 expired, not all tests ran, so none is said to be for no test",
    )
  })
})
