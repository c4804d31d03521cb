import { describe, expect, test } from "vitest"
import { withLimit } from "../../../ci/src/deploy/functions.js"
import { judge, limitText, type Timed, timesOf } from "../../../ci/src/run/limits.js"
import { NO_WORK } from "../../../ci/src/run/outcome.js"
import type { StageResult } from "../../../ci/src/run/stage.js"
import { CLOCKS, parseConfig } from "../../../ci/src/settings.js"
import { projectOf } from "../projects.js"
import { START, step } from "../report/builders.js"

const LIMIT = { warn: 480, fail: 600 }
const MINUTE = 60_000
const timed = (minutes: number, name = "tests"): Timed => ({ name, ms: minutes * MINUTE, limit: LIMIT })

describe("limits in slipway.yaml", () => {
  test("are a duration, of which four fifths warn, or both; off unless they are written", () => {
    const { limits } = parseConfig("limits: { build: 10m, tests: { warn: 15m, fail: 20m } }")
    expect(limits).toEqual({ build: LIMIT, tests: { warn: 900, fail: 1200 }, deploy: null, all: null })
    expect(parseConfig("policy: strict").limits).toEqual({
      build: null,
      tests: null,
      deploy: null,
      all: null,
    })
  })

  test.each([
    [
      "that warn after they fail",
      "limits:\n  all: { warn: 50m, fail: 45m }",
      /:2:\d+: limits\.all\.warn: expected no more than its fail, 2700 s/,
    ],
    [
      "of a part above the whole",
      "limits:\n  tests: 1h\n  all: 45m",
      /:2:\d+: limits\.tests: expected no more than limits\.all, 2700 s/,
    ],
    ["without fail", "limits: { all: { warn: 5m } }", /missing key "fail" in limits\.all/],
    ["of an unknown part", "limits: { test: 5m }", /unknown key "test" in limits; did you mean "tests"/],
    ["of no time", "limits: { all: 0m }", /expected a duration/],
  ])("are refused %s", (_, text, message) => {
    expect(() => parseConfig(text)).toThrow(message)
  })
})

describe("a run with limits", () => {
  test("passes within them, and shows how near it is", () => {
    expect(judge({ base: null }, [timed(7)])).toMatchObject({
      verdict: "passed",
      cause: null,
      summary: "tests 7 min 00 s of 10 min 00 s",
      findings: [],
      until: 0,
      measures: [{ name: "tests", value: 7 * MINUTE, unit: "ms", limit: 10 * MINUTE, base: null }],
    })
  })

  test("warns before it fails", () => {
    expect(judge({ base: null }, [timed(9)])).toMatchObject({
      verdict: "passed",
      findings: [{ rule: "too-slow", standing: { status: "reported" } }],
    })
  })

  test("fails above them", () => {
    const summary = "tests took 11 min 00 s, more than the 10 min 00 s of limits.tests.fail"
    expect(judge({ base: null }, [timed(11), timed(1, "all")])).toMatchObject({
      verdict: "failed",
      cause: "limit",
      summary,
      findings: [{ message: summary, standing: { status: "blocks" } }],
    })
    expect(limitText(timed(9))).toContain("8 min 00 s of limits.tests.warn")
  })

  test("counts the time in which stages of a kind worked, once, and nothing that was remembered", async () => {
    const config = parseConfig("limits: { build: 10m, tests: 10m, all: 1h }")
    const results: Readonly<Record<string, StageResult["steps"]>> = {
      "test:unit:api": [step("tests", "", 0, 60)],
      "test:unit:web": [step("tests", "", 30, 90)],
      "test:integration": [step("tests", "", -600, -60)],
      "build:api": [step("build", "", -10, 20)],
      lint: [step("lint", "", 0, 500)],
    }
    const kinds = { test: "unit", build: "build", lint: "lint" }
    const stages = Object.keys(results).map((name) => ({
      name,
      kind:
        name === "test:integration"
          ? "integration"
          : (Object.entries(kinds).find(([start]) => name.startsWith(start))?.[1] ?? ""),
    }))
    const given = {
      project: await projectOf({ "package.json": { name: "clinic" } }, config),
      startedAt: START,
      results: (name: string) =>
        new Map<string, StageResult>([
          [name, { ...NO_WORK, verdict: "passed", cause: null, summary: "", steps: results[name] ?? [] }],
        ]),
    }
    const times = timesOf(given, stages, CLOCKS, START + 600_000)
    expect(times.map(({ name, ms }) => [name, ms])).toEqual([
      ["build", 20_000],
      ["tests", 90_000],
      ["all", 600_000],
    ])
  })
})

describe("a deployment with a limit", () => {
  const ended = (minutes: number, exitCode = 0) => ({
    exitCode,
    text: "SUCCEEDED …\n",
    milliseconds: minutes * MINUTE,
  })

  test("is red when it took longer, and says first that it is live", () => {
    expect(withLimit(ended(11), "deploy", LIMIT)).toEqual({
      exitCode: 29,
      text: "SUCCEEDED …\ntoo slow     deploy took 11 min 00 s, more than the 10 min 00 s of limits.deploy.fail\n",
    })
    expect(withLimit(ended(9), "deploy", LIMIT)).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining("too slow"),
    })
  })

  test("keeps the exit code of its outcome, and other actions have no limit", () => {
    expect(withLimit(ended(11, 40), "deploy", LIMIT).exitCode).toBe(40)
    expect(withLimit(ended(11), "rollback", LIMIT).exitCode).toBe(0)
    expect(withLimit(ended(11), "deploy", null).exitCode).toBe(0)
  })
})
