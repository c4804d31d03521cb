import { expect, test } from "vitest"
import { graph } from "../../../ci/src/run/pipeline.js"
import { KINDS } from "../../../ci/src/stages.js"
import { type Files, repositoryOf } from "../projects.js"

async function lintOf(run: string | null, scripts: object = {}) {
  const files: Files = {
    "package.json": { name: "app", scripts, devDependencies: { eslint: "9" } },
    "package-lock.json": {},
    "eslint.config.js": "",
    ...(run === null
      ? {}
      : { ".github/workflows/ci.yml": JSON.stringify({ jobs: { a: { steps: [{ run }] } } }) }),
  }
  return graph(await repositoryOf(files), KINDS).stages.find(({ kind }) => kind === "lint")
}

test("a linter that is set up, without a script, reports where the team's CI leaves it out", async () => {
  const stage = await lintOf("npm ci && npm test", { test: "node --test" })
  expect(stage).toMatchObject({ gate: "added", because: expect.stringContaining("leaves it out") })
})

test.each([
  ["the team's CI calls it", "npx eslint .", {}],
  ["there is no CI", null, {}],
  ["a script calls it", "npm test", { lint: "eslint ." }],
])("a linter blocks where %s", async (_what, run, scripts) => {
  expect((await lintOf(run, scripts))?.gate).toBeUndefined()
})

test("tests of types are types", async () => {
  const { stages } = graph(
    await repositoryOf({
      "package.json": { name: "app", scripts: { "test:types": "tstyche" } },
      "package-lock.json": {},
    }),
    KINDS,
  )
  expect(stages.find(({ kind }) => kind === "types")?.because).toContain("the script test:types")
})

test.each([
  ["npx biome lint .", "added"],
  ["npx biome ci .", undefined],
])("a formatter blocks where the team's CI formats, and not where its tool only lints: %s", async (run, gate) => {
  const { stages } = graph(
    await repositoryOf({
      "package.json": { name: "app", devDependencies: { "@biomejs/biome": "2" } },
      "package-lock.json": {},
      "biome.json": {},
      ".github/workflows/ci.yml": JSON.stringify({ jobs: { a: { steps: [{ run }] } } }),
    }),
    KINDS,
  )
  expect(stages.find(({ kind }) => kind === "format")?.gate).toBe(gate)
})
