import { describe, expect, test } from "vitest"
import { NO_CONTEXT } from "../../../ci/src/run/context.js"
import { projectDigest, stageKeys } from "../../../ci/src/run/keys.js"
import { holds, taken } from "../../../ci/src/run/remember.js"
import type { Stage } from "../../../ci/src/run/stage.js"
import type { Found } from "../../../ci/src/run/stored.js"
import { noticed, type Readable, valuesOf } from "../../../ci/src/run/used.js"
import { projectOf } from "../projects.js"
import { storedRecord } from "../results/stored-record.js"

const stage = (name: string, ...needs: string[]): Stage => ({
  name,
  kind: name,
  needs,
  because: "a script",
  inputs: { include: ["**"], exclude: [] },
  run: () => Promise.reject(new Error("nothing runs here")),
})
const GROUND = { slipway: "s", platform: "linux/amd64", project: "p" }
const STAGES = [
  stage("install"),
  stage("lint", "install"),
  stage("unit", "install"),
  stage("coverage", "unit"),
]
const inputs = (more: Readonly<Record<string, string | null>> = {}) =>
  new Map(Object.entries({ install: "1", lint: "2", unit: "3", coverage: "4", ...more }))

/** Names of the stages whose keys differ from those of the unchanged graph. */
function changed(keys: ReadonlyMap<string, string>): readonly string[] {
  const before = stageKeys(STAGES, inputs(), GROUND)
  return STAGES.map(({ name }) => name).filter((name) => keys.get(name) !== before.get(name))
}

describe("the key of a stage", () => {
  test.each([
    ["its own files", stageKeys(STAGES, inputs({ lint: "x" }), GROUND), ["lint"]],
    ["files of a stage before it", stageKeys(STAGES, inputs({ unit: "x" }), GROUND), ["unit", "coverage"]],
    [
      "Slipway's sources",
      stageKeys(STAGES, inputs(), { ...GROUND, slipway: "x" }),
      STAGES.map(({ name }) => name),
    ],
    ["nothing", stageKeys(STAGES, inputs(), GROUND), []],
  ] as const)("changes with %s", (_what, keys, names) => {
    expect(changed(keys)).toEqual(names)
  })

  test("is missing where files have no digest, and in what comes after", () => {
    expect([...stageKeys(STAGES, inputs({ unit: null }), GROUND).keys()]).toEqual(["install", "lint"])
  })
})

describe("the digest of a project", () => {
  const files = {
    "package.json": { name: "a", scripts: { lint: "eslint ." } },
    "README.md": "",
    "src/a.ts": "",
  }
  const digest = async (more: Readonly<Record<string, string | object>>) =>
    projectDigest(await projectOf({ ...files, ...more }))

  test.each([
    ["a page of documentation", { "docs/b.md": "", "NOTES.md": "" }, true],
    ["a source file", { "src/b.ts": "" }, true],
    ["a tool's settings beside the manifest", { "eslint.config.js": "" }, false],
    ["a script", { "package.json": { name: "a", scripts: { lint: "true" } } }, false],
    ["another Node.js", { ".nvmrc": "20" }, false],
  ] as const)("with %s added", async (_what, more, same) => {
    expect((await digest(more)) === (await digest({}))).toBe(same)
  })
})

describe("what a stage read of the call", () => {
  const call: Readable = {
    context: { ...NO_CONTEXT, commit: "c1", base: "main" },
    base: null,
    secrets: {},
    variables: { NPM_TOKEN: "t" },
    shards: null,
  }

  test("is noticed field by field", () => {
    const seen: string[] = []
    const { base } = noticed(call.context, (field) => seen.push(field))
    expect([base, seen]).toEqual(["main", ["base"]])
  })

  test("has values without secrets", () => {
    expect(valuesOf(["variables", "secrets.snykToken", "context.base", "history"], call)).toEqual({
      "context.base": "main",
      history: "c1",
      "secrets.snykToken": false,
      variables: ["NPM_TOKEN"],
    })
  })

  test.each([
    ["a history without its commit", ["history"]],
    ["a word of another Slipway", ["weather"]],
  ])("cannot be told of %s", (_what, reads) => {
    expect(valuesOf(reads, { ...call, context: NO_CONTEXT })).toBeNull()
  })

  const conditions = (more: object) => ({ conditions: { images: {}, reads: {}, until: null, ...more } })
  const digests = async (name: string) => (name === "node:22" ? "sha256:1" : null)
  test.each([
    ["holds without any", {}, true],
    ["holds by the same base", { reads: { "context.base": "main" } }, true],
    ["ends with another base", { reads: { "context.base": "develop" } }, false],
    ["holds by the same image", { images: { "node:22": "sha256:1" } }, true],
    ["ends with another image under the name", { images: { "node:22": "sha256:2" } }, false],
    ["ends where no registry knows the image", { images: { "node:24": "sha256:1" } }, false],
    ["holds before its end", { until: 1001 }, true],
    ["ends when its database is too old", { until: 1000 }, false],
  ] as const)("%s", async (_what, more, expected) => {
    expect(await holds(conditions(more), call, 1000, digests)).toBe(expected)
  })
})

describe("what is taken", () => {
  const found = (handsOn: boolean): Found => ({ record: { ...storedRecord(), handsOn }, blobs: {} })
  const all = { install: found(true), lint: found(false), unit: found(false), coverage: found(false) }
  const names = (usable: Readonly<Record<string, Found>>) => [
    ...taken(STAGES, new Map(Object.entries(usable))).keys(),
  ]
  const { install, lint, unit, coverage } = all

  test.each([
    ["all of it where all is known", all, ["install", "lint", "unit", "coverage"]],
    ["not what a stage that runs gets its container from", { install, unit, coverage }, ["unit", "coverage"]],
    ["not what comes after one that runs", { install, lint, coverage }, ["lint"]],
    ["nothing of an empty store", {}, []],
  ])("is %s", (_what, usable, expected) => {
    expect(names(usable)).toEqual(expected)
  })

  test("is what a stage that runs only waits for, too", () => {
    const limits: Stage = { ...stage("limits"), after: ["install", "lint"] }
    expect([...taken([...STAGES, limits], new Map(Object.entries(all))).keys()]).toEqual(Object.keys(all))
  })
})
