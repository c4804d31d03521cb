import { describe, expect, test } from "vitest"
import { sha256 } from "../../../ci/src/formats/canonical.js"
import { asResult, unite } from "../../../ci/src/joined.js"
import { evidenceFiles } from "../../../ci/src/report/evidence.js"
import type { RunRecord, ShardRecord, StageRecord } from "../../../ci/src/run/result.js"
import type { Stage } from "../../../ci/src/run/stage.js"
import { CAUSES, defaultConfig } from "../../../ci/src/settings.js"
import {
  type Damaged,
  type Evidence,
  joinedShards,
  shardsResult,
  sortOut,
} from "../../../ci/src/shards/merge.js"
import { LINES, linesText, readEvidence } from "../../../ci/src/shards/read.js"
import { joinStages } from "../../../ci/src/shards/stages.js"
import { judgeCoverage } from "../../../ci/src/testing/coverage-gates.js"
import { runOf, stage, step, test as testCase } from "../report/builders.js"

const node = (name: string): Stage => ({
  name,
  kind: name,
  needs: [],
  because: "a script",
  inputs: { include: [], exclude: [] },
  run: () => Promise.reject(new Error("nothing runs here")),
})
const STAGES = ["install", "lint", "test:unit"].map(node)
const SHARD: ShardRecord = {
  index: 1,
  count: 3,
  plan: "p".repeat(64),
  tree: "tree",
  slipway: "own",
  durations: "d",
  base: null,
}
const EXPECTED = { project: "medflow", commit: "c0ffee", run: "4711", tree: "tree", slipway: "own" }

const part = (index: number, more: Partial<StageRecord> = {}) =>
  stage("test:unit", {
    steps: [step("tests", "npm test", 0, 10 * index)],
    tests: [testCase("a", `test ${index}`, { file: `${index}.test.js` })],
    part: { index, count: 3, files: "division" },
    ...more,
  })

interface Changes {
  readonly shard?: Partial<ShardRecord>
  readonly context?: Partial<RunRecord["context"]>
  readonly stages?: readonly StageRecord[]
  readonly hits?: Readonly<Record<number, number>>
  readonly place?: string
}

/** The evidence of a shard that ran the installation and a third of the tests. */
function shardOf(index: number, { shard, context, stages, hits, place }: Changes = {}): Evidence {
  const run = runOf(
    "passed",
    stages ?? [stage("install", { steps: [step("i", "npm ci", 0, 5)] }), part(index)],
  )
  const own = { ...SHARD, index, ...shard }
  return {
    place: place ?? `shard-${index}`,
    record: { ...run, shard: own, context: { ...run.context, commit: "c0ffee", run: "4711", ...context } },
    shard: own,
    lines: new Map([
      [
        "test:unit",
        new Map([["a.js", new Map(Object.entries(hits ?? {}).map(([line, n]) => [Number(line), n]))]]),
      ],
    ]),
  }
}

const three = (more: Readonly<Record<number, Changes>> = {}) =>
  [1, 2, 3].map((index) => shardOf(index, more[index]))
const sorted = (all: readonly Evidence[], damaged: readonly Damaged[] = []) => sortOut(all, damaged, EXPECTED)
const problems = (all: readonly Evidence[], damaged: readonly Damaged[] = []) =>
  sorted(all, damaged).problems.map(({ cause, text }) => `${cause}: ${text}`)
const join = (all: readonly Evidence[], stages = STAGES) => joinStages(stages, sorted(all), unite)
const joinedUnit = (all: readonly Evidence[]) => join(all).joined.get("test:unit")?.record

