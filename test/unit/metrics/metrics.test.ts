import { describe, expect, test } from "vitest"
import { parseOwners } from "../../../cli/metrics/owners.js"
import * as records from "../report/builders.js"
import { DAY, FIRST, measured, release, run, work } from "./history.js"

const range = (count: number) => Array.from({ length: count }, (_, index) => index)

describe("the success rate", () => {
  test("tells infrastructure from the code's own failures", () => {
    const runs = [
      ...range(19).map((day) => run(day, "passed")),
      ...range(5).map((day) => run(20 + day, "failed")),
      run(30, "errored", { stages: [records.stage("scan", { verdict: "errored", cause: "download" })] }),
    ]
    const { success } = measured(runs)
    expect(success).toMatchObject({ passed: 19, code: 5, infrastructure: 1, rate: 0.95, green: 19 / 25 })
  })

  test("counts an invalid slipway.yaml as the code's own", () => {
    const stages = [records.stage("lint", { verdict: "errored", cause: "configuration" })]
    expect(measured([run(0, "errored", { stages })]).success).toMatchObject({ code: 1, infrastructure: 0 })
  })

  test("is unknown where every run is red by the code", () => {
    expect(measured([run(0, "failed")]).success.rate).toBeNull()
  })

  test("counts a run once whose record is there twice, and each attempt of a run", () => {
    const first = run(0, "errored")
    const again = run(0.1, "passed", { run: "run 0", attempt: 2 })
    expect(measured([first, first, again])).toMatchObject({ success: { runs: 2 }, repeated: 1 })
  })

  test("shows how long the released branch was red, whatever changes did", () => {
    const change = { branch: "feature", change: "7" }
    const runs = [
      ...[run(0, "passed"), run(1, "failed"), run(2, "failed"), run(2.5, "passed", change), run(3, "passed")],
      ...[run(4, "failed", change), run(5, "failed")],
    ]
    expect(measured(runs).main).toMatchObject({
      branch: "main",
      runs: 5,
      breaks: 2,
      redSince: FIRST + 5 * DAY + 60_000,
      red: { count: 1, median: 2 * DAY },
    })
  })
})

describe("durations", () => {
  const runs = (seconds: (day: number) => number, more = {}) =>
    range(60).map((day) => run(day, "passed", { stages: [work("unit", day, seconds(day), more)] }))
  const ofUnit = (all: ReturnType<typeof runs>) => measured(all).durations.find(({ name }) => name === "unit")
  const noise = (day: number) => ((day * 7) % 5) / 2

  test("have a change point where the level changed, and no trend for it", () => {
    const found = ofUnit(runs((day) => (day < 40 ? 60 : 90) + noise(day)))
    expect(found?.changes).toEqual([{ at: FIRST + 40 * DAY, before: 61_000, after: 91_000 }])
    expect(found?.trend).toBeNull()
  })

  test("have a trend where they rise slowly", () => {
    const found = ofUnit(runs((day) => 600 + day / 2 + noise(day)))
    expect(found?.changes).toEqual([])
    expect(found?.trend).toBeCloseTo(15_000, -3)
  })

  test("have neither for a single slow run, nor for noise", () => {
    expect(ofUnit(runs((day) => (day === 30 ? 3000 : 60) + noise(day)))).toMatchObject({
      changes: [],
      trend: null,
    })
  })

  test("do not count what was remembered, red or skipped", () => {
    const stages = [
      work("unit", 0, 60),
      work("cached", 0, 60, { cached: true }),
      work("red", 0, 60, { verdict: "failed" }),
      work("skipped", 0, 60, { verdict: "skipped" }),
    ]
    const { durations, remembered } = measured([run(0, "failed", { stages })])
    expect(durations.map(({ name }) => name)).toEqual(["unit"])
    expect(remembered).toMatchObject({ stages: 3, remembered: 1 })
  })

  test("keep stages of several projects apart", () => {
    const one = run(0, "passed", { stages: [work("lint", 0, 1)] })
    const other = { ...run(1, "passed", { stages: [work("lint", 1, 2)] }), project: "billing" }
    expect(measured([one, other]).durations.map(({ name }) => name)).toEqual([
      ...["run", "billing lint", "medflow lint"],
    ])
  })
})

describe("flaky tests", () => {
  const flaky = records.test("visits", "books", { file: "backend/test/visits.test.ts", flaky: true })
  const unit = (day: number, more = {}) => work("test:unit", day, 60, { tests: [flaky], ...more })
  const owners = parseOwners("* @platform\nbackend/ @backend @qa\n")

  test("have an owner, a share of runs, and a first time", () => {
    const runs = [
      run(0, "passed", { stages: [unit(0, { tests: [] })] }),
      run(1, "passed", { stages: [unit(1)], commit: "c1" }),
      run(2, "passed", { stages: [unit(2, { tests: [] })] }),
      run(3, "passed", { stages: [unit(3)] }),
    ]
    expect(measured(runs, { owners }).flaky).toEqual([
      {
        stage: "test:unit",
        suite: "visits",
        name: "books",
        file: flaky.file,
        commit: "c1",
        owners: ["@backend", "@qa"],
        times: 2,
        ofRuns: 3,
        since: FIRST + DAY,
        last: FIRST + 3 * DAY,
      },
    ])
  })

  test("are not counted again where their stage is remembered", () => {
    expect(measured([run(1, "passed", { stages: [unit(1, { cached: true })] })]).flaky).toEqual([])
  })

  test("are those as well that fail in one run and pass in another on the same files", () => {
    const failed = records.test("visits", "cancels", { verdict: "failed", message: "no" })
    const red = (inputs: string) => unit(1, { verdict: "failed", inputs, tests: [failed] })
    const green = run(2, "passed", { stages: [unit(2, { inputs: "sha256:a", tests: [] })] })
    expect(measured([run(1, "failed", { stages: [red("sha256:a")] }), green]).flaky).toHaveLength(1)
    expect(measured([run(1, "failed", { stages: [red("sha256:b")] }), green]).flaky).toEqual([])
  })
})

