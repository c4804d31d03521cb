import { expect, test } from "vitest"
import { graph } from "../../../ci/src/run/pipeline.js"
import { commandsUnchecked } from "../../../ci/src/run/team-commands.js"
import { KINDS } from "../../../ci/src/stages.js"
import { type Files, repositoryOf } from "../projects.js"

async function unchecked(step: object, name = "check") {
  const repository = await repositoryOf({
    "package.json": {
      name: "app",
      scripts: { lint: "eslint .", test: "vitest run", smoke: "node test/smoke.mjs", nx: "nx" },
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
  ["npx moon ci --color", ["moon ci --color"]],
  [
    "npx nx affected --base=main -t lint,test,e2e-ci --parallel 4 && npx nx run shop:component-test && nx sync:check",
    ["nx e2e-ci", "nx component-test", "nx sync:check"],
  ],
  ["yarn nx affected -t lint,e2e-ci", ["nx e2e-ci"]],
  ["npx nx run-many -t test api-check build", ["nx api-check"]],
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
  "npx nx format:check && npx nx affected --targets=lint,test,deploy",
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

async function uncheckedPython(files: Files) {
  const repository = await repositoryOf({
    "pyproject.toml":
      '[project]\nname = "app"\ndependencies = []\n[dependency-groups]\ndev = ["pytest", "mypy", "ruff"]\n[tool.mypy]\n[tool.ruff]\n',
    "uv.lock": "",
    "app/main.py": "",
    "tests/test_main.py": "",
    ...files,
  })
  return commandsUnchecked(repository, graph(repository, KINDS).stages).map(({ what }) => what)
}
const workflow = (jobs: Readonly<Record<string, string>>): Files => ({
  ".github/workflows/ci.yml": JSON.stringify({
    jobs: Object.fromEntries(Object.entries(jobs).map(([name, run]) => [name, { steps: [{ run }] }])),
  }),
})

test.each([
  ["uv run --group dev pyright --verifytypes app", ["pyright --verifytypes app"]],
  ["python -m pylint app", ["pylint app"]],
  [`\${PREFIX}mkdocs build`, ["mkdocs build"]],
  ["poetry run coverage report --fail-under=100", ["coverage report --fail-under=100"]],
  ["uv run --with pytest-cov pytest -q --cov-fail-under=90", ["pytest -q --cov-fail-under=90"]],
  ["python manage.py makemigrations --check", ["manage.py makemigrations --check"]],
  ["ruff check . && bandit -r app", ["bandit -r app"]],
])("names a check of Python that no stage does: %s", async (run, commands) => {
  expect(await uncheckedPython(workflow({ test: run }))).toEqual(
    commands.map((text) => `\`${text}\`, which .github/workflows/ci.yml runs`),
  )
})

test.each([
  "uv run mypy app",
  "ruff check .",
  "ruff format --check .",
  "python -m pytest -q",
  "coverage run -m pytest",
  "pip install pylint bandit",
  "black .",
  "python -m pylint app || true",
])("names nothing of Python that a stage does, or that checks nothing: %s", async (run) => {
  expect(await uncheckedPython({ ...workflow({ test: run }), "ruff.toml": "" })).toEqual([])
})

test("names the checks of tox's environments, and those beside a release in a file that tests", async () => {
  const tox =
    "[tox]\nenvlist = py3, types\n[testenv]\ncommands = pytest\n[testenv:types]\ncommands = mypy\n  vulture app\n"
  expect(await uncheckedPython({ ...workflow({ test: "tox" }), "tox.ini": tox })).toEqual([
    "`vulture app`, which .github/workflows/ci.yml runs",
  ])
  const jobs = { test: "pytest", wheel: "twine check dist/*", publish: "twine check --strict dist/*" }
  const files = { ".github/workflows/build-release.yml": workflow(jobs)[".github/workflows/ci.yml"] ?? "" }
  expect(await uncheckedPython(files)).toEqual([
    "`twine check dist/*`, which .github/workflows/build-release.yml runs",
  ])
})

test("names the hooks of pre-commit that no stage runs, where the team's CI runs them", async () => {
  const hooks = "[{id: ruff-check}, {id: ruff-format}, {id: codespell, files: app}, {id: mypy}]"
  const files = { ".pre-commit-config.yaml": `repos: [{repo: a, rev: v1.0.0, hooks: ${hooks}}]` }
  expect(await uncheckedPython(files)).toEqual([])
  expect(await uncheckedPython({ ...files, ...workflow({ lint: "uvx pre-commit run -a" }) })).toEqual([
    "the hooks codespell of .pre-commit-config.yaml, which .github/workflows/ci.yml runs",
  ])
})
