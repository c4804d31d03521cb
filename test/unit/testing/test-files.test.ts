import { describe, expect, test } from "vitest"
import { hasTestFiles, isTestFile } from "../../../ci/src/project/test-files.js"
import { graph } from "../../../ci/src/run/pipeline.js"
import type { TestCase } from "../../../ci/src/run/result.js"
import type { StageResult } from "../../../ci/src/run/stage.js"
import { KINDS } from "../../../ci/src/stages.js"
import { runTestFiles } from "../../../ci/src/testing/test-files.js"
import { projectOf, repositoryOf } from "../projects.js"

const repository = await repositoryOf({
  "package.json": { name: "toolbox", workspaces: ["packages/*"] },
  "package-lock.json": {},
  "packages/api/package.json": { name: "api", scripts: { test: "vitest run" } },
  "packages/api/src/api.test.ts": "",
  "packages/api/src/more.test.ts": "",
  "packages/cli/package.json": { name: "cli", scripts: { lint: "eslint ." } },
  "packages/cli/cli.test.js": "",
  "packages/old/package.json": {
    name: "old",
    scripts: { test: 'echo "Error: no test specified" && exit 1' },
  },
  "packages/old/old.test.js": "",
})
const { stages } = graph(repository, KINDS)
const suites = stages.filter(({ kind }) => kind === "unit")
const files = repository.whole.files.filter(isTestFile)

const ran = (file: string | null): TestCase => ({
  suite: "",
  name: "a",
  file,
  seconds: 0,
  verdict: "passed",
  message: null,
})

const result = (more: Partial<StageResult>): StageResult => ({
  verdict: "passed",
  cause: null,
  summary: "",
  findings: [],
  tests: [],
  steps: [
    { name: "tests", command: "", startedAt: 0, endedAt: 0, exitCode: 0, timedOut: false, attempts: 1 },
  ],
  log: { text: "", lines: 0 },
  ...more,
})

const looked = (api: StageResult | null) =>
  runTestFiles(
    {
      project: repository.whole,
      shards: null,
      results: (name) =>
        new Map(
          api !== null && "test:unit:api".startsWith(name === "unit" ? "test:unit" : name)
            ? [["test:unit:api", api]]
            : [],
        ),
    },
    files,
    suites,
  )

describe("test files", () => {
  test("that no report names are named, in packages without a suite too", () => {
    const { verdict, summary, unchecked } = looked(result({ tests: [ran("packages/api/src/api.test.ts")] }))
    expect(verdict).toBe("passed")
    expect(summary).toBe(
      "3 test files that no script runs: packages/api/src/more.test.ts, packages/cli/cli.test.js, packages/old/old.test.js",
    )
    expect(unchecked?.[1]).toEqual({
      what: "packages/cli/cli.test.js",
      reason: "a test file that no script runs",
    })
  })

  test.each([
    ["did not run", null],
    ["could not run", result({ verdict: "errored", cause: "errored" })],
    ["counts no tests", result({})],
    ["names no files", result({ tests: [ran(null)] })],
  ])("are not accused where their suite %s", (_what, api) => {
    expect(looked(api).summary).toBe(
      "2 test files that no script runs: packages/cli/cli.test.js, packages/old/old.test.js; of 2 it is not known",
    )
  })

  test.each([
    ["a runner of the root", { scripts: { test: "npm run unit && npm run types", unit: "vitest run" } }, {}],
    ["a task of Nx", {}, { "nx.json": { plugins: ["@nx/jest/plugin"] } }],
  ])("of packages without a script are not named by the plan where %s may run them", async (_what, root, more) => {
    const found = await repositoryOf({
      "package.json": { name: "root", workspaces: ["lib"], ...root },
      "lib/package.json": { name: "lib" },
      "lib/a.test.ts": "",
      ...more,
    })
    const one = graph(found, KINDS).stages.find(({ kind }) => kind === "test-files")
    expect(one?.because).toBe("1 test file")
  })

  test("are named by the plan where their package has no script for them", () => {
    expect(stages.find(({ kind }) => kind === "test-files")?.because).toBe(
      "4 test files; their packages have no script for packages/cli/cli.test.js",
    )
  })
})

test.each([
  ["a.test.ts", true],
  ["src/__tests__/a.js", true],
  ["cypress/a.cy.ts", true],
  ["src/__tests__/helpers/a.js", false],
  ["src/__tests__/utils.ts", false],
  ["test/fixtures/a.test.js", false],
  ["src/contest.ts", false],
  ["a.test-d.ts", false],
])("%s is a test: %s", (file, expected) => {
  expect(isTestFile(file)).toBe(expected)
})

test.each<[files: readonly string[], plain: boolean]>([
  [["test/cats.e2e-spec.ts", "test/utils/constants.ts"], false],
  [["e2e/cats.test.ts"], false],
  [["test/cats.e2e-spec.ts", "src/cats.spec.ts"], true],
  [["test/cats.ts"], true],
  [["e2e/cats.test.ts", "test/cats.ts"], true],
  [["src/cats.ts"], false],
])("plain tests among %s: %s", async (files, plain) => {
  const texts = Object.fromEntries(files.map((file) => [file, ""]))
  const project = await projectOf({ "package.json": { name: "app" }, ...texts })
  expect(hasTestFiles(project, project.root, false)).toBe(plain)
  expect(hasTestFiles(project, project.root, true)).toBe(files[0] !== "src/cats.ts")
})
