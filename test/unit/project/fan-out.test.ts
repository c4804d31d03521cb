import { describe, expect, test } from "vitest"
import { startedNothing } from "../../../ci/src/project/fan-out.js"
import { packagesWith } from "../../../ci/src/project/packages.js"
import { type Files, projectOf } from "../projects.js"

/** The packages whose `test` runs, in a repository of two packages with tests and one without. */
async function tested(root: Readonly<Record<string, string>>, web: Readonly<Record<string, string>> = {}) {
  const project = await projectOf({
    "package.json": { name: "root", workspaces: ["api", "cli", "web"], scripts: root },
    "api/package.json": { name: "api", scripts: { test: "vitest run", build: "tsc", lint: "eslint ." } },
    "cli/package.json": { name: "cli", scripts: { test: "node --test", build: "tsc" } },
    "web/package.json": { name: "web", scripts: { build: "tsc", lint: "eslint .", ...web } },
  })
  return packagesWith(project, null, ["test:unit", "test"]).map(({ workspace }) => workspace.name)
}

const WORKSPACES = ["api", "cli"]

describe("the root's script does not run where it only starts those of the packages", () => {
  test.each([
    "turbo run test",
    "turbo test --filter=!web -- --coverage",
    "cross-env CI=1 turbo run build test",
    "nx run-many -t test",
    "nx run-many --targets=build,test --parallel=3",
    "nx affected --target=test",
    "npm test -ws",
    "npm run test --workspaces --if-present",
    "npm test --workspace=api && npm test -w cli",
    "pnpm -r test",
    "pnpm -r --workspace-concurrency=1 run test",
    "pnpm --filter './packages/*' test",
    "pnpm run --recursive test",
    "yarn workspaces foreach -At run test",
    "yarn workspace api test && yarn workspace cli run test",
    "lerna run test --stream",
    "bun run --filter '*' test",
    "pnpm -r build && pnpm -r test",
    "npm --prefix api test && npm --prefix cli test",
    "echo 'all packages' && npm test -ws",
  ])("%s", async (script) => expect(await tested({ test: script })).toEqual(WORKSPACES))

  test("through a script of its own", async () => {
    expect(await tested({ test: "npm run all", all: "npm test -ws" })).toEqual(WORKSPACES)
  })

  test("or prints a text", async () => {
    expect(await tested({ test: 'echo "Error: no test specified" && exit 1' })).toEqual(WORKSPACES)
  })
})

describe("the root's script runs too", () => {
  test.each([
    ["where it has tests of its own", { test: "node --test tests/*.test.js" }],
    ["where it starts those of the packages and more", { test: "turbo run test && vitest run" }],
    ["where it has a script before it", { pretest: "node check.js", test: "npm test -ws" }],
    ["where it runs a program in each package", { test: "pnpm -r exec vitest run" }],
    ["where it runs a task of the root", { test: "turbo run //#test:root" }],
    ["where Nx runs tasks that no package.json names", { test: "nx run-many -t vitest" }],
  ])("%s", async (_, scripts) => expect(await tested(scripts)).toEqual([...WORKSPACES, "root"]))

  test("where it starts scripts of packages in which no stage runs tests", async () => {
    expect(await tested({ test: "npm run smoke -ws" }, { smoke: "node smoke.js" })).toEqual([
      ...WORKSPACES,
      "root",
    ])
  })

  test("where no package has such a script", async () => {
    const project = await projectOf({
      "package.json": { name: "root", workspaces: ["api"], scripts: { test: "turbo run check" } },
      "api/package.json": { name: "api" },
    })
    expect(packagesWith(project, null, ["test"]).map(({ workspace }) => workspace.name)).toEqual(["root"])
  })
})

describe("a package does not run where the team passes it over", () => {
  const names = async (root: Readonly<Record<string, string>>, files: Files = {}) => {
    const project = await projectOf({
      "package.json": { name: "root", workspaces: ["packages/**"], scripts: root },
      "packages/api/package.json": { name: "@app/api", scripts: { test: "vitest run" } },
      "packages/site/package.json": { name: "site", scripts: { test: "vitest run" } },
      ...files,
    })
    return packagesWith(project, null, ["test"]).map(({ workspace }) => workspace.name)
  }
  const ci = (run: string) => ({
    ".github/workflows/ci.yml": `on: push\njobs: { test: { steps: [{ run: ${JSON.stringify(run)} }] } }`,
  })

  test.each([
    "turbo run test --filter=!site",
    "turbo run test --filter=!./packages/site",
    "turbo run test --filter='@app/*'",
    "pnpm -r --filter '!site' test",
    "pnpm --filter './packages/api' test",
    "nx run-many -t test --exclude=site",
    "nx run-many -t test --exclude other,site",
    "nx run-many --target=test --projects=api",
    "yarn workspaces foreach -A --exclude site run test",
    "lerna run test --ignore site",
    "npm test -w @app/api",
    "npm --prefix packages/api test",
  ])("%s", async (script) => expect(await names({ test: script })).toEqual(["api"]))

  test.each([
    "turbo run test --filter=!docs",
    "turbo run test --filter=./packages/*",
    "turbo run test --filter=...[origin/main]",
    "nx run-many -t test --exclude=docs",
    "turbo run test --filter=!site && node check.js",
  ])("but not by %s", async (script) => expect(await names({ test: script })).toContain("site"))

  test("but runs where another script or the CI starts it", async () => {
    const test = "turbo run test --filter=!site"
    expect(await names({ test, "test:site": "turbo run test --filter=site" })).toEqual(["api", "site"])
    expect(await names({ test }, ci("pnpm --filter site test"))).toEqual(["api", "site"])
  })

  test("as an input of another's tests or a template, unless the team runs it", async () => {
    const apps = {
      "packages/api/test/apps/basic/package.json": { name: "basic", scripts: { test: "playwright test" } },
      "packages/create/templates/vue/package.json": { name: "vue", scripts: { test: "vitest run" } },
    }
    expect(await names({}, apps)).toEqual(["api", "site"])
    expect(await names({ test: "pnpm -r test" }, apps)).toEqual(["api", "basic", "vue", "site"])
    expect(await names({}, { ...apps, ...ci("pnpm -r test") })).toEqual(["api", "basic", "vue", "site"])
  })
})

const TURBO_NONE = " WARNING  No tasks were executed as part of this run.\n\n Tasks:    0 successful, 0 total"

test.each([
  ["turbo run lint", TURBO_NONE, true],
  ["turbo run lint", " Tasks:    1 successful, 1 total", false],
  ["turbo run lint && eslint tools", TURBO_NONE, false],
  ["turbo run lint && turbo run lint:css", TURBO_NONE, false],
  ["nx run-many --target=lint --all", " NX   No tasks were run", true],
  ["lerna run lint", "lerna success run No packages found with the lifecycle script 'lint'", true],
  ["pnpm -r --if-present lint", 'None of the selected packages has a "lint" script', true],
  ["npm run lint -ws --if-present", "", true],
  ["npm run types -ws --if-present", "", false],
  ["npm run lint --prefix tools", "", false],
  ["echo 'no linter yet'", "no linter yet", false],
])("tells whether %s, which printed %j, started nothing", async (lint, log, expected) => {
  const project = await projectOf({
    "package.json": { name: "root", workspaces: ["api"], scripts: { lint } },
    "api/package.json": { name: "api", scripts: { types: "tsc" } },
  })
  expect(startedNothing(project.root, "lint", project.workspaces, log)).toBe(expected)
})
