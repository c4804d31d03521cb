import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import {
  environmentOf,
  managerText,
  manualOf,
  runProgram,
  runScript,
} from "../../../ci/src/project/managers.js"
import type { PackageManager } from "../../../ci/src/project/project.js"
import { projectOf } from "../projects.js"

type Files = Readonly<Record<string, string | object>>

const managerOf = async (files: Files): Promise<PackageManager> => (await projectOf(files)).packageManager

const berry = (version: number) => `# comment\n\n__metadata:\n  version: ${version}\n  cacheKey: 10c0\n`

describe("the version of a package manager", () => {
  test.each<readonly [what: string, files: Files, text: string, because: string]>([
    [
      "packageManager",
      { "package.json": { packageManager: "pnpm@8.15.9+sha512.abc" } },
      "pnpm 8.15.9",
      "packageManager",
    ],
    [
      "devEngines",
      { "package.json": { devEngines: { packageManager: { name: "pnpm", version: "^9.1.0" } } } },
      "pnpm ^9.1.0",
      "devEngines",
    ],
    [
      "a list of devEngines",
      { "package.json": { devEngines: { packageManager: [{ name: "yarn", version: "4.2.0" }] } } },
      "yarn 4.2.0",
      "devEngines",
    ],
    ["volta", { "package.json": { volta: { yarn: "1.22.19" } }, "yarn.lock": "" }, "yarn 1.22.19", "volta"],
    [
      ".tool-versions",
      { "package.json": {}, "pnpm-lock.yaml": "", ".tool-versions": "nodejs 22.1.0\npnpm 9.1.0 \n" },
      "pnpm 9.1.0",
      ".tool-versions",
    ],
    [
      "mise.toml",
      { "package.json": {}, "mise.toml": '[tools]\nnode = "22"\nbun = "1.2.3"\n' },
      "bun 1.2.3",
      "mise.toml",
    ],
    [
      "engines within the lock file's format",
      { "package.json": { engines: { pnpm: ">=7" } }, "pnpm-lock.yaml": "lockfileVersion: '6.0'\n" },
      "pnpm 8",
      "engines",
    ],
    [
      "engines without a lock file",
      { "package.json": { engines: { pnpm: "^8.3.0 || ^9.5.0" } } },
      "pnpm ^9.5.0",
      "engines",
    ],
    ["words in engines", { "package.json": { engines: { npm: "use pnpm" } } }, "npm", "comes with Node.js"],
    [
      "pnpm's format 5.4",
      { "package.json": {}, "pnpm-lock.yaml": "lockfileVersion: 5.4\n" },
      "pnpm 7",
      "pnpm-lock.yaml",
    ],
    [
      "pnpm's format 9",
      { "package.json": {}, "pnpm-lock.yaml": "lockfileVersion: '9.0'\n" },
      "pnpm 9",
      "pnpm-lock.yaml",
    ],
    [
      "pnpm's format 9 with settings of pnpm 10",
      {
        "package.json": {},
        "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
        "pnpm-workspace.yaml": "packages: [a]\nonlyBuiltDependencies:\n  - esbuild\n",
      },
      "pnpm 10",
      "pnpm-workspace.yaml",
    ],
    [
      "two documents",
      {
        "package.json": {},
        "pnpm-lock.yaml": "---\nlockfileVersion: '9.0'\n---\nlockfileVersion: '9.0'\n",
      },
      "pnpm 11",
      "pnpm-lock.yaml",
    ],
    [
      "the newest by name",
      {
        "package.json": {},
        "mise.toml": '[tools]\npnpm = "latest"\n',
        "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
      },
      "pnpm 11",
      "mise.toml",
    ],
    [
      "Yarn's first format",
      { "package.json": {}, "yarn.lock": "# yarn lockfile v1\n" },
      "yarn 1",
      "yarn.lock",
    ],
    ["Yarn's format 6", { "package.json": {}, "yarn.lock": berry(6) }, "yarn 3", "yarn.lock"],
    ["Yarn's format 10", { "package.json": {}, "yarn.lock": berry(10) }, "yarn 4", "yarn.lock"],
    [
      "Yarn's settings",
      { "package.json": {}, ".yarnrc.yml": "nodeLinker: node-modules\n" },
      "yarn 4",
      ".yarnrc.yml",
    ],
    [
      "Yarn's settings beside an empty lock file",
      { "package.json": {}, "yarn.lock": "\n", ".yarnrc.yml": "nodeLinker: node-modules\n" },
      "yarn 4",
      ".yarnrc.yml",
    ],
    [
      "yarnPath before packageManager",
      {
        "package.json": { packageManager: "yarn@4.3.0" },
        ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-4.4.1.cjs\n",
        ".yarn/releases/yarn-4.4.1.cjs": "",
      },
      "yarn 4.4.1",
      "yarnPath",
    ],
    ["npm", { "package.json": { packageManager: "npm@10.2.4" } }, "npm 10.2.4", "packageManager"],
    [
      "a range that Node.js' npm fits",
      { "package.json": { engines: { npm: ">=9" } } },
      "npm",
      "comes with Node.js",
    ],
    [
      "a range that Node.js' npm does not fit",
      { "package.json": { engines: { npm: "^9.0.0" } } },
      "npm ^9.0.0",
      "engines",
    ],
    [
      "devEngines, which Node.js' npm may not fit",
      { "package.json": { devEngines: { packageManager: { name: "npm", version: ">=10.9.5" } } } },
      "npm >=10.9.5",
      "devEngines",
    ],
    [
      "devEngines, which Node.js' npm fits",
      { "package.json": { devEngines: { packageManager: [{ name: "npm", version: ">=10" }] } } },
      "npm",
      "comes with Node.js",
    ],
    [
      "devEngines, which packageManager does not fit",
      {
        "package.json": {
          packageManager: "pnpm@10.33.4+sha512.abc",
          devEngines: { packageManager: { name: "pnpm", version: "11.7.0", onFail: "error" } },
        },
      },
      "pnpm 11.7.0",
      "devEngines",
    ],
    [
      "packageManager, which fits devEngines",
      {
        "package.json": {
          packageManager: "pnpm@11.5.1+sha512.abc",
          devEngines: { packageManager: { name: "pnpm", version: "^11" } },
        },
      },
      "pnpm 11.5.1",
      "packageManager",
    ],
    ["Bun", { "package.json": {}, "bun.lockb": "" }, "bun 1", "no version is named"],
  ])("is read from %s", async (_what, files, text, because) => {
    const manager = await managerOf(files)
    expect([managerText(manager), manager.because]).toEqual([text, because])
  })
})

