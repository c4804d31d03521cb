import { describe, expect, test } from "vitest"
import { install } from "../../../ci/src/project/install.js"
import { projectOf } from "../projects.js"

const MANIFEST = {
  name: "a",
  dependencies: { got: "^12.0.0" },
  devDependencies: { "@types/node": "~20.1.0" },
}

const YARN = (range: string) =>
  `got@${range}:\n  version "12.6.1"\n"@types/node@~20.1.0":\n  version "20.1.7"\n`
const PNPM = (range: string) =>
  `lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      got:\n        specifier: ${range}\n        version: 12.6.1\n    devDependencies:\n      '@types/node':\n        specifier: ~20.1.0\n        version: 20.1.7\n`
const NPM_3 = (range: string) => ({
  lockfileVersion: 3,
  packages: { "": { dependencies: { got: range }, devDependencies: { "@types/node": "~20.1.0" } } },
})
const NPM_1 = (version: string) => ({
  lockfileVersion: 1,
  dependencies: { got: { version }, "@types/node": { version: "20.1.7" } },
})
const BUN = (range: string) => `{ "workspaces": { "": { "dependencies": { "got": "${range}", },
  "devDependencies": { "@types/node": "~20.1.0", }, } } }`

describe("of several lock files", () => {
  test.each<[string, Readonly<Record<string, string | object>>, string]>([
    [
      "the one with package.json's ranges counts",
      { "yarn.lock": YARN("^11"), "package-lock.json": NPM_1("12.1.0") },
      "npm",
    ],
    [
      "one of npm's older format has versions alone",
      { "yarn.lock": YARN("^12.0.0"), "package-lock.json": NPM_1("11.8.0") },
      "yarn",
    ],
    [
      "npm's newer format has the ranges",
      { "pnpm-lock.yaml": PNPM("^11"), "package-lock.json": NPM_3("^12.0.0") },
      "npm",
    ],
    [
      "pnpm's has them for each package",
      { "pnpm-lock.yaml": PNPM("^12.0.0"), "yarn.lock": YARN("^11") },
      "pnpm",
    ],
    ["Bun's is read where it is a text", { "bun.lock": BUN("^11"), "yarn.lock": YARN("^12.0.0") }, "yarn"],
    [
      "npm's counts last where all fit",
      { "bun.lock": BUN("^12.0.0"), "package-lock.json": NPM_3("^12.0.0") },
      "bun",
    ],
    [
      "the first counts where none fits",
      { "yarn.lock": YARN("^11"), "package-lock.json": NPM_3("^11") },
      "yarn",
    ],
  ])("%s", async (_, files, expected) => {
    expect((await projectOf({ "package.json": MANIFEST, ...files })).packageManager.name).toBe(expected)
  })

  test("none outranks what package.json names", async () => {
    const manifest = { ...MANIFEST, packageManager: "yarn@1.22.19" }
    const files = {
      "package.json": manifest,
      "yarn.lock": YARN("^11"),
      "package-lock.json": NPM_3("^12.0.0"),
    }
    expect((await projectOf(files)).packageManager.name).toBe("yarn")
  })

  test.each([
    [
      { "yarn.lock": YARN("^12.0.0"), "package-lock.json": NPM_3("^11") },
      "yarn.lock; not read: package-lock.json",
    ],
    [{ ".npmrc": "", "package-lock.json": NPM_3("^12.0.0") }, "package-lock.json"],
  ])("the plan names those that nobody reads: %j", async (files, expected) => {
    const applies = install.applies(await projectOf({ "package.json": MANIFEST, ...files }))
    expect(applies.applies && applies.stages[0]?.because).toContain(`, ${expected}`)
  })

  test("another manager's is named where the pinned one has none", async () => {
    const manifest = { ...MANIFEST, packageManager: "pnpm@9.15.4" }
    const applies = install.applies(
      await projectOf({ "package.json": manifest, "package-lock.json": NPM_3("^12.0.0") }),
    )
    expect(applies.applies && applies.stages[0]?.because).toMatch(
      /no lock file; not read: package-lock.json$/,
    )
  })
})
