import { describe, expect, test } from "vitest"
import { check, graph } from "../../../ci/src/run/pipeline.js"
import { planText } from "../../../ci/src/run/plan-text.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { KINDS } from "../../../ci/src/stages.js"
import { type Files, repositoryOf } from "../projects.js"

const app = (name: string, more: object = {}) => ({
  name,
  scripts: { lint: "eslint .", test: "vitest run" },
  ...more,
})

const foldersOf = async (files: Files, yaml = "") =>
  (await repositoryOf(files, parseConfig(yaml))).projects.map(({ path }) => path)

describe("the projects of a repository", () => {
  test.each<[string, Files, readonly string[]]>([
    ["the root alone", { "package.json": app("a"), "package-lock.json": {} }, [""]],
    [
      "folders with a lock file each, and no root",
      {
        "client/package.json": app("client"),
        "client/package-lock.json": {},
        "server/package.json": app("server"),
        "server/yarn.lock": "",
      },
      ["client", "server"],
    ],
    [
      "not what a generator of projects fills",
      {
        "pyproject.toml": "[project]\nname = 'generator'",
        "{{cookiecutter.name}}/package.json": app("{{ cookiecutter.name }}"),
        "{{cookiecutter.name}}/pyproject.toml": "{% if cookiecutter.uv %}",
        "{{cookiecutter.name}}/compose.yaml": "services: {% if %}",
        "{% if docs %}docs{% endif %}/Dockerfile": "FROM node",
      },
      [""],
    ],
    ["folders without a lock file, where nothing else is there", { "api/package.json": app("api") }, ["api"]],
    [
      "the topmost of folders in each other",
      { "api/package.json": app("api"), "api/part/package.json": { type: "module" } },
      ["api"],
    ],
    [
      "the root and what has a lock file below it, but for its workspaces",
      {
        "package.json": app("a", { workspaces: ["packages/*"] }),
        "package-lock.json": {},
        "packages/one/package.json": app("one"),
        "packages/one/package-lock.json": {},
        "dashboard/package.json": app("dashboard"),
        "dashboard/pnpm-lock.yaml": "",
        "loose/package.json": app("loose"),
      },
      ["", "dashboard"],
    ],
    [
      "what lies below a root that only starts others",
      {
        "package.json": {
          scripts: {
            prepare: "husky",
            test: "npm run test:client && npm run test:server",
            "test:client": "npm --prefix client test",
            "test:server": "cd server && npm test",
            build: "concurrently 'npm --prefix client run build'",
          },
          devDependencies: { husky: "9" },
        },
        "client/package.json": app("client"),
        "client/package-lock.json": {},
        "server/package.json": app("server"),
        "server/package-lock.json": {},
      },
      ["client", "server"],
    ],
    [
      "a root with work of its own, without a lock file",
      {
        "package.json": { scripts: { lint: "eslint ." } },
        "client/package.json": app("client"),
        "client/package-lock.json": {},
      },
      ["", "client"],
    ],
    [
      "folders of examples, where nothing else is there",
      { "examples/a/package.json": app("a"), "examples/a/package-lock.json": {} },
      ["examples/a"],
    ],
  ])("are %s", async (_what, files, folders) => {
    expect(await foldersOf(files)).toEqual(folders)
  })

  test("are those that slipway.yaml names", async () => {
    const files = { "package.json": app("a"), "test/app/package.json": app("b") }
    expect(await foldersOf(files, "projects: [., test/app]")).toEqual(["", "test/app"])
  })

  test("are not inputs of tests and examples, which are named", async () => {
    const fixtures = ["a", "b", "c", "d"].map((name) => `test/fixtures/${name}`)
    const files = Object.fromEntries(
      ["", ...fixtures.map((folder) => `${folder}/`)].flatMap((folder) => [
        [`${folder}package.json`, app("a")],
        [`${folder}package-lock.json`, {}],
      ]),
    )
    const { projects, unchecked } = await repositoryOf(files)
    expect(projects.map(({ path }) => path)).toEqual([""])
    expect(unchecked.map(({ what }) => what)).toEqual([
      "test/fixtures/a/package.json, test/fixtures/b/package.json, test/fixtures/c/package.json and 1 more",
    ])
  })
})

test("a compose file that is no YAML is named", async () => {
  const { unchecked } = await repositoryOf({ "package.json": app("a"), "compose.yaml": "services: [" })
  expect(unchecked.map(({ what }) => what)).toEqual(["compose.yaml"])
})