describe("modern Yarn", () => {
  const manifest = { packageManager: "yarn@4.18.1" }

  test("is told from Yarn 1", async () => {
    expect((await managerOf({ "package.json": manifest })).tool).toBe("yarn")
    expect((await managerOf({ "package.json": { packageManager: "yarn@1.22.22" } })).tool).toBe("yarn-1")
  })

  test.each([
    [undefined, true],
    ["nodeLinker: pnp\n", true],
    ["nodeLinker: node-modules\n", false],
  ])("with the settings %j uses Plug'n'Play: %s", async (settings, expected) => {
    const manager = await managerOf({
      "package.json": manifest,
      ...(settings === undefined ? {} : { ".yarnrc.yml": settings }),
    })
    expect(manager.plugAndPlay).toBe(expected)
    expect("YARN_ENABLE_GLOBAL_CACHE" in environmentOf(manager)).toBe(expected)
  })

  test("comes from the repository where it lies there, else from npm", async () => {
    const settings = { "package.json": {}, ".yarnrc.yml": "yarnPath: ./.yarn/releases/yarn-3.6.1.cjs\n" }
    expect(await managerOf({ ...settings, ".yarn/releases/yarn-3.6.1.cjs": "" })).toMatchObject({
      program: ".yarn/releases/yarn-3.6.1.cjs",
      packages: [],
    })
    expect(await managerOf(settings)).toMatchObject({ program: null, packages: ["@yarnpkg/cli-dist@3.6.1"] })
  })
})

test.each([
  "yarn@2.4.3",
  "yarn@2",
])("Yarn 2 is the release that npm has as yarn: %s", async (packageManager) => {
  expect((await managerOf({ "package.json": { packageManager } })).packages).toEqual(["yarn@2.4.3"])
})

describe("package managers that scripts call", () => {
  test.each([
    ["pnpm -r build", ["pnpm@10"]],
    ["NODE_ENV=test yarn build && bunx tsc", ["yarn@1", "bun@1"]],
    ["node bun-build.js", []],
    ["npm run build", []],
  ])("in %j are installed too", async (script, packages) => {
    const files = { "package.json": { workspaces: ["a"] }, "package-lock.json": {} }
    const manager = await managerOf({ ...files, "a/package.json": { scripts: { build: script } } })
    expect(manager.packages).toEqual(packages)
  })
})

describe("commands", () => {
  const local = (words: string) => expect.stringMatching(new RegExp(`^PATH=.* ${words}$`))

  test.each([
    "bun@1.2.0",
    "yarn@1.22.22",
  ])("of %s run programs of the folders above", async (packageManager) => {
    const manager = await managerOf({ "package.json": { packageManager } })
    const folder = mkdtempSync(join(tmpdir(), "slipway-"))
    const bin = join(folder, "node_modules/.bin")
    mkdirSync(bin, { recursive: true })
    mkdirSync(join(folder, "packages/a b"), { recursive: true })
    writeFileSync(join(bin, "eslint"), '#!/bin/sh\necho "$@"\n', { mode: 0o755 })
    const cwd = join(folder, "packages/a b")
    expect(execFileSync("sh", ["-c", runProgram(manager, "eslint . 'a b'")], { cwd, encoding: "utf8" })).toBe(
      ". a b\n",
    )
    rmSync(folder, { recursive: true })
  })

  test.each<readonly [packageManager: string, script: string, program: string]>([
    ["npm@10.2.4", "npm run --silent test:unit -- --watch=false", "npx --no-install eslint ."],
    ["pnpm@9.0.0", "pnpm --silent run test:unit --watch=false", "pnpm exec eslint ."],
    ["yarn@1.22.22", "yarn --silent run test:unit --watch=false", local("eslint .")],
    ["yarn@4.0.0", "yarn run test:unit --watch=false", "yarn exec eslint ."],
    ["bun@1.2.0", "bun run --silent test:unit --watch=false", local("eslint .")],
  ])("of %s", async (packageManager, script, program) => {
    const manager = await managerOf({ "package.json": { packageManager } })
    expect(runScript(manager, "test:unit", "--watch=false")).toBe(script)
    expect(runProgram(manager, "eslint .")).toEqual(program)
  })

  test("without a lock file write none", async () => {
    const { unlocked } = manualOf(await managerOf({ "package.json": {} }))
    expect(unlocked).toContain("npm install --no-package-lock")
  })
})
