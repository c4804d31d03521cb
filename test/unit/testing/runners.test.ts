import { describe, expect, test } from "vitest"
import { scriptFor } from "../../../ci/src/project/packages.js"
import { suiteOf } from "../../../ci/src/testing/script.js"
import { projectOf } from "../projects.js"

/** The suite of unit tests of a package with some scripts. */
async function suite(scripts: Readonly<Record<string, string>>, files: object = {}) {
  const project = await projectOf({ "package.json": { name: "app", scripts }, ...files })
  const script = scriptFor(project.root, null, ["test:unit", "test"]) ?? ""
  return suiteOf(project, "unit", { name: "", workspace: project.root, script, because: "", include: [] })
}

describe("the runner of a script", () => {
  test.each([
    ["vitest run", "vitest"],
    ["npm run build && vitest run --project unit", "vitest"],
    ["node --max-old-space-size=4096 ./node_modules/vitest/dist/cli-wrapper.js run", "vitest"],
    ["TZ=UTC jest --coverage", "jest"],
    ['NODE_OPTIONS="$NODE_OPTIONS --experimental-vm-modules" jest', "jest"],
    ["react-scripts test", "jest"],
    ["node --test", "node:test"],
    ["node --import tsx --test 'test/**/*.test.ts'", "node:test"],
    ["c8 --reporter lcov mocha --recursive test", "mocha"],
    ["eslint . && vitest run | tee log", "vitest"],
    ["ava", "ava"],
    ["NODE_ENV=test bun test --timeout 5000", "bun"],
    ["(cd server && jest)", "jest"],
    ["if [ -d test ]; then mocha; fi", "mocha"],
    ["sh -c 'vitest run'", "vitest"],
    ["npx -y vitest@3 run", "vitest"],
    ["craco test", "jest"],
    ["bun --watch test", "bun"],
  ])("%s is %s", async (script, name) => {
    expect((await suite({ test: script })).runners.map((runner) => runner.name)).toEqual([name])
  })

  test.each(["npm run test:unit --workspaces", "./run-tests.sh"])("is unknown: %s", async (script) => {
    expect(await suite({ test: script })).toMatchObject({ runners: [], noCoverage: "unknown test runner" })
  })
})

describe("a script that watches", () => {
  test("gives way to one that runs once", async () => {
    const scripts = { test: "node --watch check.js", "test:ci": "node --test" }
    expect(await suite(scripts)).toMatchObject({ script: "test:ci", refused: null })
  })

  test.each([
    "vitest --watch",
    "jest --watchAll",
    "node --test --watch",
    "mocha -w",
    "tap --watch",
    "bun test --watch",
    "ng test",
  ])("runs once where its runner is known: %s", async (script) => {
    expect(await suite({ test: script })).toMatchObject({ script: "test", refused: null })
  })

  test.each([
    ["nodemon --exec 'node check.js'", "nodemon"],
    ["watch 'npm run check' src", "watch"],
    ["rollup -cw", "rollup"],
    ["turbo watch check", "turbo"],
    ["concurrently 'nodemon api.js' jest", "nodemon"],
    ["concurrently -k 'nodemon api.js' 'nodemon jobs.js'", "nodemon"],
    ["node api.js & nodemon --exec 'node check.js'", "nodemon"],
  ])("is refused where it never ends: %s", async (script, program) => {
    expect((await suite({ test: script })).refused).toEqual({
      verdict: "failed",
      reason: `the script test watches files (${program}) and never ends. Add a script test:ci that runs once`,
    })
  })

  test.each([
    "nodemon api.js & jest",
    "nodemon api.js & wait-on http://localhost:3000 && jest; kill $!",
    "concurrently -k --success first 'nodemon api.js' 'npm:unit'",
    "concurrently --kill-others-on-success npm:dev npm:unit",
    "run-p --race dev unit",
    "start-server-and-test dev http://localhost:3000 unit",
    "start-server-and-test 'nodemon api.js' 3000 jest",
  ])("is not one that only starts a server for its tests: %s", async (script) => {
    const scripts = { test: script, dev: "nodemon api.js", unit: "jest", "test:ci": "node --test" }
    expect(await suite(scripts)).toMatchObject({ script: "test", refused: null })
  })

  test.each([
    "vitest --watch=false",
    "jest --watch false",
    "jest -w 2",
    "esbuild a.js --watch=false",
  ])("does not: %s", async (script) => {
    const scripts = { test: script, "test:ci": "node --test" }
    expect(await suite(scripts)).toMatchObject({ script: "test", refused: null })
  })
})

test.each([
  ["eslint . && tsc --noEmit", "eslint, tsc"],
  ["npm run lint", "biome"],
  ["eslint . && node test.js", null],
])("what runs no tests is known: %s", async (script, programs) => {
  expect((await suite({ test: script, lint: "biome ci" })).withoutTests).toBe(programs)
})

describe("a script that tests nothing", () => {
  test.each([
    ['echo "Error: no test specified" && exit 1', "the script test is the placeholder of npm init"],
    ["echo none yet", "the script test runs no tests: echo none yet"],
    ["cypress run", "Cypress is not run: no stage starts its browser and the app for it"],
  ])("is skipped: %s", async (script, reason) => {
    expect((await suite({ test: script })).refused).toEqual({ verdict: "skipped", reason })
  })

  test("gives way to another that does", async () => {
    const scripts = { "test:unit": "echo none", test: "vitest run" }
    expect(await suite(scripts)).toMatchObject({ script: "test", refused: null })
  })
})

test.each([
  ["src/a.test.ts", true],
  ["test/checks.js", true],
  ["test.js", true],
  ["src/__tests__/a.ts", true],
  ["src/a.ts", false],
  ["src/latest.js", false],
  ["fixtures/a.test.js", false],
])("a package with %s has tests: %s", async (file, expected) => {
  expect((await suite({ test: "mocha" }, { [file]: "" })).hasTests).toBe(expected)
})
