import { expect, test } from "vitest"
import { graph } from "../../../ci/src/run/pipeline.js"
import { scriptsUnchecked } from "../../../ci/src/run/team-scripts.js"
import { KINDS } from "../../../ci/src/stages.js"
import { type Files, repositoryOf } from "../projects.js"

const SCRIPTS = {
  lint: "eslint .",
  test: "vitest run",
  "test:all": "npm run lint && npm test",
  "check:i18n": "i18n-check src",
  "check:size": "turbo run size",
  "lint:again": "eslint src",
  "build:docs": "typedoc",
  "test:docs": "mocha docs",
  licensed: "licensed status",
}

async function unchecked(steps: readonly object[], more: Files = {}) {
  const repository = await repositoryOf({
    "package.json": { name: "app", scripts: SCRIPTS, devDependencies: { vitest: "3", eslint: "9" } },
    "package-lock.json": {},
    ".github/workflows/ci.yml": JSON.stringify({ jobs: { check: { steps } } }),
    ...more,
  })
  const { stages } = graph(repository, KINDS)
  return scriptsUnchecked(repository, stages).flatMap(
    ({ what }) => /the scripts? (.+) in/.exec(what)?.[1]?.split(", ") ?? [],
  )
}

test.each([
  ["npm run check:i18n", ["check:i18n"]],
  ["npm run licensed && npm run lint", ["licensed"]],
  ["npm run lint && npm t", []],
  ["npm run test:all", []],
  ["npm run lint:again", []],
  ["npm run check:size", []],
  ["npm run build:docs", []],
  ["npm run test:docs", ["test:docs"]],
])("a script that the team's CI runs and no stage does is named: %s", async (run, names) => {
  expect(await unchecked([{ run }])).toEqual(names)
})

test("a script is named only where the CI runs it in its package, and not for a deployment", async () => {
  const web = {
    "web/package.json": { name: "web", scripts: { "check:i18n": "i18n-check" } },
    "web/package-lock.json": {},
  }
  expect(await unchecked([{ run: "npm run check:i18n", "working-directory": "web" }], web)).toEqual([
    "check:i18n",
  ])
  const jobs = { deploy: { steps: [{ run: "npm run check:i18n" }] } }
  expect(await unchecked([], { ".github/workflows/ci.yml": JSON.stringify({ jobs }) })).toEqual([])
})

test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
  [
    "beside one that runs",
    { "test:integration": "jest -c int", "test:integration:slow": "jest -c slow" },
    ["test:integration:slow"],
  ],
  [
    "unless that calls it",
    { "test:integration": "run-s test:integration:*", "test:integration:db": "jest" },
    [],
  ],
  ["end to end", { "test:e2e:firefox": "playwright test --project firefox" }, ["test:e2e:firefox"]],
  ["by a task of Nx", { e2e: "nx e2e", "test:e2e": "nx run-many -t e2e-ci" }, ["e2e", "test:e2e"]],
  ["but no helpers", { "test:e2e:ui": "playwright test --ui", "e2e:install": "playwright install" }, []],
])("suites by their names are named, whatever the CI runs: %s", async (_what, scripts, names) => {
  const app = { "package.json": { name: "app", scripts, devDependencies: { jest: "29" } } }
  expect(await unchecked([], app)).toEqual(names)
})

test("names scripts that the same file runs together, and those of all runs of a matrix", async () => {
  const scripts = { "test:pg": "japa pg", "test:mysql": "japa mysql", "test:all": "japa all" }
  const repository = await repositoryOf({
    "package.json": { name: "app", scripts },
    "package-lock.json": {},
    ".github/workflows/ci.yml": JSON.stringify({
      jobs: {
        test: {
          strategy: { matrix: { db: [{ name: "pg" }, { name: "mysql" }] } },
          steps: [{ run: `npm run test:\${{ matrix.db.name }}` }],
        },
      },
    }),
  })
  expect(scriptsUnchecked(repository, []).map(({ what }) => what)).toEqual([
    "the scripts test:pg, test:mysql in package.json, which .github/workflows/ci.yml runs",
  ])
})

test("a run of all tests does the work of one that picks some, and not that of another configuration", async () => {
  const scripts = {
    test: "vitest run",
    "test:web": "vitest run --project web",
    "test:files": "vitest run src/a",
    "test:slow": "vitest run -c vitest.slow.ts",
  }
  const app = { "package.json": { name: "app", scripts, devDependencies: { vitest: "3" } } }
  const runs = Object.keys(scripts).map((script) => ({ run: `npm run ${script}` }))
  expect(await unchecked(runs, app)).toEqual(["test:slow"])
})
