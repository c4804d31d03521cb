import { describe, expect, test } from "vitest"
import { readDeclared } from "../../../../ci/src/project/declared/declared.js"
import { teamTools, teamVersions } from "../../../../ci/src/project/declared/languages.js"
import { type Files, projectOf, repositoryOf, treeOf } from "../../projects.js"

const expression = (text: string) => `\${{ ${text} }}`
const WORKFLOW = ".github/workflows/ci.yml"
const workflow = (...steps: readonly object[]) =>
  JSON.stringify({ jobs: { test: { steps: [...steps, { run: "npm test" }] } } })
const uses = (name: string, settings: object) => ({ uses: `${name}@v4`, with: settings })

describe("the versions of languages that a workflow sets up", () => {
  test.each<[string, object, Files, "node" | "python", string[]]>([
    ["an input", uses("actions/setup-node", { "node-version": 20 }), {}, "node", ["20"]],
    ["a fork's input", uses("acme/setup-node", { "node-version": 20 }), {}, "node", ["20"]],
    [
      "a file",
      uses("actions/setup-node", { "node-version-file": "ci/node" }),
      { "ci/node": "v20.11.0\n" },
      "node",
      ["20.11.0"],
    ],
    [
      "a package.json below",
      uses("actions/setup-node", { "node-version-file": "./web/package.json" }),
      { "web/package.json": { engines: { node: ">=20" }, volta: { node: "20.1.0" } } },
      "node",
      ["20.1.0"],
    ],
    [
      "a .tool-versions",
      uses("actions/setup-node", { "node-version-file": "api/.tool-versions" }),
      { "api/.tool-versions": "nodejs 18.1.0\n" },
      "node",
      ["18.1.0"],
    ],
    [
      "a pyproject.toml",
      uses("actions/setup-python", { "python-version-file": "api/pyproject.toml" }),
      { "api/pyproject.toml": '[project]\nrequires-python = ">=3.12"\n' },
      "python",
      [">=3.12"],
    ],
    ["uv's action", uses("astral-sh/setup-uv", { "python-version": "3.13" }), {}, "python", ["3.13"]],
    ["a file that is not there", uses("actions/setup-node", { "node-version-file": "no" }), {}, "node", []],
  ])("are read from %s", async (_what, step, files, language, versions) => {
    const declared = await readDeclared(treeOf({ ...files, [WORKFLOW]: workflow(step) }))
    expect(teamVersions(declared, language).map(({ wanted }) => wanted)).toEqual(versions)
  })

  test("are those of jobs that test, whichever file a job that publishes is in", async () => {
    const python = (version: string) => uses("actions/setup-python", { "python-version": version })
    const declared = await readDeclared(
      treeOf({
        [WORKFLOW]: workflow(python("3.12"), { run: "pytest" }),
        ".github/workflows/publish.yml": JSON.stringify({
          jobs: { publish: { steps: [python("3.11"), { run: "python -m build" }] } },
        }),
      }),
    )
    expect(teamVersions(declared, "python").map(({ wanted }) => wanted)).toEqual(["3.12"])
  })

  test("are read from the repository's own actions, with their inputs and defaults", async () => {
    const action = {
      inputs: { node: { default: "18" } },
      runs: {
        using: "composite",
        steps: [uses("actions/setup-node", { "node-version": expression("inputs.node") })],
      },
    }
    const found = async (settings: object) =>
      teamVersions(
        await readDeclared(
          treeOf({
            ".github/actions/setup/action.yml": JSON.stringify(action),
            [WORKFLOW]: workflow({ uses: "./.github/actions/setup", with: settings }),
          }),
        ),
        "node",
      ).map(({ wanted }) => wanted)
    expect(await found({})).toEqual(["18"])
    expect(await found({ node: "22" })).toEqual(["22"])
  })
})

