import { describe, expect, test } from "vitest"
import { NODE_MAJORS } from "../../../ci/src/project/config.js"
import { nodeTag, nodeVersion } from "../../../ci/src/project/node-version.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { type Files, projectOf, repositoryOf } from "../projects.js"

describe("a version", () => {
  test.each([
    ["20.11.1", "20.11.1"],
    ["v20.11.1", "20.11.1"],
    ["=18.19.0", "18.19.0"],
    ["20.11", "20.11"],
    ["20.11.x", "20.11"],
    ["v24", "24"],
    ["20.x", "20"],
    ["20.x.x", "20"],
    ["^18", "18"],
    ["^20.11.1", "20"],
    ["~20.3", "20.3"],
    [">=20", "22"],
    [">= 20.11", "22"],
    [">=18 <21", "20"],
    [">=18.0.0 <20.5", "18"],
    [">=20.3 <20.11", "20.10"],
    [">=20.11.0 <=20.11.1", "20.11.1"],
    [">=20.1 <20.99", "20.20"],
    [">=24", "24"],
    [">24", "26"],
    [">24.1", "24"],
    ["<=20", "20"],
    ["<22", "20"],
    ["18 - 20", "20"],
    ["^18 || ^20", "20"],
    ["^18.18.0 || ^20.9.0 || >=21.1.0", "22"],
    ["^19 || ^21", "21"],
    ["~20.3 || >=24.1", "24"],
    ["18.x - 20.x", "20"],
    [">=v20", "22"],
    ["~>18", "18"],
    ["*", "22"],
    ["x", "22"],
    ["lts/*", "24"],
    ["lts", "24"],
    ["lts/-1", "22"],
    ["lts/-2", "20"],
    ["lts/Iron", "20"],
    ["lts-jod", "22"],
    ["iron", "20"],
    ["prefix:20", "20"],
    ["latest", "26"],
    ["node", "26"],
    ["22.0.0-rc.1", "22"],
    ["16.20.2", "16.20.2"],
    ["14.18", "14.18"],
    ["<18", "16"],
    ["^12 || ^14", "14"],
  ])("%j is %s", (wanted, version) => {
    expect(nodeVersion(wanted)).toBe(version)
  })

  test.each([...NODE_MAJORS])("%s is there when asked for", (major) => {
    expect(nodeVersion(major)).toBe(major)
  })

  test.each([
    "12",
    "14.17.6",
    "<14",
    "^10 || ^12",
    "15",
    "27",
    "lts/argon",
    "lts/-9",
    "twenty",
    ">=20 <20",
  ])("%j is none that Slipway has", (wanted) => {
    expect(nodeVersion(wanted)).toBeNull()
  })

  test("runs on the official image that has it", () => {
    expect(["22", "20.11", "20.11.1"].map(nodeTag)).toEqual(["22-bookworm", "20.11", "20.11.1"])
  })
})

const chosen = async (files: Files, yaml = "") => {
  const { node, nodeBy } = await projectOf({ "package.json": {}, ...files }, parseConfig(yaml))
  return [node, nodeBy]
}

const ENGINES = { "package.json": { engines: { node: "^18" } } }
const FROM_18 = { Dockerfile: "FROM node:18-alpine\n" }

