import { expect, test } from "vitest"
import { graph } from "../../../ci/src/run/pipeline.js"
import { KINDS } from "../../../ci/src/stages.js"
import { repositoryOf } from "../projects.js"

async function gateOf(run: string | null) {
  return gateOfScripts({ check: "npm run format:check", "format:check": "prettier --check ." }, run)
}

async function gateOfScripts(scripts: object, run: string | null) {
  const repository = await repositoryOf({
    "package.json": {
      name: "app",
      scripts: { test: "vitest run", ...scripts },
      devDependencies: { prettier: "3" },
    },
    ...(run === null
      ? {}
      : { ".github/workflows/ci.yml": { jobs: { test: { steps: [{ run: "npm ci" }, { run }] } } } }),
  })
  return graph(repository, KINDS).stages.find(({ name }) => name === "format")?.gate ?? "own"
}

test.each([
  ["no CI is described", null, "own"],
  ["its CI runs it", "npm run format:check", "own"],
  ["its CI runs it through another script", "npm run check", "own"],
  ["its CI runs the tool", "npx prettier --check src", "own"],
  ["its CI leaves it out", "npm test", "added"],
])("a script that checks formatting where %s", async (_, run, gate) => {
  expect(await gateOf(run)).toBe(gate)
})

test.each([
  ["no CI is described", null, "own"],
  ["its CI repairs files, and compares them", "npm run format && git diff --exit-code", "own"],
  ["its CI checks them as well", "npx prettier --check src", "own"],
  ["its CI only repairs them", "npm run format", "added"],
])("a script that only formats where %s", async (_, run, gate) => {
  expect(await gateOfScripts({ format: "prettier --write .", types: "tsc --noEmit" }, run)).toBe(gate)
})
