import { describe, expect, test } from "vitest"
import { e2e } from "../../../ci/src/app/e2e/e2e.js"
import { suites } from "../../../ci/src/testing/testing.js"
import { type Files, projectOf } from "../projects.js"

const NEST = { supertest: "7", "@nestjs/testing": "11" }

async function integration(scripts: object, devDependencies: object, files: Files = {}) {
  const project = await projectOf({
    ...files,
    "package.json": { name: "app", scripts, devDependencies },
    Dockerfile: "FROM node:22\nEXPOSE 3000\n",
  })
  const found = suites.flatMap((suite) => {
    const applied = suite.applies(project)
    return applied.applies ? applied.stages.map(({ name }) => name) : []
  })
  const app = e2e.applies(project)
  return [...found, ...(app.applies ? app.stages.map(({ name }) => name) : [])]
}

describe("a script test:e2e", () => {
  test("is an integration suite where its tests start the app", async () => {
    expect(await integration({ "test:e2e": "jest --config test/jest-e2e.json" }, NEST)).toEqual([
      "test:integration",
    ])
  })

  test.each(["test-e2e", "test_e2e", "e2e:ci", "e2e-tests"])("may be called %s", async (name) => {
    expect(await integration({ [name]: "jest -c e2e.json" }, NEST)).toEqual(["test:integration"])
    expect(await integration({ [name]: "playwright test" }, NEST)).toEqual(["test:e2e"])
  })

  test("with an unusual name runs if the team's CI runs it; one that only serves the tests does not", async () => {
    const ci = (run: string) => ({ ".github/workflows/ci.yml": `jobs: { a: { steps: [{ run: ${run} }] } }` })
    expect(await integration({ "e2e:ci": "jest" }, NEST, ci("npm test"))).toEqual([])
    expect(await integration({ "e2e:ci": "jest" }, NEST, ci("npm run e2e:ci"))).toEqual(["test:integration"])
    expect(await integration({ "e2e:serve": "node server.js" }, NEST)).toEqual([])
  })

  test("is one beside other integration tests", async () => {
    const scripts = { "test:int": "jest", "test:e2e": "npm run e2e", e2e: "jest -c e2e.json" }
    expect(await integration(scripts, NEST)).toEqual(["test:integration", "test:integration:e2e"])
  })

  test.each([
    ["it drives a browser", "jest", { ...NEST, puppeteer: "24" }],
    ["Playwright runs it", "playwright test", NEST],
    ["nothing starts the app", "vitest run e2e", { axios: "1" }],
  ])("runs against the built app where %s", async (_, script, dependencies) => {
    expect(await integration({ "test:e2e": script }, dependencies)).toEqual(["test:e2e"])
  })
})