describe("a place that names the version", () => {
  test.each<[string, Files, string, string | null]>([
    ["nothing", {}, "22", null],
    [".nvmrc", { ".nvmrc": "20\n" }, "20", ".nvmrc"],
    [".nvmrc", { ".nvmrc": "\uFEFF# ours\r\n\r\nv20.11.1 # for now\r\n" }, "20.11.1", ".nvmrc"],
    [".node-version", { ".node-version": "\uFEFF20.1\r\n" }, "20.1", ".node-version"],
    [
      ".tool-versions",
      { ".tool-versions": "python 3.12\nnodejs 20.11.0 18.1.0\n" },
      "20.11.0",
      ".tool-versions",
    ],
    [
      "mise.toml",
      { "mise.toml": '[env]\nnode = "18"\n[tools]\nbun = "1"\nnode = "20"\n[tasks.x]\nrun = "y"\n' },
      "20",
      "mise.toml",
    ],
    [".mise.toml", { ".mise.toml": "[tools]\n'nodejs' = ['20.1.0', '18']" }, "20.1.0", ".mise.toml"],
    ["mise.toml", { "mise.toml": 'tools.node = "20"\n' }, "20", "mise.toml"],
    [
      "mise.toml",
      { "mise.toml": '[tools]\nnode = { version = "lts", postinstall = "x" }\n' },
      "24",
      "mise.toml",
    ],
    ["mise.toml", { "mise.toml": '[tools.node]\nversion = "20"\n' }, "20", "mise.toml"],
    [".npmrc", { ".npmrc": "save-exact=true\nuse-node-version=20.11.1\n" }, "20.11.1", ".npmrc"],
    [
      "volta",
      { "package.json": { volta: { node: "20.9.0" }, engines: { node: ">=18" } } },
      "20.9.0",
      "volta.node of package.json",
    ],
    [
      "volta, by the file that it extends",
      {
        "package.json": { volta: { extends: "./tools/volta.json" }, engines: { node: ">=18" } },
        "tools/volta.json": { volta: { node: "20.9.0" } },
      },
      "20.9.0",
      "volta.node of tools/volta.json",
    ],
    [
      "pnpm",
      { "package.json": { pnpm: { executionEnv: { nodeVersion: "20.9.0" } } } },
      "20.9.0",
      "pnpm.executionEnv of package.json",
    ],
    [".prototools", { ".prototools": 'node = "~20"\n' }, "20", ".prototools"],
    [
      "devEngines",
      { "package.json": { devEngines: { runtime: [{ name: "bun" }, { name: "node", version: "^20" }] } } },
      "20",
      "devEngines.runtime of package.json",
    ],
    ["engines", ENGINES, "18", "engines.node of package.json"],
    ["a Dockerfile", FROM_18, "18", "Dockerfile"],
    [
      "a Dockerfile with arguments",
      {
        Dockerfile:
          "ARG NODE=20.11.1\nFROM --platform=$BUILDPLATFORM node:$NODE-slim AS build\nFROM docker.io/library/node:$NODE\n",
      },
      "20.11.1",
      "Dockerfile",
    ],
    ["a Dockerfile of the newest", { Dockerfile: "FROM node\nFROM mynode:18\nFROM node:alpine" }, "22", null],
    [
      "a file that leaves it to the machine",
      { ...ENGINES, ".nvmrc": "system\n" },
      "18",
      "engines.node of package.json",
    ],
    ["an empty file", { ...ENGINES, ".nvmrc": "# nothing\n" }, "18", "engines.node of package.json"],
  ])("is %s", async (_, files, version, by) => {
    expect(await chosen(files)).toEqual([version, by])
  })

  test("counts in the documented order", async () => {
    const all: Files = {
      ".nvmrc": "20.1.0",
      ".node-version": "20.2.0",
      ".tool-versions": "nodejs 20.3.0",
      "mise.toml": '[tools]\nnode = "20.4.0"',
      "package.json": {
        volta: { node: "20.5.0" },
        devEngines: { runtime: { name: "node", version: "20.6.0" } },
        engines: { node: "20.7.0" },
      },
      Dockerfile: "FROM node:20.8.0",
    }
    expect(await chosen(all, 'node: "20.0.0"')).toEqual(["20.0.0", "slipway.yaml"])
    const { nodeBy, nodeDisagreements } = await projectOf(all)
    expect([nodeBy, ...nodeDisagreements]).toEqual([
      ".nvmrc",
      ".node-version wants 20.2.0",
      ".tool-versions wants 20.3.0",
      "mise.toml wants 20.4.0",
      "volta.node of package.json wants 20.5.0",
      "devEngines.runtime of package.json wants 20.6.0",
      "engines.node of package.json wants 20.7.0",
      "Dockerfile wants 20.8.0",
    ])
  })

  test("holds for the projects below it, unless one has its own", async () => {
    const lock = "package-lock.json"
    const { projects } = await repositoryOf({
      ".nvmrc": "20",
      "a/package.json": {},
      [`a/${lock}`]: {},
      "b/package.json": {},
      [`b/${lock}`]: {},
      "b/.nvmrc": "24",
    })
    expect(projects.map(({ node, nodeBy }) => [node, nodeBy])).toEqual([
      ["20", ".nvmrc"],
      ["24", ".nvmrc"],
    ])
  })

  test.each<[Files, string, string]>([
    [{ ".nvmrc": "12" }, ".nvmrc", 'Node.js "12" is not supported'],
    [
      { "package.json": { engines: { node: "<13" } } },
      "package.json",
      'engines.node of package.json: Node.js "<13"',
    ],
  ])("keeps the project from being installed where Slipway does not have it: %j", async (files, where, what) => {
    const { fault } = await projectOf({ "package.json": {}, ...files })
    expect(fault?.where).toBe(where)
    expect(fault?.what).toContain(what)
    expect(fault?.fix).toContain("`node` in slipway.yaml")
  })
})

