import { expect, test } from "vitest"
import { build } from "../../../ci/src/project/build.js"
import { packagesWith } from "../../../ci/src/project/packages.js"
import { scriptCommand } from "../../../ci/src/project/workplace.js"
import { suites } from "../../../ci/src/testing/testing.js"
import { projectOf } from "../projects.js"

const NX = { plugins: [{ plugin: "@nx/eslint/plugin", options: { targetName: "lint" } }] }

const workspace = (scripts: object, own: object = {}) =>
  projectOf({
    "package.json": { name: "shop", scripts, workspaces: ["libs/*"], devDependencies: { nx: "22" } },
    "nx.json": NX,
    "libs/cart/package.json": { name: "cart", scripts: own },
    "libs/cart/project.json": { targets: { test: { executor: "@nx/jest:jest" } } },
  })

test("tasks of Nx that no script runs are run in all projects", async () => {
  const project = await workspace({ lint: "nx workspace-lint && nx lint", build: "nx build" })
  expect(project.tasks).toEqual({ test: "nx run-many -t test", lint: "nx run-many -t lint" })
  expect(scriptCommand(project, project.root, "test")).toBe("npx --no-install nx run-many -t test")
  expect(scriptCommand(project, project.root, "build")).toBe("npm run --silent build")
  const applied = suites
    .map((suite) => suite.applies(project))
    .flatMap((one) => (one.applies ? one.stages : []))
  expect(applied).toMatchObject([{ name: "test:unit", because: "nx run-many -t test" }])
})

test.each([
  ["a package has its own script", {}, { test: "jest" }],
  ["the root's script says which", { test: "nx run-many -t test --exclude e2e" }, {}],
])("scripts count where %s", async (_, root, own) => {
  expect((await workspace(root, own)).tasks).toEqual({ lint: "nx run-many -t lint" })
})

test.each([
  ["the root has no script", {}, { test: "nx run-many -t test -p tax,money" }],
  [
    "the root's script runs all",
    { test: "nx run-many -t test --all" },
    { test: "nx run-many -t test -p tax,money" },
  ],
  ["the root's script says which", { test: "nx run-many -t test --exclude tax" }, {}],
])("projects of Nx without a script run beside packages that have one, where %s", async (_, scripts, tasks) => {
  const project = await projectOf({
    "package.json": { name: "shop", scripts, workspaces: ["libs/*"], devDependencies: { nx: "22" } },
    "nx.json": {},
    "libs/cart/package.json": { name: "cart", scripts: { test: "jest" } },
    "libs/cart/project.json": { targets: { test: {} } },
    "libs/other/package.json": { name: "tax" },
    "libs/other/project.json": { targets: { test: {} } },
    "libs/third/project.json": { name: "money", targets: { test: {}, lint: {} } },
  })
  const { lint, ...found } = project.tasks
  expect(found).toEqual(tasks)
  expect(lint).toBe("nx run-many -t lint")
  const commands = ["cart", "shop"].map((name) => {
    const one = [...project.workspaces, project.root].find((part) => part.name === name)
    return scriptCommand(project, one ?? project.root, "test")
  })
  const script = "npm run --silent test"
  expect(commands).toEqual([script, "test" in tasks ? `npx --no-install ${tasks.test}` : script])
  const names = packagesWith(project, null, ["test"]).map(({ workspace }) => workspace.name)
  expect(names).toEqual("test" in tasks ? ["cart", "shop"] : ["cart"])
})

test("a build of Nx is told as what it runs", async () => {
  const project = await projectOf({
    "package.json": { name: "shop", scripts: {}, workspaces: ["libs/*"], devDependencies: { nx: "22" } },
    "nx.json": NX,
    "libs/cart/package.json": { name: "cart" },
    "libs/cart/project.json": { targets: { build: { executor: "@nx/js:tsc" } } },
  })
  const applied = build.applies(project)
  expect(applied.applies ? applied.stages : []).toMatchObject([{ because: "nx run-many -t build" }])
})
