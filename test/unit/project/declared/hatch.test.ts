import { describe, expect, test } from "vitest"
import { hatchUnasked, withHatch } from "../../../../ci/src/project/declared/hatch.js"
import { type Files, treeOf } from "../../projects.js"

const HATCH = `[envs.default]
dependencies = ["iniconfig"]
[envs.default.scripts]
docs = "mkdocs build"

[envs.check]
features = ["fast"]
extra-dependencies = ["pytest >= 7", "django~={matrix:django}.0"]
[envs.check.env-vars]
MODE = "test"
ROOT = "{root:uri}"
[envs.check.scripts]
unit = "pytest {args:tests}"
cov = ["unit --cov=shop {args}", "- coverage report"]
[envs.check.overrides]
matrix.django.extra-dependencies = [
  { value = "old", if = ["4.2"] },
  { value = "new", if = ["5.2"] },
  { value = "pywin32", if = ["4.2"], platform = ["windows"] },
]
[[envs.check.matrix]]
python = ["3.11", "3.12"]
django = ["4.2", "5.2"]

[envs.lint]
detached = true
dependencies = ["ruff"]
scripts = { all = ["style", "types"], style = "ruff check {args:.}", types = "mypy src" }

[envs.hatch-test]
extra-dependencies = ["freezegun"]
`

const FILES: Files = { "hatch.toml": HATCH }

const run = async (call: string, files: Files = FILES) =>
  (await withHatch(treeOf(files), [{ run: call, env: { A: "1" }, folder: "" }])).slice(1)

const INSTALL = "pip install iniconfig 'pytest >= 7' 'django~=4.2.0' old .[fast]"
const OF_TESTS =
  "pip install 'coverage[toml]' pytest pytest-mock pytest-randomly pytest-rerunfailures 'pytest-xdist[psutil]' freezegun"

describe("a call of Hatch", () => {
  test.each<[string, readonly string[]]>([
    ["hatch run check:unit", [INSTALL, "pytest tests"]],
    ["hatch run +py=3.12 check:cov -v", [INSTALL, "pytest --cov=shop -v", "coverage report || true"]],
    ["pipx run hatch -e check run cov", [INSTALL, "pytest --cov=shop", "coverage report || true"]],
    ["hatch env run -e check -- unit tests/a", [INSTALL, "pytest tests/a"]],
    ["python -m hatch run check.py3.12:pytest -k 'a b'", [INSTALL, "pytest -k 'a b'"]],
    ["hatch run lint:all", ["ruff check .", "mypy src"]],
    ["hatch run docs", ["mkdocs build"]],
    ["hatch test", [OF_TESTS, "pytest"]],
    ["hatch test --cover -py 3.12 tests/a", [OF_TESTS, "coverage run -m pytest tests/a"]],
    ["hatch test --all -- -x", [OF_TESTS, "pytest -x"]],
    ["hatch run nobody:unit", []],
    ["pip install hatch", []],
    ["hatch build", []],
  ])("%s", async (call, expected) => {
    expect((await run(call)).map((step) => step.run)).toEqual(expected)
  })

  test("has the variables of its environment, without those that only Hatch knows", async () => {
    expect((await run("hatch run check:unit")).at(-1)?.env).toEqual({ A: "1", MODE: "test" })
  })

  test("finds its environments in pyproject.toml as well", async () => {
    const toml = `[tool.hatch.envs.default]\ndependencies = ["pytest"]\nscripts.test = "pytest"\n`
    const steps = await run("hatch run test", { "pyproject.toml": toml })
    expect(steps.map((step) => step.run)).toEqual(["pip install pytest", "pytest"])
  })
})

describe("Hatch's environments of development", () => {
  test("are needed where no CI calls Hatch", async () => {
    expect(await hatchUnasked(treeOf(FILES), [])).toMatchObject({
      deps: expect.arrayContaining(["iniconfig", "ruff", "freezegun"]),
    })
  })

  test("are as the CI calls them where it does", async () => {
    const steps = [{ run: "hatch run check:unit", env: {}, folder: "" }]
    expect(await hatchUnasked(treeOf(FILES), [{ steps }])).toEqual({ deps: [], extras: [] })
  })
})
