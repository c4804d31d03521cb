import { describe, expect, test } from "vitest"
import { packagesWith } from "../../../ci/src/project/packages.js"
import { projectOf } from "../projects.js"

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
