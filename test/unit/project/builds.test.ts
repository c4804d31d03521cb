import { describe, expect, test } from "vitest"
import { bundle } from "../../../ci/src/image/bundle.js"
import { build } from "../../../ci/src/project/build.js"
import { buildsBefore, buildsOf, neededBuilds } from "../../../ci/src/project/builds.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { projectOf, workspaceOf } from "../projects.js"

const BUILD = { build: "tsc -p ." }

/** An app that uses a library, which others use by `main`. */
const repository = (files: Readonly<Record<string, string | object>>, library: object = {}) => ({
  "package.json": { name: "root", workspaces: ["app", "library"] },
  "package-lock.json": {},
  "app/package.json": { name: "app", scripts: { test: "node --test" }, dependencies: { library: "*" } },
  "library/package.json": { name: "library", scripts: BUILD, ...library },
  "library/src/index.ts": "",
  ...files,
})

/** The builds before the tools of the app, with their reasons. */
async function first(files: Readonly<Record<string, string | object>>, path = "app", yaml = "") {
  const project = await projectOf(files, parseConfig(yaml))
  return neededBuilds(project, workspaceOf(project, path)).map(({ stage, because }) => `${stage}: ${because}`)
}

describe("a library is built before what uses it", () => {
  test("by a script of another name, where it has no build and its entries are not in the tree", async () => {
    const scripts = { compile: "tsc", "build:lib": "rollup -c" }
    const entry = "build:library: package.json names lib/, which is not in the repository"
    expect(await first(repository({}, { scripts, main: "lib/" }))).toEqual([entry])
    expect(await first(repository({}, { scripts, main: "src/index.ts" }))).toEqual([])
    const project = await projectOf(repository({}, { scripts: { ...scripts, ...BUILD }, main: "lib/" }))
    expect(buildsOf(project).map(({ script }) => script)).toEqual(["build"])
  })

  test.each([
    [
      "exports",
      { exports: { ".": { types: "./dist/index.d.ts", default: "./src/index.ts" } } },
      "./dist/index.d.ts",
    ],
    ["exports of patterns", { exports: { "./*": { import: "./dist/*.js" } } }, "./dist/*.js"],
    ["main without extension", { main: "lib/index" }, "lib/index"],
    ["types", { main: "src/index.ts", types: "build/index.d.ts" }, "build/index.d.ts"],
    ["bin", { bin: { it: "./dist/cli.mjs" } }, "./dist/cli.mjs"],
    ["files, where it names no entry", { files: ["dist"] }, "dist"],
  ])("where its %s name what is not in the tree", async (_, library, entry) => {
    expect(await first(repository({}, library))).toEqual([
      `build:library: package.json names ${entry}, which is not in the repository`,
    ])
  })

  test.each([
    ["turbo.json", { tasks: { test: { dependsOn: ["^build"] } } }, "runs ^build before test"],
    ["turbo.json", { tasks: { "app#test": { dependsOn: ["library#build"] } } }, "runs ^build before test"],
    [
      "nx.json",
      { targetDefaults: { test: { dependsOn: [{ target: "build", projects: ["library"] }] } } },
      "runs ^build before test",
    ],
    [
      "turbo.json",
      { pipeline: { "app#typecheck": { dependsOn: ["^build"] } } },
      "runs ^build before typecheck",
    ],
    [
      "app/turbo.json",
      { extends: ["//"], tasks: { lint: { dependsOn: ["^build"] } } },
      "runs ^build before lint",
    ],
    [
      "nx.json",
      { targetDefaults: { test: { dependsOn: [{ target: "build", dependencies: true }] } } },
      "runs ^build before test",
    ],
    [
      "nx.json",
      { targetDependencies: { test: [{ target: "build", projects: "dependencies" }] } },
      "runs ^build before test",
    ],
    ["app/project.json", { targets: { test: { dependsOn: ["^build"] } } }, "runs ^build before test"],
  ])("where %s says so", async (file, content, because) => {
    expect(await first(repository({ [file]: content }, { main: "src/index.ts" }))).toEqual([
      `build:library: ${file} ${because}`,
    ])
  })

  test("where a task says so through other tasks, in a file with comments", async () => {
    const turbo = `{ // order
      "tasks": {
        "test": { "dependsOn": ["transit"] }, /* not "^test" */
        "transit": { "dependsOn": ["^build",], },
      },
    }`
    expect(await first(repository({ "turbo.json": turbo }, { main: "src/index.ts" }))).toHaveLength(1)
  })

  test("where TypeScript refers to it, though package.json does not name it", async () => {
    const files = repository(
      {
        "app/package.json": { name: "app" },
        "app/tsconfig.json": { references: [{ path: "../library/tsconfig.json" }] },
      },
      { main: "src/index.ts" },
    )
    expect(await first(files)).toEqual(["build:library: app/tsconfig.json refers to it"])
  })

  test("of a package whose script checks TypeScript projects that refer to each other, and writes none", async () => {
    const files = (script: string, references: readonly object[]) => ({
      "package.json": { name: "shop", scripts: { build: "tsc -b", types: script } },
      "tsconfig.json": { files: [], references: [{ path: "./core" }, { path: "./app" }] },
      "core/tsconfig.json": { compilerOptions: { composite: true } },
      "app/tsconfig.json": { references },
    })
    const refers = [{ path: "../core" }]
    const because = "the script types checks what refers to core, and builds nothing"
    expect(await first(files("tsc -b --noEmit", refers), "")).toEqual([`build: ${because}`])
    expect(await first(files("vue-tsc --noEmit --build .", refers), "")).toEqual([`build: ${because}`])
    expect(await first(files("tsc -b", refers), "")).toEqual([])
    expect(await first(files("tsc -b --noEmit", []), "")).toEqual([])
  })

  test("and before the root's tools, which look at all packages", async () => {
    expect(await first(repository({}, { main: "dist/index.js" }), "")).toHaveLength(1)
  })
})