const WORKFLOW = (versions: string) => ({
  ".github/workflows/ci.yml": `jobs: { test: { strategy: { matrix: { node: [${versions}] } }, steps: [{ uses: actions/setup-node@v4, with: { node-version: "\${{ matrix.node }}" } }, { run: npm test }] } }`,
})
const engines = (node: string) => ({ "package.json": { engines: { node } } })

test("the team's CI decides between versions that engines accept", async () => {
  expect(await chosen({ ...engines(">=20"), ...WORKFLOW("18, 20") })).toEqual([
    "20",
    ".github/workflows/ci.yml",
  ])
  expect(await chosen({ ...engines("12.* || 14.* || >= 16"), ...WORKFLOW("12, 14, 16") })).toEqual([
    ...["16", ".github/workflows/ci.yml"],
  ])
  expect(await chosen({ ...engines(">=20"), ...WORKFLOW("16, 18") })).toEqual([
    ...["22", "engines.node of package.json"],
  ])
})

test("the oldest release runs where the team's CI has older ones alone, and that is told", async () => {
  const old = WORKFLOW("8, 10, 12")
  for (const files of [
    { "package.json": {}, ...old },
    { ...engines(">=8"), ...old },
  ]) {
    expect(await chosen(files)).toEqual(["14", ".github/workflows/ci.yml"])
    expect((await projectOf(files)).nodeDisagreements).toContain(
      ".github/workflows/ci.yml wants 8 || 10 || 12",
    )
  }
  expect(await chosen({ ...engines(">=20"), ...old })).toEqual(["22", "engines.node of package.json"])
})

test("a version that engines refuse counts less than one of the team's CI that they accept", async () => {
  const files = { ...engines(">=22.18"), ".nvmrc": "20" }
  expect(await chosen({ ...files, ...WORKFLOW("22, 24") })).toEqual(["22", ".github/workflows/ci.yml"])
  expect(await chosen({ ...files, ...WORKFLOW("20") })).toEqual(["20", ".nvmrc"])
  expect(await chosen(files)).toEqual(["20", ".nvmrc"])
})

test("a place that names one release line decides where the first leaves several open", async () => {
  const engines = { "package.json": { engines: { node: ">=18" } } }
  expect(await chosen({ ...engines, ...FROM_18 })).toEqual(["18", "Dockerfile"])
  expect(await chosen({ ...engines, Dockerfile: "FROM node:20.11.1" })).toEqual(["20.11.1", "Dockerfile"])
  expect(await chosen({ ...engines, ".nvmrc": ">=20", Dockerfile: "FROM node:18" })).toEqual(["22", ".nvmrc"])
})

describe("places that disagree", () => {
  const disagreements = async (files: Files) =>
    (await projectOf({ "package.json": {}, ...files })).nodeDisagreements

  test.each<[Files, readonly string[]]>([
    [{ ...ENGINES, ".nvmrc": "20" }, ["engines.node of package.json wants ^18"]],
    [{ ...FROM_18, ".nvmrc": "20.11.1" }, ["Dockerfile wants 18"]],
    [
      { "package.json": { engines: { node: "<13" } }, ".nvmrc": "20" },
      ["engines.node of package.json wants <13"],
    ],
    [
      { "package.json": { engines: { node: "twenty" } }, ".nvmrc": "20" },
      ['engines.node of package.json says "twenty", which is not a version'],
    ],
    [
      { "package.json": { engines: { node: "=>20" } } },
      ['engines.node of package.json says "=>20", which is not a version'],
    ],
  ])("are told: %j", async (files, expected) => {
    expect(await disagreements(files)).toEqual(expected)
  })

  test("are none where one version satisfies both", async () => {
    const files = {
      "package.json": { engines: { node: ">=18.2" } },
      ".nvmrc": "20",
      Dockerfile: "FROM node:20.11-slim",
    }
    expect(await disagreements(files)).toEqual([])
  })
})
