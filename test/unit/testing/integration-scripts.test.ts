import { expect, test } from "vitest"
import { graph } from "../../../ci/src/run/pipeline.js"
import { KINDS } from "../../../ci/src/stages.js"
import { type Files, repositoryOf } from "../projects.js"

async function suites(files: Files): Promise<readonly string[]> {
  const { stages } = graph(await repositoryOf({ "package-lock.json": {}, ...files }), KINDS)
  return stages.filter(({ kind }) => kind === "integration").map(({ name }) => name)
}

const app = (scripts: object): Files => ({ "package.json": { name: "app", scripts } })

test.each<[string, object, readonly string[]]>([
  [
    "each of several",
    { "test:integration:db": "jest db", "test:integration:api": "jest api" },
    ["db", "api"].map((part) => `test:integration:${part}`),
  ],
  [
    "the only one",
    { "test:integration:ci": "jest", "test:integration:watch": "jest --watch" },
    ["test:integration:ci"],
  ],
  [
    "one that runs all",
    { "test:integration": "jest", "test:integration:db": "jest db" },
    ["test:integration"],
  ],
  ["other names", { "integration-test": "jest" }, ["test:integration"]],
  ["another mark between the words", { test_integration: "jest" }, ["test:integration"]],
  ["a part behind another mark", { "test-integration-db": "jest" }, ["test:integration:db"]],
  ["the words turned", { "test-integration": "jest" }, ["test:integration"]],
])("scripts of integration tests run: %s", async (_what, scripts, names) => {
  expect(await suites(app(scripts))).toEqual(names)
})

test("a part of the integration tests that the team's CI leaves out does not run", async () => {
  const workflow = JSON.stringify({ jobs: { check: { steps: [{ run: "npm run test:integration:db" }] } } })
  const scripts = { "test:integration:db": "jest db", "test:integration:cloud": "jest cloud" }
  expect(await suites({ ...app(scripts), ".github/workflows/ci.yml": workflow })).toEqual([
    "test:integration:db",
  ])
})

test("scripts of unusual names run where the team's CI runs them", async () => {
  const run = (text: string) => JSON.stringify({ jobs: { check: { steps: [{ run: text }] } } })
  const files = (text: string) => ({
    ...app({ "test-integration": "jest" }),
    ".github/workflows/ci.yml": run(text),
  })
  expect(await suites(files("npm test"))).toEqual([])
  expect(await suites(files("npm run test-integration"))).toEqual(["test:integration"])
})

test("tests with a database run where the team's CI runs them by a runner of tests", async () => {
  const named = (script: string, run: string) =>
    suites({
      ...app({ "test:db": script }),
      ".github/workflows/ci.yml": JSON.stringify({ jobs: { check: { steps: [{ run }] } } }),
    })
  expect(await named("mocha db", "npm run test:db")).toEqual(["test:integration"])
  expect(await named("mocha db", "npm test")).toEqual([])
  expect(await named("docker compose up -d db", "npm run test:db")).toEqual([])
  expect(await suites(app({ "test:db": "mocha db" }))).toEqual([])
})

test("a part with the name of a package has its own stage", async () => {
  const names = await suites({
    "package.json": { name: "app", workspaces: ["db"], scripts: { "test:integration:db": "jest db" } },
    "db/package.json": { name: "db", scripts: { "test:integration": "jest" } },
  })
  expect(names).toEqual(["test:integration:db", "test:integration:db-tests"])
})