describe("shards", () => {
  test("of one check have no problem, in any order", () => {
    expect(problems(three())).toEqual([])
    expect(sorted(three().toReversed()).shards.map(({ place }) => place)).toEqual([
      "shard-1",
      "shard-2",
      "shard-3",
    ])
  })

  test("that are missing are named", () => {
    expect(problems(three().slice(0, 2))).toEqual(["shard-missing: shard 3/3 left no evidence"])
    expect(problems([])).toEqual(["shard-missing: no shard left evidence"])
  })

  test("that are there twice do not count", () => {
    const all = [...three(), shardOf(2, { place: "again" })]
    expect(problems(all)).toEqual(["shard-double: shard 2/3 is there 2 times: shard-2, again"])
    expect(sorted(all).shards).toHaveLength(2)
  })

  test("that ran again count by their last attempt", () => {
    const all = [...three(), shardOf(2, { place: "again", context: { attempt: 2 } })]
    expect(problems(all)).toEqual([])
    expect(sorted(all).shards.map(({ place }) => place)).toEqual(["shard-1", "again", "shard-3"])
  })

  test.each([
    ["commit", { context: { commit: "bad" } }, "commit: bad instead of c0ffee"],
    ["run", { context: { run: "4710" } }, "run: 4710 instead of 4711"],
    ["number of shards", { shard: { count: 4 } }, "number of shards: 4 instead of 3"],
    ["tree", { shard: { tree: "other" } }, "tree: other instead of tree"],
    ["Slipway", { shard: { slipway: "new" } }, "version of Slipway: new instead of own"],
    ["durations", { shard: { durations: "e" } }, "file of durations: e instead of d"],
    ["base", { shard: { base: "b" } }, "configuration: its base: b instead of none"],
    ["plan", { shard: { plan: "q".repeat(64) } }, "plan: qqqqqqqqqqqq instead of pppppppppppp"],
  ] as const)("of another %s are foreign, and do not count", (_what, changes, text) => {
    expect(problems(three({ 2: changes }))).toEqual([
      `shard-foreign: shard 2/${"shard" in changes && "count" in changes.shard ? 4 : 3} (shard-2) is of another ${text}`,
    ])
    expect(sorted(three({ 2: changes })).shards).toHaveLength(2)
  })

  test("are compared with those that belong here, however many do not", () => {
    const old = { shard: { slipway: "old", plan: "o".repeat(64) } }
    expect(problems(three({ 1: old, 2: old }))).toEqual([
      "shard-foreign: shard 1/3 (shard-1) is of another version of Slipway: old instead of own",
      "shard-foreign: shard 2/3 (shard-2) is of another version of Slipway: old instead of own",
    ])
  })

  test("of a laptop belong to a run of a vendor, and of another try of it", () => {
    expect(problems(three({ 1: { context: { run: null } }, 2: { context: { attempt: 2 } } }))).toEqual([])
  })

  test("with a problem are errored, each with its own exit code", () => {
    const codes = ["shard-missing", "shard-double", "shard-foreign", "shard-damaged"] as const
    expect(new Set(codes.map((cause) => CAUSES[cause].code)).size).toBe(4)
    expect(shardsResult([], [{ cause: "shard-double", text: "shard 2/3 is there 2 times" }])).toMatchObject({
      verdict: "errored",
      cause: "shard-double",
      summary: "shard 2/3 is there 2 times",
    })
  })

  test("of one check say how much work each had", () => {
    const shards = joinedShards(sorted(three()).shards)
    expect(shardsResult(shards, []).summary).toBe("work of each: 1/3 15.0 s, 2/3 25.0 s, 3/3 35.0 s")
  })
})