describe("the versions of package managers that a team's CI installs", () => {
  test.each<[string, object, string, string[]]>([
    ["bun", uses("oven-sh/setup-bun", { "bun-version": "1.2.3" }), "bun", ["1.2.3"]],
    ["pnpm", uses("pnpm/action-setup", { version: 9 }), "pnpm", ["9"]],
    ["Poetry", uses("snok/install-poetry", { version: "1.8.3" }), "poetry", ["1.8.3"]],
    ["uv", uses("astral-sh/setup-uv", { version: "0.7.22" }), "uv", ["0.7.22"]],
    ["PDM by pip", { run: "pip install --user pdm==2.20.1" }, "pdm", ["2.20.1"]],
    ["pnpm by Corepack", { run: "corepack prepare pnpm@9.1.0 --activate" }, "pnpm", ["9.1.0"]],
    ["none", { run: "pip install poetry" }, "poetry", []],
  ])("are read: %s", async (_what, step, tool, versions) => {
    const declared = await readDeclared(treeOf({ [WORKFLOW]: workflow(step) }))
    expect(teamTools(declared, tool).map(({ wanted }) => wanted)).toEqual(versions)
  })

  test("count where no file of the project names one", async () => {
    const step = uses("pnpm/action-setup", { version: "10" })
    const lock = { "pnpm-lock.yaml": "lockfileVersion: '9.0'\n", [WORKFLOW]: workflow(step) }
    expect((await projectOf({ "package.json": {}, ...lock })).packageManager).toMatchObject({
      name: "pnpm",
      version: "10",
      because: WORKFLOW,
    })
    const named = { "package.json": { packageManager: "pnpm@9.4.0" }, ...lock }
    expect((await projectOf(named)).packageManager.version).toBe("9.4.0")
  })

  test.each([
    ["1.8.3", "==1.8.3"],
    ["1.1.12", null],
  ])("count for Poetry %s only where it knows today's options", async (version, expected) => {
    const { projects } = await repositoryOf({
      "pyproject.toml": '[tool.poetry]\nname = "a"\n',
      "poetry.lock": "",
      [WORKFLOW]: workflow(uses("snok/install-poetry", { version })),
    })
    expect(projects[0]?.python?.managerVersion).toBe(expected)
  })
})

describe("shell scripts that a workflow calls", () => {
  const stepsOf = async (files: Files, ...steps: readonly object[]) =>
    (await readDeclared(treeOf({ ...files, [WORKFLOW]: workflow(...steps) }))).jobs.flatMap(
      (job) => job.steps,
    )

  test.each([
    ["./scripts/test", "#!/bin/sh -e\npytest tests\n"],
    ["bash scripts/test", "pytest tests\n"],
    ["uv run bash -x scripts/test arg", "pytest tests\n"],
    ["A=1 poetry run ./scripts/test", "#!/usr/bin/env bash\npytest tests\n"],
    ["npm ci && sh scripts/test", "pytest tests\n"],
  ])("are read for their commands: %s", async (run, text) => {
    const steps = await stepsOf({ "scripts/test": text }, { run, env: { KEY: "a" } })
    expect(steps.find((step) => step.run === "pytest tests")?.env).toMatchObject({ KEY: "a" })
  })

  test("are found in the step's folder, and may call others", async () => {
    const files = { "api/run.sh": "sh more.sh\n", "api/more.sh": "cd src\nalembic upgrade head\n" }
    const steps = await stepsOf(files, { run: "./run.sh", "working-directory": "api" })
    expect(steps.find(({ run }) => run.startsWith("alembic"))?.folder).toBe("api/src")
  })

  test("end where they call themselves, and are no programs of other languages", async () => {
    const steps = await stepsOf(
      { "a.sh": "./a.sh\n", "b.py": "import os\n" },
      { run: "./a.sh" },
      { run: "./b.py" },
    )
    expect(steps.map(({ run }) => run)).not.toContain("import os")
  })

  test("are found in a step with a value that only GitHub knows", async () => {
    const run = `bash scripts/test.sh "${expression("github.sha")}"`
    expect((await stepsOf({ "scripts/test.sh": "pytest\n" }, { run })).map((step) => step.run)).toContain(
      "pytest",
    )
  })
})
