import { describe, expect, test } from "vitest"
import type { Stage } from "../../../ci/src/run/stage.js"
import { NO_DURATIONS } from "../../../ci/src/shards/durations.js"
import {
  matrixJson,
  parseToken,
  parted,
  planShards,
  requireCount,
  requirePlan,
  stagesOf,
} from "../../../ci/src/shards/plan.js"

const stage = (name: string, more: Partial<Stage> = {}): Stage => ({
  name,
  kind: name.split(":")[0] ?? name,
  needs: [],
  because: "a script",
  inputs: { include: ["**"], exclude: [] },
  run: () => Promise.reject(new Error("nothing runs here")),
  ...more,
})
const STAGES = [
  stage("install"),
  stage("lint", { needs: ["install"] }),
  stage("test:unit", { needs: ["install"], splits: true, kind: "unit" }),
  stage("coverage", { needs: ["test:unit"], after: ["e2e"] }),
  stage("upload", { needs: ["coverage"] }),
]
const GROUND = { tree: "t", slipway: "s", durations: NO_DURATIONS, usual: { install: 20 } }
const PROJECT = { files: ["a/one.test.ts", "a/two.test.ts", "a/sum.ts"] }
const plan = (more: Partial<typeof GROUND> = {}, stages: readonly Stage[] = STAGES, count = 3) =>
  planShards(stages, PROJECT, count, { ...GROUND, ...more })
const slow = { ...NO_DURATIONS, stages: { "test:unit": 300 } }

describe("stages", () => {
  test("that read results of others, and those that need them, wait for the merge", () => {
    const { shared, joining } = parted(STAGES)
    expect(shared.map(({ name }) => name)).toEqual(["install", "lint", "test:unit"])
    expect(joining.map(({ name }) => name)).toEqual(["coverage", "upload"])
  })

  test("run in part with the durations of their files", () => {
    const durations = { ...slow, files: { "test:unit": { "a/one.test.ts": 9 } } }
    const planned = plan({ durations })
    const own = stagesOf(planned, 2, STAGES, durations)
    expect(own.map(({ name, part }) => [name, part?.count, part?.only])).toEqual([
      ["install", undefined, undefined],
      ["test:unit", 3, 2],
    ])
    expect(own[1]?.part?.seconds?.get("a/one.test.ts")).toBe(9)
  })

  test("that another needs run as a whole", () => {
    const custom = stage("smoke", { needs: ["test:unit"] })
    const json = matrixJson(plan({ durations: slow }, [...STAGES, custom]))
    expect(json).not.toMatch(/test:unit \d/)
  })
})

describe("a plan", () => {
  test("is a small matrix of JSON, with a token for each machine", () => {
    const { include } = JSON.parse(matrixJson(plan({ durations: slow })))
    expect(include).toMatchObject([
      { stages: "install, lint, test:unit 1/3" },
      { stages: "install, test:unit 2/3" },
      { stages: "install, test:unit 3/3" },
    ])
    expect(include[1].shard).toMatch(/^2\/3@[0-9a-f]{12}$/)
    expect(include.map(({ seconds }: { seconds: number }) => seconds > 0)).toEqual([true, true, true])
  })

  test("has the same digest for the same input", () => {
    expect(plan().digest).toBe(plan().digest)
  })

  test.each([
    ["another tree", plan({ tree: "x" })],
    ["another Slipway", plan({ slipway: "x" })],
    ["other durations", plan({ durations: slow })],
    ["another number", plan({}, STAGES, 2)],
    ["another stage", plan({}, [...STAGES, stage("types")])],
  ])("has another digest for %s", (_what, other) => {
    expect(other.digest).not.toBe(plan().digest)
  })
})

describe("a token", () => {
  const token = (text: string) => () => requirePlan(parseToken(text), plan())

  test("is a shard of any plan, or of one", () => {
    expect(parseToken("2/3")).toEqual({ index: 2, count: 3, digest: "" })
    expect(token("2/3")).not.toThrow()
    expect(token(`2/3@${plan().digest.slice(0, 12)}`)).not.toThrow()
  })

  test("of another plan is refused", () => {
    expect(token(`2/3@${"0".repeat(12)}`)).toThrow(/shard 2\/3 is of another plan: 000000000000 there/)
  })

  test.each(["", "0/3", "4/3", "3", "1/65", "a/b", "1/3@xyz", "1/3@"])("is not %j", (text) => {
    expect(() => parseToken(text)).toThrow(/is not a shard.*\n.*--shard 2\/3/)
  })

  test.each([0, -1, 65, 1.5, Number.NaN])("cannot be one of %d", (count) => {
    expect(() => requireCount(count)).toThrow(/--matrix 3/)
  })
})
