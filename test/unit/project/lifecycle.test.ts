import { describe, expect, test } from "vitest"
import { neededPreparations, preparationsBefore, preparationsOf } from "../../../ci/src/project/lifecycle.js"
import { runAlone } from "../../../ci/src/project/managers.js"
import { manifestWithoutScripts } from "../../../ci/src/project/manifest.js"
import { blame } from "../../../ci/src/project/prepare.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { projectOf, workspaceOf } from "../projects.js"

type Files = Readonly<Record<string, string | object>>

const found = async (files: Files): Promise<Readonly<Record<string, readonly string[]>>> =>
  Object.fromEntries(preparationsOf(await projectOf(files)).map(({ stage, scripts }) => [stage, scripts]))

const SCRIPTS = { preinstall: "a", postinstall: "b", prepublish: "c", prepare: "d", test: "e" }
const files = (packageManager: string): Files => ({
  "package.json": { packageManager, scripts: SCRIPTS, workspaces: ["lib"] },
  "pnpm-workspace.yaml": "packages: [lib]\n",
  "lib/package.json": { scripts: SCRIPTS },
})

describe("scripts that belong to an install", () => {
  test.each<readonly [packageManager: string, root: readonly string[], lib: readonly string[]]>([
    [
      "npm@10.2.4",
      ["preinstall", "postinstall", "prepublish", "prepare"],
      ["preinstall", "postinstall", "prepare"],
    ],
    ["pnpm@9.0.0", ["preinstall", "postinstall", "prepare"], ["preinstall", "postinstall", "prepare"]],
    ["yarn@1.22.22", ["preinstall", "postinstall", "prepublish", "prepare"], ["preinstall", "postinstall"]],
    ["yarn@4.0.0", ["preinstall", "postinstall"], ["preinstall", "postinstall"]],
    ["bun@1.2.0", ["preinstall", "postinstall", "prepare"], ["preinstall", "postinstall", "prepare"]],
  ])("are those that %s runs", async (packageManager, root, lib) => {
    expect(await found(files(packageManager))).toEqual({ "prepare:lib": lib, prepare: root })
  })

  test.each([
    ["husky"],
    ["husky install .husky"],
    ["is-ci || husky install"],
    ["git config core.hooksPath .githooks || true"],
    ["simple-git-hooks"],
  ])("do not count where %j sets hooks up alone", async (prepare) => {
    expect(await found({ "package.json": { scripts: { prepare } } })).toEqual({})
  })

  test("are also npm's after it changed node_modules, in the root alone", async () => {
    const scripts = { dependencies: "a", prepare: "b" }
    const both = { "package.json": { scripts, workspaces: ["lib"] }, "lib/package.json": { scripts } }
    expect(await found(both)).toEqual({ "prepare:lib": ["prepare"], prepare: ["dependencies", "prepare"] })
  })

  test("count where hooks are set up beside a build", async () => {
    expect(await found({ "package.json": { scripts: { prepare: "husky && tsc" } } })).toEqual({
      prepare: ["prepare"],
    })
  })

  test.each<readonly [settings: string, files: Files, runs: boolean]>([
    ["npm's", { ".npmrc": "ignore-scripts=true\n" }, false],
    ["pnpm's", { "pnpm-workspace.yaml": "ignoreScripts: true\n" }, false],
    [
      "Yarn's, which are for dependencies",
      { "yarn.lock": "__metadata:\n  version: 8\n", ".yarnrc.yml": "enableScripts: false\n" },
      true,
    ],
  ])("are turned off by %s settings", async (_what, more, runs) => {
    const stages = await found({ "package.json": { scripts: { postinstall: "x" } }, ...more })
    expect("prepare" in stages).toBe(runs)
  })

  test("are turned off by slipway.yaml", async () => {
    const config = parseConfig("stages:\n  prepare: { enabled: false }\n")
    const project = await projectOf({ "package.json": { scripts: { postinstall: "x" } } }, config)
    expect(preparationsOf(project)).toEqual([])
  })
})

describe("the order of preparations", () => {
  const prepare = { scripts: { prepare: "tsc" } }
  const workspaces: Files = {
    "package.json": { workspaces: ["*"], scripts: { postinstall: "x" } },
    "app/package.json": { name: "app", dependencies: { lib: "*" }, ...prepare },
    "lib/package.json": { name: "lib", ...prepare },
    "other/package.json": { name: "other", ...prepare },
  }
  const stages = (list: readonly { readonly stage: string }[]) => list.map(({ stage }) => stage)

  test("follows what packages need, the root last", async () => {
    const project = await projectOf(workspaces)
    const before = Object.fromEntries(
      preparationsOf(project).map((one) => [one.stage, stages(preparationsBefore(project, one))]),
    )
    expect(before).toEqual({
      "prepare:app": ["prepare:lib"],
      "prepare:lib": [],
      "prepare:other": [],
      prepare: ["prepare:app", "prepare:lib", "prepare:other"],
    })
  })

  test("gives tools what their package, those that it needs and the root made", async () => {
    const project = await projectOf(workspaces)
    const needed = (path: string) => stages(neededPreparations(project, workspaceOf(project, path)))
    expect(needed("app")).toEqual(["prepare:app", "prepare:lib", "prepare"])
    expect(needed("lib")).toEqual(["prepare:lib", "prepare"])
    expect(needed("")).toEqual(["prepare:app", "prepare:lib", "prepare:other", "prepare"])
  })
})

test("each script runs once, whatever its package manager adds to it", async () => {
  const all = ["preinstall", "install", "postinstall"]
  const commands = async (packageManager: string) => {
    const project = await projectOf({ "package.json": { packageManager } })
    return all.map((script) => runAlone(project.packageManager, script, all))
  }
  expect(await commands("npm@10.2.4")).toEqual(all.map((script) => `npm run --ignore-scripts ${script}`))
  expect(await commands("yarn@1.22.22")).toEqual(["true", "yarn --silent run install", "true"])
})

test("a manifest without scripts keeps all else", () => {
  const text = '\uFEFF{ "name": "a", "scripts": { "test": "x" }, "dependencies": { "ms": "1" } }'
  expect(JSON.parse(manifestWithoutScripts(text))).toEqual({ name: "a", dependencies: { ms: "1" } })
})

describe("a script that fails", () => {
  test.each([
    ["Error: ENOENT: no such file or directory, open 'prisma/schema.prisma'", "failed", "failed"],
    ["sh: 1: prisma: not found", "failed", "failed"],
    ["Error: getaddrinfo ENOTFOUND binaries.prisma.sh", "errored", "download"],
    ["sh: 1: python3: not found", "errored", "errored"],
  ])("with %j is %s (%s)", (log, verdict, cause) => {
    expect(blame({ verdict: "failed", cause: "failed" }, log)).toEqual({ verdict, cause })
  })
})