describe("no build comes first", () => {
  test.each([
    [
      "what others use is in the tree",
      repository({}, { main: "src", exports: { "./package.json": "./package.json" } }),
    ],
    ["a file is named with its ending left out", repository({ "library/main.cjs": "" }, { main: "./main" })],
    [
      "turbo builds in that order only",
      repository({ "turbo.json": { tasks: { build: { dependsOn: ["^build"] } } } }, { main: "src/index.ts" }),
    ],
    ["there is no script build", repository({}, { main: "dist/index.js", scripts: {} })],
  ])("where %s", async (_, files) => {
    const there = { "library/src/index.js": "", ...files }
    expect(await first(there)).toEqual([])
  })

  test("where slipway.yaml turns builds off", async () => {
    const yaml = "stages: { build: { enabled: false } }"
    expect(await first(repository({}, { main: "dist/index.js" }), "app", yaml)).toEqual([])
  })
})

describe("the package's own build comes first", () => {
  const single = (test: string, more: object = {}) => ({
    "package.json": { name: "app", scripts: { ...BUILD, test, ...more } },
    "package-lock.json": {},
  })

  test("where its test reads what only the build makes", async () => {
    expect(await first(single("node --test ./dist/**/*.test.js"), "")).toEqual([
      "build: the script test reads dist",
    ])
  })

  test("where turbo says so", async () => {
    const turbo = { tasks: { test: { dependsOn: ["build"] }, build: { dependsOn: ["^build"] } } }
    const files = repository({
      "turbo.json": turbo,
      "app/package.json": { name: "app", scripts: BUILD, dependencies: { library: "*" } },
    })
    expect(await first(files)).toEqual([
      "build:library: turbo.json runs ^build before test",
      "build:app: turbo.json runs build before test",
    ])
  })

  test.each([
    ["builds by itself", single("npm run build && node --test dist")],
    ["has a script before it that builds", single("node --test dist", { pretest: "npm run build" })],
    ["only writes there", single("vitest run --outputFile build/junit.xml")],
    ["reads sources", single("vitest run")],
    ["reads a folder that is there", { ...single("node --test lib"), "lib/a.js": "" }],
  ])("but not where the test %s", async (_, files) => {
    expect(await first(files, "")).toEqual([])
  })
})

test("of packages that need each other, one is built first", async () => {
  const project = await projectOf({
    "package.json": { name: "root", workspaces: ["a", "b"] },
    "a/package.json": { name: "a", main: "dist/a.js", scripts: BUILD, dependencies: { b: "*" } },
    "b/package.json": { name: "b", main: "dist/b.js", scripts: BUILD, devDependencies: { a: "*" } },
  })
  const stages = buildsOf(project).map((one) => [
    one.stage,
    buildsBefore(project, one).map(({ stage }) => stage),
  ])
  expect(stages).toEqual([
    ["build:a", []],
    ["build:b", ["build:a"]],
  ])
})

describe("with environments", () => {
  const files = {
    "package.json": { name: "root", workspaces: ["library", "web"] },
    "library/package.json": { name: "library", main: "dist/index.js", scripts: BUILD },
    "web/package.json": {
      name: "web",
      dependencies: { library: "*" },
      scripts: { build: "vite build", "build:staging": "vite build --mode staging" },
    },
  }
  const YAML = "build: { environments: [staging, production] }"

  test("each package is built for each, and once more only for packages that need it", async () => {
    const applies = build.applies(await projectOf(files, parseConfig(YAML)))
    expect(
      applies.applies && applies.stages.map(({ name, because, needs }) => [name, because, needs]),
    ).toEqual([
      ["build:library", expect.stringContaining("before web"), ["install"]],
      ["build:library[staging]", expect.stringContaining("with NODE_ENV=staging"), ["install"]],
      ["build:library[production]", expect.stringContaining("with NODE_ENV=production"), ["install"]],
      ["build:web[staging]", "the script build:staging in web/package.json", ["install", "build:library"]],
      [
        "build:web[production]",
        expect.stringContaining("with NODE_ENV=production"),
        ["install", "build:library"],
      ],
    ])
  })

  test("the bundle is that of production", async () => {
    const applies = bundle.applies(await projectOf(files, parseConfig(YAML)))
    expect(applies.applies && applies.stages.map(({ name, needs }) => [name, needs])).toEqual([
      ["bundle:web", ["build:web[production]"]],
    ])
  })
})
