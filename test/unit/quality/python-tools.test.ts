import { describe, expect, test } from "vitest"
import { placesOf } from "../../../ci/src/project/python-places.js"
import { type PythonKind, setUpIn } from "../../../ci/src/quality/python-tools.js"
import { graph } from "../../../ci/src/run/pipeline.js"
import { KINDS } from "../../../ci/src/stages.js"
import { type Files, repositoryOf } from "../projects.js"

const WORKFLOW = ".github/workflows/ci.yml"
const workflow = (...steps: readonly object[]) => JSON.stringify({ jobs: { check: { steps } } })
const BASE: Files = { "requirements.txt": "flask\n", "app/a.py": "", "tests/b.py": "" }

async function found(kind: PythonKind, files: Files) {
  const project = (await repositoryOf({ ...BASE, ...files })).projects.find(({ python }) => python !== null)
  const [place] = project ? placesOf(project) : []
  const one = project && place ? setUpIn(project, place, kind) : null
  return one && project && place
    ? {
        tool: one.tool.tool,
        file: one.file,
        brought: one.brought,
        run: one.tool.run(one.args, project, place),
      }
    : null
}

describe("a tool that the team's CI calls", () => {
  test.each<[PythonKind, string, string, string]>([
    ["lint", "uv run ruff check app --fix", "ruff", "ruff check --output-format=github app"],
    ["lint", "ruff check", "ruff", "ruff check --output-format=github ."],
    [
      "lint",
      "flake8 app --count --select=E9,F63",
      "flake8",
      "flake8 --extend-exclude .venv app --select=E9,F63",
    ],
    ["lint", "ruff check $FILES", "ruff", "ruff check --output-format=github ."],
    ["format", "ruff format --check app tests", "ruff-format", "ruff format --check app tests"],
    ["format", "poetry run black --check --diff ./app", "black", "black --check --quiet --diff ./app"],
    ["types", "mypy app tests", "mypy", "mypy app tests"],
    ["types", "python -m mypy", "mypy", "mypy"],
    ["types", "pip install mypy\nmypy app\npytest -q", "mypy", "mypy app"],
    ["types", "mypy\npytest -q", "mypy", "mypy"],
    ["types", "mypy \\\n  app tests", "mypy", "mypy app tests"],
    ["types", "npx pyright", "pyright", "pyright"],
  ])("is the project's own %s: %s", async (kind, run, tool, command) => {
    expect(await found(kind, { [WORKFLOW]: workflow({ run }) })).toMatchObject({
      tool,
      file: WORKFLOW,
      run: command,
    })
  })

  test.each<[PythonKind, string]>([
    ["lint", "pip install ruff flake8"],
    ["lint", "flake8 . --exit-zero"],
    ["lint", "ruff check . || true"],
    ["lint", "ruff format --check"],
    ["format", "black ."],
    ["types", "echo mypy"],
    ["types", "pip install pytest \\\n  mypy"],
    ["types", "make mypy"],
    ["types", "tox -e mypy"],
  ])("is no gate for %s: %s", async (kind, run) => {
    expect(await found(kind, { [WORKFLOW]: workflow({ run }) })).toBeNull()
  })

  test("is found in a script, and in its folder alone", async () => {
    const files = { "scripts/check": "#!/bin/sh\n$BIN/ruff format app --diff\n" }
    const step = { run: "scripts/check" }
    expect(await found("format", { ...files, [WORKFLOW]: workflow(step) })).toMatchObject({
      tool: "ruff-format",
    })
    const below = workflow({ run: "ruff check", "working-directory": "web" })
    expect(await found("lint", { [WORKFLOW]: below })).toBeNull()
  })

  test("is installed in the version that the CI installs, unless a dependency brings it", async () => {
    const steps = workflow({ run: "pip install flake8==7.1.0" }, { run: "flake8" })
    expect(await found("lint", { [WORKFLOW]: steps })).toMatchObject({ brought: "flake8==7.1.0" })
    const own = { [WORKFLOW]: steps, "requirements.txt": "flake8\n" }
    expect(await found("lint", own)).toMatchObject({ brought: null })
  })
})

describe("hooks that run before commits", () => {
  const hooks = (more: object, ...list: readonly object[]) => ({
    ".pre-commit-config.yaml": JSON.stringify({
      repos: [{ repo: "r", rev: "v0.6.9", hooks: list }],
      ...more,
    }),
  })

  test("are gates, in their version", async () => {
    const files = hooks({}, { id: "ruff", args: ["--fix"] }, { id: "ruff-format" })
    expect(await found("lint", files)).toMatchObject({
      brought: "ruff==0.6.9",
      file: ".pre-commit-config.yaml",
      run: `ruff check --output-format=github --config 'include=["*.py","*.pyi","*.pyw","*.ipynb"]' .`,
    })
    expect(await found("format", files)).toMatchObject({ tool: "ruff-format", brought: "ruff==0.6.9" })
  })

  test("are read with the command of their own", async () => {
    const files = hooks({}, { id: "local-mypy", entry: "uv run mypy app" })
    expect(await found("types", files)).toMatchObject({ tool: "mypy", run: "mypy app" })
  })

  test("are none where they look at some files only", async () => {
    expect(await found("lint", hooks({}, { id: "ruff", exclude: "^tests/" }))).toBeNull()
    expect(await found("lint", hooks({ exclude: "^tests/" }, { id: "ruff" }))).toBeNull()
  })
})

test("members of a workspace of uv have stages for the tools that the root has not", async () => {
  const repository = await repositoryOf({
    "pyproject.toml": '[tool.uv.workspace]\nmembers = ["libs/*"]\n[tool.ruff]\n',
    "uv.lock": "",
    "libs/cart/pyproject.toml":
      '[project]\nname = "cart"\n[dependency-groups]\ndev = ["mypy"]\n[tool.mypy]\n[tool.ruff]\n',
    "libs/cart/src/a.py": "",
  })
  const { stages } = graph(repository, KINDS)
  const shown = stages.filter(({ kind }) => ["lint", "types"].includes(kind))
  expect(shown.map(({ name, because }) => [name, because])).toEqual([
    ["lint", "ruff, pyproject.toml"],
    ["types:cart", "mypy, libs/cart/pyproject.toml"],
  ])
})
