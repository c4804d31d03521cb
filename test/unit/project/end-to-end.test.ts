import { describe, expect, test } from "vitest"
import { e2e } from "../../../ci/src/app/e2e/e2e.js"
import { suites } from "../../../ci/src/testing/testing.js"
import { projectOf } from "../projects.js"

const NEST = { supertest: "7", "@nestjs/testing": "11" }

async function integration(scripts: object, devDependencies: object) {
  const project = await projectOf({
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
