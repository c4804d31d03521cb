import { describe, expect, test } from "vitest"
import { judge } from "../../../ci/src/testing/judge.js"
import { readFiles } from "../../../ci/src/testing/runners.js"
import { divide, parseShards, united } from "../../../ci/src/testing/shards.js"
import { bad, FAIL, KNOWN, PASS, REPORT, ran, report } from "./ran.js"

describe("test files", () => {
  test("are divided by how long they took", () => {
    const seconds = new Map([
      ["slow", 10],
      ["a", 4],
      ["b", 3],
      ["c", 3],
    ])
    expect(divide(["a", "b", "c", "slow"], seconds, 2)).toEqual([["slow"], ["a", "b", "c"]])
  })

  test("are divided by their number where nothing is known of them", () => {
    expect(divide(["a", "b", "c", "d", "e"], new Map(), 2)).toEqual([
      ["a", "c", "e"],
      ["b", "d"],
    ])
  })

  test("that are new count as much as the middle one", () => {
    const seconds = new Map([
      ["a", 1],
      ["b", 4],
      ["c", 9],
    ])
    expect(divide(["a", "b", "c", "new"], seconds, 2)).toEqual([["c"], ["a", "b", "new"]])
  })

  test("all find a shard, and some shards none", () => {
    expect(divide(["a", "b"], new Map(), 4)).toEqual([["a"], ["b"], [], []])
  })

  test.each([
    ['[{"file":"/app/api/b.test.ts","projectName":"unit"},{"file":"/app/api/a.test.ts"}]'],
    ["> some words\n/app/api/b.test.ts\n/app/api/a.test.ts\n"],
  ])("are read from a runner's list: %s", (text) => {
    expect(readFiles(text, "/app")).toEqual(["api/a.test.ts", "api/b.test.ts"])
  })
})

test.each([
  ["", null],
  ["4", { count: 4, only: null }],
  ["2/4", { count: 4, only: 2 }],
])("the shards %j", (text, expected) => {
  expect(parseShards(text)).toEqual(expected)
})

test.each(["0", "5/4", "0/4", "65", "a", "1/", "-1"])("no shards are %j", (text) => {
  expect(() => parseShards(text)).toThrow(/--shard 2\/4/)
})

describe("shards together", () => {
  const good = judge(ran(null, { [REPORT]: report(PASS, PASS) }), KNOWN)
  const red = judge(ran(bad(1), { [REPORT]: report(PASS, FAIL) }), KNOWN)
  const none = judge(ran(null, { [REPORT]: report() }), KNOWN)
  const part = (index: number, result: typeof good | null) => ({ index, count: 3, result })

  test("say how many ran, and which had nothing to run", () => {
    expect(united([part(1, good), part(2, none), part(3, null)])).toMatchObject({
      verdict: "passed",
      summary: "2 tests in 1 shard; shards 2/3, 3/3 ran nothing",
    })
  })

  test("fail by one of them, which is named", () => {
    const all = united([part(1, good), part(2, red), part(3, good)])
    expect(all).toMatchObject({
      verdict: "failed",
      cause: "failed",
      summary: "shard 2/3: 1 of 2 tests failed",
    })
    expect(all.tests).toHaveLength(6)
    expect(all.steps.map(({ name }) => name)).toEqual(["tests 1/3", "tests 2/3", "tests 3/3"])
  })

  test("that ran nothing at all are no pass", () => {
    expect(united([part(1, none), part(2, null), part(3, null)])).toMatchObject({
      verdict: "failed",
      summary: "no test ran",
    })
  })

  test("of which one alone had nothing to run leave it out", () => {
    expect(united([part(3, null)])).toMatchObject({
      verdict: "skipped",
      summary: expect.stringContaining("3/3"),
    })
  })
})