describe("CODEOWNERS", () => {
  test.each([
    ["the last pattern that matches counts", "* @a\n/src/ @b\n", "src/x.ts", ["@b"]],
    ["a pattern without owners takes them away", "* @a\n/src/gen/ # nobody\n", "src/gen/x.ts", []],
    ["`docs/*` is not what lies deeper", "docs/* @a\n", "docs/a/b.md", []],
    ["`docs/*` is what lies in it", "docs/* @a\n", "docs/b.md", ["@a"]],
    ["a name is matched in any folder", "*.sql @db\n", "a/b/c.sql", ["@db"]],
    [
      "sections of GitLab count each by itself",
      "[Docs] @d\n*.md\n[Code] @c\nsrc/ @x\n",
      "src/a.md",
      ["@d", "@x"],
    ],
  ])("%s", (_, text, file, owners) => {
    expect(parseOwners(text)(file)).toEqual(owners)
  })
})

describe("deployments", () => {
  const dora = (...releases: readonly object[]) => measured([], {}, { production: releases }).deployments[0]

  test("have the four metrics of DORA", () => {
    const checked = run(0, "passed", { commit: "commit1" })
    const { deployments } = measured(
      [checked],
      {},
      {
        production: [
          release(1, 1, "succeeded"),
          release(2, 7, "rolled-back"),
          release(3, 8, "succeeded"),
          ...[release(4, 10, "refused"), release(5, 11, "superseded"), release(6, 14, "succeeded")],
        ],
        staging: [release(1, 1, "succeeded")],
      },
    )
    expect(deployments).toMatchObject([
      {
        environment: "production",
        deployments: 4,
        succeeded: 3,
        failed: 1,
        changeFailureRate: 0.25,
        recovery: { median: 300_000 },
        unrecovered: 0,
        leadTime: { count: 1, median: DAY + 300_000 },
      },
      { environment: "staging", deployments: 1 },
    ])
    expect(deployments[0]?.perWeek).toBeCloseTo(1.5, 1)
  })

  test("that a rollback took back are failures, recovered when it ended", () => {
    const found = dora(release(1, 1, "succeeded"), release(2, 1.5, "succeeded", { action: "rollback" }))
    expect(found).toMatchObject({ deployments: 1, failed: 1, recovery: { median: DAY / 2 } })
  })

  test("that failed are recovered by the next good one, and named until then", () => {
    expect(dora(release(1, 1, "failed"), release(2, 2, "succeeded"))).toMatchObject({
      recovery: { median: DAY + 300_000 },
    })
    expect(dora(release(1, 1, "rollback-failed"))).toMatchObject({ recovery: null, unrecovered: 1 })
  })

  test("are read from the deployer's results as well, and count once with the ledger's", () => {
    const result = {
      version: 1,
      environment: "production",
      action: "deploy",
      commit: "commit1",
      outcome: "succeeded",
      release: 1,
      milliseconds: 300_000,
      audit: [JSON.stringify({ time: FIRST + DAY + 300_000 })],
    }
    const refused = { ...result, release: null, outcome: "refused" }
    expect(dora(result, refused, release(1, 1, "succeeded"))).toMatchObject({ deployments: 1, succeeded: 1 })
  })
})

test("costs are minutes by the price of the vendor; one without a price is named", () => {
  const prices = { currency: "EUR", prices: { github: 0.5 } }
  const runs = [run(0, "passed"), run(1, "failed", { seconds: 180 }), run(2, "passed", { vendor: "gitlab" })]
  expect(measured(runs, { prices }).cost).toMatchObject({
    currency: "EUR",
    byVendor: { github: 2 },
    unpriced: { gitlab: 1 },
    perRun: { count: 2, sum: 2 },
  })
  expect(measured(runs).cost).toBeNull()
})

test("the largest savings come first, each with its numbers", () => {
  const inputs = "sha256:a"
  const runs = [
    ...range(20).map((day) => run(day, "passed", { stages: [work("lint", day, 30, { inputs })] })),
    run(30, "errored", {
      seconds: 3600,
      stages: [work("scan:code", 30, 3600, { verdict: "errored", cause: "download" })],
    }),
  ]
  expect(measured(runs).savings).toMatchObject([
    {
      kind: "machine",
      ms: 3_600_000,
      what: "1 run ended without a verdict, most often in scan:code (1 times)",
    },
    { ms: 19 * 30_000, what: expect.stringContaining("19 stages ran again") },
  ])
})

test("--since and --until leave out what is outside", () => {
  const runs = range(10).map((day) => run(day, "passed"))
  expect(measured(runs, { since: FIRST + 3 * DAY, until: FIRST + 6 * DAY }).success.runs).toBe(3)
})
