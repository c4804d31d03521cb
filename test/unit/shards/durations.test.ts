import { describe, expect, test } from "vitest"
import { durationsOf, durationsText, NO_DURATIONS, readDurations } from "../../../ci/src/shards/durations.js"
import { runOf, stage, step, test as testCase } from "../report/builders.js"

const unit = (seconds: number) =>
  stage("test:unit", {
    steps: [step("tests", "npm test", 0, seconds)],
    tests: [
      testCase("a", "adds", { file: "a.test.js", seconds: 1.234 }),
      testCase("a", "takes", { file: "a.test.js", seconds: 1 }),
      testCase("b", "is quick", { file: "b.test.js", seconds: 0 }),
    ],
  })

describe("durations", () => {
  test("are medians of stages and test files that passed", () => {
    const runs = [10, 90, 12].map((seconds) => runOf("passed", [unit(seconds)]))
    const red = runOf("failed", [{ ...unit(1), verdict: "failed" }])
    expect(durationsOf([...runs, red])).toEqual({
      schema: 1,
      stages: { "test:unit": 12 },
      files: { "test:unit": { "a.test.js": 2.23, "b.test.js": 0.01 } },
    })
  })

  test("count steps that ran side by side each", () => {
    const both = stage("test:unit", { steps: [step("tests 1/2", "t", 0, 8), step("tests 2/2", "t", 0, 6)] })
    expect(durationsOf([runOf("passed", [both])]).stages).toEqual({ "test:unit": 14 })
  })

  test("leave out a part of a suite", () => {
    const part = { ...unit(4), part: { index: 1, count: 3, files: null } }
    expect(durationsOf([runOf("passed", [part])])).toEqual(NO_DURATIONS)
  })

  test("are the same when they are read again", () => {
    const known = durationsOf([runOf("passed", [unit(3), stage("lint", { steps: [step("l", "l", 0, 2)] })])])
    expect(readDurations(durationsText(known), "f")).toEqual(known)
    expect(readDurations(durationsText(NO_DURATIONS), "f")).toEqual(NO_DURATIONS)
  })

  test.each([
    "",
    "[]",
    '{"schema":2}',
    '{"schema":1,"stages":{"a":-1},"files":{}}',
  ])("are refused as %j", (text) => {
    expect(() => readDurations(text, "slipway.durations.json")).toThrow(
      /^slipway\.durations\.json: not a file of durations.*\n.*slipway durations/,
    )
  })
})