describe("the stages of several projects", () => {
  const files = {
    ".prettierrc": "{}",
    "shared/types.ts": "",
    "README.md": "",
    "client/package.json": app("client", { workspaces: ["ui", "server"] }),
    "client/package-lock.json": {},
    "client/ui/package.json": app("ui"),
    "client/server/package.json": app("client-server"),
    "server/package.json": app("server"),
    "server/package-lock.json": {},
    "server/src/index.ts": "",
    "server/Dockerfile": "FROM node:22\n",
  }
  const stages = async () => graph(await repositoryOf(files), KINDS).stages

  test("keep names of their own, though packages share one", async () => {
    const all = await stages()
    expect(() => check(all)).not.toThrow()
    const names = all.map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining([
        "install:client",
        "install:server",
        "lint:ui",
        "lint:client-server",
        "lint:server",
        "test:unit:ui",
        "test:unit:server",
        "image:server",
        "scan:licences:client",
        "scan:secrets",
        "coverage",
      ]),
    )
    expect(names.filter((name) => name === "scan:secrets")).toHaveLength(1)
  })

  test("need the dependencies of their own project alone", async () => {
    const all = await stages()
    const needs = (name: string) => all.find((stage) => stage.name === name)?.needs
    expect(needs("lint:ui")).toEqual(["install:client"])
    expect(needs("test:unit:server")).toEqual(["install:server"])
    expect(needs("coverage")).toEqual([
      "test:unit:client-server",
      "test:unit:ui",
      "test:unit:client",
      "test:unit:server",
    ])
  })

  test("read their own folder, and what lies in no project", async () => {
    const lint = (await stages()).find(({ name }) => name === "lint:server")
    expect(lint?.inputs.include).toEqual(
      expect.arrayContaining([".prettierrc", "shared/types.ts", "server/**"]),
    )
    expect(lint?.inputs.include).not.toContain("README.md")
    expect(lint?.inputs.include.some((glob) => glob.startsWith("client"))).toBe(false)
  })

  test("are told with their project in a plan", async () => {
    const repository = await repositoryOf({
      ...files,
      "tool/main.go": "",
      "client/a.vue": "",
      "client/b.vue": "",
    })
    const text = planText({ repository, ...graph(repository, KINDS) })
    expect(text.split("\n").slice(0, 3)).toEqual([
      "project: 2 projects",
      "  client: Node.js 22, npm, 2 workspaces",
      "  server: Node.js 22 (Dockerfile), npm, no workspaces",
    ])
    expect(text).toContain("not checked:\n  1 Go file: no stage builds or tests Go")
    expect(text).toContain("2 Vue files: maintainability, privacy and scan:code read no code in components")
  })
})

describe("a project in another's folder", () => {
  const files = (settings: object): Files => ({
    "package.json": app("lib"),
    "package-lock.json": {},
    "src/index.ts": "",
    "packages/board/package.json": app("board"),
    "packages/board/package-lock.json": {},
    "packages/board/tsconfig.json": settings,
    "packages/proxy/package.json": app("proxy"),
    "packages/proxy/package-lock.json": {},
  })
  const lintOf = async (settings: object) => {
    const { stages } = graph(await repositoryOf(files(settings), parseConfig("")), KINDS)
    return stages.find(({ name }) => name === "lint:board")
  }

  test("has the files and dependencies of that where its settings lead into it", async () => {
    const stage = await lintOf({ compilerOptions: { paths: { lib: ["../../src"] } } })
    expect(stage?.needs).toEqual(["install:board", "install:lib"])
    expect(stage?.inputs.include).toContain("src/index.ts")
    expect(stage?.inputs.include).not.toContain("packages/proxy/package.json")
  })

  test("stands alone where they do not", async () => {
    const stage = await lintOf({ include: ["src"] })
    expect(stage?.needs).toEqual(["install:board"])
    expect(stage?.inputs.include).not.toContain("src/index.ts")
  })
})

test.each<[string, Files, string]>([
  [
    "its Dockerfile builds on a Node.js that Slipway does not have",
    { "old/package.json": app("old"), "old/package-lock.json": {}, "old/Dockerfile": "FROM node:12" },
    'old/Dockerfile: Node.js "12" is not supported',
  ],
  [
    "its package.json is broken",
    { "old/package.json": "{", "old/package-lock.json": {} },
    "old/package.json",
  ],
  [
    "its pyproject.toml is broken",
    { "old/pyproject.toml": "[project" },
    "old/pyproject.toml: not valid TOML",
  ],
])("a project that cannot be installed says so, and the others run: %s", async (_, files, why) => {
  const repository = await repositoryOf({
    "app/package.json": app("app"),
    "app/package-lock.json": {},
    ...files,
  })
  const { stages } = graph(repository, KINDS)
  expect(stages.find(({ name }) => name === "install:old")?.because).toContain(why)
  expect(stages.map(({ name }) => name)).toContain("test:unit:app")
})
