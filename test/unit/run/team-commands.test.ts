import { expect, test } from "vitest"
import { graph } from "../../../ci/src/run/pipeline.js"
import { commandsUnchecked } from "../../../ci/src/run/team-commands.js"
import { KINDS } from "../../../ci/src/stages.js"
import { repositoryOf } from "../projects.js"

async function unchecked(step: object, name = "check") {
  const repository = await repositoryOf({
    "package.json": {
      name: "app",
      scripts: { lint: "eslint .", test: "vitest run", smoke: "node test/smoke.mjs" },
      devDependencies: { vitest: "3", eslint: "9" },
    },
    "package-lock.json": {},
    ".github/workflows/ci.yml": JSON.stringify({ jobs: { [name]: { steps: [step] } } }),
  })
  return commandsUnchecked(repository, graph(repository, KINDS).stages).map(
    ({ what }) => /`(.+)`/.exec(what)?.[1],
  )
}

test.each([
  ["npx playwright test", ["playwright test"]],
  ["npx cypress run --browser chrome", ["cypress run --browser chrome"]],
  ["deno test --allow-read", ["deno test --allow-read"]],
  ["npx publint && npx attw --pack", ["publint", "attw --pack"]],
  ["node scripts/check-locales.mjs", ["node scripts/check-locales.mjs"]],
  ["npx vitest run --config vitest.slow.ts", ["vitest run --config vitest.slow.ts"]],
  ["npm run codegen && git diff --exit-code", ["git diff --exit-code"]],
  ["git diff --quiet || exit 1", ["git diff --quiet"]],
  ["docker compose up --exit-code-from api", ["docker compose up --exit-code-from api"]],
])("names a check that the team's CI runs by a command and no stage does: %s", async (run, commands) => {
  expect(await unchecked({ run })).toEqual(commands)
})

test.each([
  "npx eslint src",
  "npx vitest run --coverage",
  "npx vitest run src/a.test.ts",
  "npx playwright install --with-deps",
  "npx prettier --write .",
  "node tools/wait-up.js",
  "git diff --quiet && git push",
  "# npx cypress run",
])("names nothing that a stage does, or that checks nothing: %s", async (run) => {
  expect(await unchecked({ run })).toEqual([])
})

test("names an action that checks code, and none in a job that deploys", async () => {
  const uses = "cypress-io/github-action@v6"
  expect(await unchecked({ uses })).toEqual([uses])
  expect(await unchecked({ uses }, "deploy")).toEqual([])
  expect(await unchecked({ uses: "actions/checkout@v4" })).toEqual([])
})
