import { expect, test } from "vitest"
import { unitScripts } from "../../../ci/src/testing/choice.js"
import { projectOf } from "../projects.js"

const PARTS = {
  test: "npm run test-backend && npm run test-e2e",
  "test-backend": "node a.js",
  "test-e2e": "b",
}

test.each<[what: string, scripts: Record<string, string>, runs: readonly string[], first: string]>([
  ["the usual one", { test: "jest", "test:unit": "jest unit" }, ["npm run test:coverage"], "test:unit"],
  [
    "the usual one that CI runs",
    { test: "vitest", "test:ci": "vitest run" },
    ["npm test", "npm run test:ci"],
    "test:unit",
  ],
  [
    "all tests with coverage, where CI runs these",
    { test: "vitest", "test:unit": "vitest --dir unit", "test:coverage": "vitest run --coverage" },
    ["npm run test:coverage"],
    "test:coverage",
  ],
  [
    "the usual one whose runner is bun",
    { unit: "bun test --bail", "test:ci": "bun test --coverage" },
    ["bun test", "bun run test:ci"],
    "test:unit",
  ],
  [
    "another where CI starts the runner for a part by a script",
    { test: "vitest", "test:api": "vitest api", "test:ci": "vitest run" },
    ["npm run test:api", "npm run test:ci"],
    "test:ci",
  ],
  ["the part of all tests that CI runs", PARTS, ["npm run test-backend"], "test-backend"],
  [
    "beside the part that needs a browser",
    PARTS,
    ["npm run test-backend", "npm run test-e2e"],
    "test-backend",
  ],
  [
    "all tests, where CI runs several parts",
    { ...PARTS, test: "npm run test-backend && npm run test-b", "test-b": "b" },
    ["npm run test-backend", "npm run test-b"],
    "test:unit",
  ],
  [
    "no script that runs no test",
    { test: "jest", coverage: "codecov upload" },
    ["npm run coverage"],
    "test:unit",
  ],
])("the script of unit tests is %s", async (_, scripts, runs, first) => {
  expect(await firstScript(scripts, runs)).toBe(first)
})

test.each([
  [{ test: "npm run lint && npm run unit && npm run unit-esm", lint: "standard" }, "test"],
  [{ test: "run-s unit unit-esm" }, "test"],
  [{ test: "npm run lint && npm run unit && npm run type", lint: "xo", type: "tsd && tsc" }, "unit"],
  [{ test: "npm run unit && npm run test:integration", "test:integration": "node int.js" }, "unit"],
  [{ test: "npm run unit && npm run test:e2e", "test:e2e": "node browser.js" }, "unit"],
  [{ test: "npm run unit && npm run component", component: "cypress run --component" }, "unit"],
  [{ test: "npm run unit && npm run size", size: "size-limit" }, "unit"],
  [{ test: "node other.js" }, "unit"],
])("all tests run where a script of them leaves some out: %j", async (more, first) => {
  const scripts = { unit: "nyc node test.js", "unit-esm": "node test.mjs", ...more }
  const project = await projectOf({ "package.json": { scripts } })
  expect(unitScripts(project, project.root).find((name) => name in scripts)).toBe(first)
})

test.each([
  "npx vitest",
  "bun run vitest",
  "sudo -E timeout 60 yarn vitest",
  "vitest run",
])("CI runs the usual script where it starts its runner by `%s`", async (run) => {
  const scripts = { test: "vitest", "test:ci": "vitest run" }
  expect(await firstScript(scripts, [run, "npm run test:ci"])).toBe("test:unit")
})

async function firstScript(scripts: Readonly<Record<string, string>>, runs: readonly string[]) {
  const steps = runs.map((run) => `{ run: ${run} }`).join(", ")
  const project = await projectOf({
    "package.json": { name: "app", scripts },
    ".github/workflows/ci.yml": `jobs: { a: { steps: [${steps}] } }`,
  })
  return unitScripts(project, project.root)[0]
}
