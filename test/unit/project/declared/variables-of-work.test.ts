import { expect, test } from "vitest"
import {
  variablesOfInstall,
  variablesOfScript,
} from "../../../../ci/src/project/declared/variables-of-work.js"
import { graph } from "../../../../ci/src/run/pipeline.js"
import { KINDS } from "../../../../ci/src/stages.js"
import { projectOf, repositoryOf, workspaceOf } from "../../projects.js"

const app = (steps: readonly object[], job: object = {}) => ({
  "package.json": { name: "root", workspaces: ["web", "docs"], scripts: { build: "turbo run build" } },
  "package-lock.json": {},
  "web/package.json": {
    name: "web",
    scripts: { build: "next build", lint: "eslint .", types: "tsc --noEmit", postinstall: "prisma generate" },
  },
  "docs/package.json": { name: "docs", scripts: { build: "astro build" } },
  ".github/workflows/ci.yml": JSON.stringify({ jobs: { check: { ...job, steps } } }),
})

const ofBuild = async (steps: readonly object[], job: object = {}) => {
  const project = await projectOf(app(steps, job))
  return variablesOfScript(project, workspaceOf(project, "web"), "build").env
}

test("a build has the variables of the step that runs it, directly or through the root", async () => {
  const env = { SKIP_ENV_VALIDATION: "1" }
  expect(await ofBuild([{ run: "npm run build -w web", env }])).toEqual(env)
  expect(await ofBuild([{ run: "npm run build" }], { env })).toEqual(env)
  expect(await ofBuild([{ run: "npm run lint", env }])).toEqual({})
  expect(await ofBuild([{ run: "npm run build -w web", env: { CI: "1", TURBO_TOKEN: "t" } }])).toEqual({})
  expect(
    await ofBuild([{ run: "npm run build" }], { env: { FORCE_COLOR: "3", "node-version": "20" } }),
  ).toEqual({})
  expect(await ofBuild([{ run: "npm run build", env: { KEY: `\${{ secrets.KEY }}` } }])).toEqual({})
})

test("scripts that belong to an install have the variables of the step that installs", async () => {
  const project = await projectOf(
    app([
      { run: "npm ci", env: { DATABASE_URL: "file:./dev.db" } },
      { run: "npm run install:browsers", env: { A: "1" } },
    ]),
  )
  expect(variablesOfInstall(project).env).toEqual({ DATABASE_URL: "file:./dev.db" })
  expect(
    variablesOfInstall(await projectOf(app([{ run: "yarn --immutable", env: { A: "1" } }]))).env,
  ).toEqual({ A: "1" })
  expect(variablesOfInstall(await projectOf(app([{ run: "yarn build", env: { A: "1" } }]))).env).toEqual({})
})

test("the plan says where stages have variables from", async () => {
  const repository = await repositoryOf(
    app([{ run: "npm ci && npm run lint -w web && npm run build" }], { env: { A: "1" } }),
  )
  const { stages } = graph(repository, KINDS)
  const named = stages.filter(({ because }) => because.includes("variables from .github/workflows/ci.yml"))
  expect(named.map(({ name }) => name).sort()).toEqual(["build:docs", "build:web", "lint:web", "prepare:web"])
})