describe("stages of shards", () => {
  test("are joined: a stage that several ran counts once, and parts of one come together", () => {
    const { joined, problems: wrong } = join(three(), [...STAGES.slice(0, 1), ...STAGES.slice(2)])
    expect(wrong).toEqual([])
    expect(joined.get("install")?.record).toMatchObject({ verdict: "passed" })
    const unit = joined.get("test:unit")?.record
    expect(unit).toMatchObject({ verdict: "passed", summary: "3 tests in 3 shards" })
    expect(unit?.tests.map(({ file }) => file)).toEqual(["1.test.js", "2.test.js", "3.test.js"])
    expect(unit).not.toHaveProperty("part")
  })

  test("count by the worst of several copies", () => {
    const red = [
      stage("install", { verdict: "errored", summary: "no network" }),
      part(2, { verdict: "skipped", startedAt: null }),
    ]
    const { joined } = join(three({ 2: { stages: red } }))
    expect(joined.get("install")?.record).toMatchObject({ verdict: "errored", summary: "no network" })
  })

  test("have not passed while a part did not run", () => {
    const all = three({ 2: { stages: [part(2, { verdict: "skipped", startedAt: null })] } })
    expect(joinedUnit(all)).toMatchObject({ verdict: "skipped", summary: "not run: 2/3 of its test files" })
    expect(joinedUnit(three().slice(1))).toMatchObject({ verdict: "skipped" })
  })

  test("pass with a part that had no test file", () => {
    const idle = part(3, {
      verdict: "skipped",
      steps: [],
      tests: [],
      startedAt: 1,
      summary: "shard 3/3 is empty",
    })
    expect(joinedUnit(three({ 3: { stages: [idle] } }))).toMatchObject({
      verdict: "passed",
      summary: "2 tests in 2 shards; shard 3/3 ran nothing",
    })
  })

  test("fail by a part, also where another is missing", () => {
    const red = part(2, { verdict: "failed", cause: "failed", summary: "1 of 1 test failed" })
    expect(joinedUnit(three({ 2: { stages: [red] } }).slice(0, 2))).toMatchObject({
      verdict: "failed",
      cause: "failed",
      summary: expect.stringContaining("shard 2/3: 1 of 1 test failed"),
    })
  })

  test("are skipped where no shard ran them, which is an error of its own if all shards are there", () => {
    const { joined, problems: wrong } = join(three())
    expect(joined.get("lint")?.record).toMatchObject({
      verdict: "skipped",
      summary: "no evidence of its shard counts",
    })
    expect(wrong).toEqual([{ cause: "shard-missing", text: "no shard ran lint" }])
    expect(join(three().slice(1)).problems).toEqual([])
  })

  test("that were divided differently are foreign", () => {
    const other = part(2, { part: { index: 2, count: 3, files: "another" } })
    expect(join(three({ 2: { stages: [other] } }), STAGES.slice(2)).problems).toEqual([
      { cause: "shard-foreign", text: "the shards divided the test files of test:unit differently" },
    ])
  })

  test("of which a part is missing although all shards are there are an error", () => {
    expect(join(three({ 2: { stages: [] } }), STAGES.slice(2)).problems).toEqual([
      { cause: "shard-missing", text: "no shard ran test:unit 2/3" },
    ])
  })
})

describe("coverage", () => {
  const all = three({
    1: { hits: { 1: 1, 2: 0, 3: 0 } },
    2: { hits: { 1: 0, 2: 2, 3: 0 } },
    3: { hits: { 1: 0, 2: 0, 3: 3 } },
  })
  const judged = (shards: readonly Evidence[]) => {
    const stageOf = joinStages(STAGES, sorted(shards), unite).joined.get("test:unit")
    // No file of it is used.
    const { result } = asResult(stageOf ?? { record: stage("none"), lines: [], place: null }, () => {
      throw new Error("no file is read")
    })
    return judgeCoverage(
      [{ kind: "unit", hits: result.lineHits ?? new Map() }],
      defaultConfig().coverage,
      null,
    )
  }

  test("is judged by the lines of all shards", () => {
    expect(judged(all)).toMatchObject({
      verdict: "passed",
      coverage: [{ file: "a.js", lines: 3, covered: 3 }],
    })
  })

  test("of one shard alone would be red", () => {
    expect(judged(all.slice(0, 1))).toMatchObject({ verdict: "failed", cause: "coverage" })
  })
})

describe("evidence of a shard", () => {
  const { record, lines } = shardOf(2, { hits: { 4: 1 } })
  const text = linesText(lines)
  const files = evidenceFiles(record, { [LINES]: `sha256:${sha256(text)}` })
  const texts = { record: files["result.json"] ?? "", audit: files["audit.jsonl"] ?? "", lines: text }

  test("is read with the lines that its tests ran", () => {
    const read = readEvidence("2", texts)
    expect(read).toMatchObject({ place: "2", shard: { index: 2, count: 3 } })
    expect("lines" in read && read.lines).toEqual(lines)
  })

  test.each([
    [
      "a record that is cut off",
      { record: texts.record.slice(0, 90) },
      /^`--evidence` is not a result\.json/,
    ],
    [
      "a record that was changed",
      { record: texts.record.replace("1 test", "2 test").replace('"index": 2', '"index": 3') },
      /record was changed/,
    ],
    [
      "an audit log that is cut off",
      { audit: texts.audit.split("\n").slice(0, -2).join("\n") },
      /audit log does not verify/,
    ],
    ["no audit log", { audit: "" }, /audit log does not verify: the log is empty/],
    [
      "lines that were changed",
      { lines: text.replace("[4,1]", "[4,2]") },
      /shard\/lines\.json is missing, or was changed/,
    ],
    ["a whole check", { record: JSON.stringify(runOf("passed", [])) }, /not the evidence of a shard/],
  ])("is damaged with %s", (_what, changes, expected) => {
    const read = readEvidence("2", { ...texts, ...changes })
    expect("problem" in read && read.problem).toMatch(expected)
  })
})
