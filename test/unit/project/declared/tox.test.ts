import { describe, expect, test } from "vitest"
import { jobOf } from "../../../../ci/src/project/declared/scripts.js"
import { withTox } from "../../../../ci/src/project/declared/tox.js"
import { expanded, namesIn } from "../../../../ci/src/project/declared/tox-file.js"
import { type Files, repositoryOf, treeOf } from "../../projects.js"

const INI = `[tox]
envlist =
    py{311,312}-django{42,50}
    lint

[testenv]
# A comment.
extras = tests
deps =
    django42: Django>=4.2,<5
    django50: Django>=5.0,<5.1
    -r requirements/test.txt
changedir = {toxinidir}/src
commands =
    python -m pytest \\
        {posargs:tests}
    - coverage report

[testenv:lint]
skip_install = true
deps = ruff
commands = {[checks]commands}

[testenv:docs]
commands = sphinx-build docs out

[checks]
commands = ruff check .
`
const run = async (call: string, files: Files = { "tox.ini": INI }, folder = "") => {
  const steps = await withTox(treeOf(files), [{ run: call, env: { A: "1" }, folder }])
  return steps.slice(1).map((step) => (step.folder === "" ? step.run : `${step.folder}: ${step.run}`))
}

const DJANGO_42 = [
  "pip install 'Django>=4.2,<5' -r requirements/test.txt .[tests]",
  "src: python -m pytest tests",
  "src: coverage report || true",
]

describe("a call of tox", () => {
  test.each([
    ["tox -e py311-django42", DJANGO_42],
    ["python -m tox run -e py312-django42", DJANGO_42],
    ["uvx --with tox-uv tox -epy312-django42", DJANGO_42],
    ["uv run --locked --group dev tox run -e py312-django42", DJANGO_42],
    ["tox -e lint,docs", ["src: ruff check .", "src: sphinx-build docs out"]],
    ["tox -e nobody", []],
    ["pip install tox", []],
    ["echo tox -e lint", []],
  ])("%s", async (call, expected) => {
    expect(await run(call)).toEqual(expected)
  })

  test.each(["TOXENV", "TOX_ENV"])("takes the environments of %s where it names none", async (name) => {
    const step = (run: string) => ({ run, env: { [name]: "lint" }, folder: "" })
    const runs = async (run: string) =>
      (await withTox(treeOf({ "tox.ini": INI }), [step(run)])).slice(1).map((one) => one.run)
    expect(await runs("tox")).toEqual(["ruff check ."])
    expect(await runs("tox -e docs")).toEqual(["sphinx-build docs out"])
  })

  test("hands its own arguments on", async () => {
    expect(await run("tox -e py311-django42 -- -k fast")).toContain("src: python -m pytest -k fast")
  })

  test("runs all usual environments where it names none, or one that only the vendor knows", async () => {
    const all = await run("tox")
    expect(all).toEqual(await run("tox -e $expression"))
    expect(all.filter((one) => one.includes("pytest"))).toEqual(["src: python -m pytest tests"])
    expect(all).toContain("src: ruff check .")
    expect(all.filter((one) => one.startsWith("pip"))).toEqual(DJANGO_42.slice(0, 1))
  })

  test("reads the file of its folder", async () => {
    const files = { "api/tox.ini": "[testenv]\ncommands = pytest\n" }
    expect(await run("tox -e py312", files, "api")).toEqual(["api: pytest"])
    expect(await run("tox -e py312", files)).toEqual([])
  })

  test("knows ranges, bases, comments, commands around its own and groups of requirements", async () => {
    const files = {
      "pyproject.toml":
        '[dependency-groups]\nbase = ["attrs"]\ntest = ["pytest>=8", { include-group = "base" }]\n',
      "setup.cfg": `[tox:tox]
env_list = py3{11-12}
[testenv]
commands_pre = python manage.py migrate
commands = pytest  # all
    linux: coverage report
    win32: dir
[testenv:slow]
dependency_groups = test
set_env =
    A = {env:A:2}{env:B:3}
    ROOT = {toxinidir}/src
    TMP = {env_tmp_dir}
    file|.env.test
[testenv:slower]
base = slow
commands = pytest --slow
`,
      ".env.test": "DB=sqlite\n",
    }
    expect(await run("tox -e py312", files)).toEqual([
      "python manage.py migrate",
      "pytest",
      "coverage report",
    ])
    expect(await run("tox -e slower", files)).toEqual(["pip install --group test", "pytest --slow"])
    const steps = await withTox(treeOf(files), [{ run: "tox -e slow", env: { A: "1" }, folder: "" }])
    expect(steps.at(-1)?.env).toEqual({ A: "13", ROOT: "./src", DB: "sqlite" })
  })

  test("reads tox.toml", async () => {
    const toml =
      'env_list = ["unit"]\n[env.unit]\nset_env = { A = "2" }\ncommands_pre = [["true"]]\ncommands = [["pytest"]]\n'
    expect(await run("tox", { "tox.toml": toml, "pyproject.toml": "[tool.black]\n" })).toEqual([
      "true",
      "pytest",
    ])
  })

  test("reads pyproject.toml, in either form", async () => {
    const toml = `[tool.tox]
env_list = ["py3.14", "typing"]
[tool.tox.env_run_base]
commands = [["pytest", "-v", "--basetemp={env_tmp_dir}", { replace = "posargs", default = ["tests"], extend = true }]]
[tool.tox.env.typing]
commands = [["mypy"], ["pyright", "--verifytypes", "click"]]
`
    expect(await run("tox", { "pyproject.toml": toml })).toEqual([
      "pytest -v --basetemp=$unknown tests",
      "mypy",
      "pyright --verifytypes click",
    ])
    const old = '[tool.tox]\nlegacy_tox_ini = """\n[testenv]\ncommands = pytest\n"""\n'
    expect(await run("tox -e py312", { "pyproject.toml": old })).toEqual(["pytest"])
  })
})

test("names are divided outside of braces, and expanded", () => {
  expect(expanded("py{39,310}-{a,b}")).toEqual(["py39-a", "py39-b", "py310-a", "py310-b"])
  expect(namesIn("lint,\n py{39,310}")).toEqual(["lint", "py39", "py310"])
})

test("the packages of tox's environments are needed, and those of others that run no tests are not", async () => {
  const { projects } = await repositoryOf({
    "setup.py": "",
    "tox.ini":
      "[testenv]\ndeps =\n  pytest\n  freezegun~=1.5\ncommands = pytest\n[testenv:docs]\ndeps = sphinx\ncommands = sphinx-build docs out\n",
    ".github/workflows/ci.yml": {
      jobs: { test: { steps: [{ run: "pip install tox" }, { run: "tox -e py312,docs" }] } },
    },
  })
  expect(projects[0]?.python?.needed).toEqual(["pytest", "freezegun~=1.5"])
})

test("the tests get the variables of tox's environment", async () => {
  const { projects } = await repositoryOf({
    "setup.py": "",
    "test_a.py": "",
    "tox.ini": "[testenv]\ndeps = pytest\nsetenv = DJANGO_SETTINGS_MODULE = a.settings\ncommands = pytest\n",
    ".github/workflows/ci.yml": { jobs: { test: { steps: [{ run: "tox -e py312", env: { A: "1" } }] } } },
  })
  const [project] = projects
  const runs = project && jobOf(project, { workspace: project.root, kind: "unit", script: "test" })
  expect(runs?.step.env).toEqual({ A: "1", DJANGO_SETTINGS_MODULE: "a.settings" })
})

describe("without a name", () => {
  const ini = `[tox]
envlist = py39-older, py{313,315}-{old,new}, lint
[gh-actions:env]
DJANGO =
    4.2: old
    5.0: new
[testenv]
deps =
    older: Django<3
    old: Django<5
    new: Django>=5
commands = pytest
`
  const installs = async (env: Readonly<Record<string, string>>) => {
    const steps = await withTox(treeOf({ "tox.ini": ini }), [{ run: "tox", env, folder: "" }])
    return steps.slice(1, 3).map((one) => [one.run, one.env])
  }

  test("the environments of the newest Python that an image has count first", async () => {
    expect(await installs({})).toEqual([
      ["pip install 'Django<5'", {}],
      ["pytest", {}],
    ])
  })

  test("tox-gh-actions chooses by variables, which the tests do not get", async () => {
    expect(await installs({ DJANGO: "5.0" })).toEqual([
      ["pip install 'Django>=5'", {}],
      ["pytest", {}],
    ])
  })
})

describe("tox in TOML", () => {
  const toml = `env_list = ["lint", { product = [{ prefix = "3.", start = 13, stop = 14 }, ["a", "b"]], exclude = ["3.13-b"] }]
labels = { static = ["lint"] }
[env_run_base]
deps = ["pytest", "mock"]
set_env.A = { replace = "env", name = "HOME_OF_A", default = "{work_dir}{/}a" }
set_env.B = "b"
commands = [
  ["pytest", "-m", "not slow", { replace = "posargs", default = ["--cov", "tests"], extend = true }],
  { replace = "posargs", default = [["diff-cover", "out{/}coverage.xml"]], extend = true },
]
[env.lint]
labels = ["all"]
deps = [{ replace = "ref", of = ["env_run_base", "deps"], extend = true }, "ruff"]
commands = [["ruff", { replace = "ref", env = "format", key = "words", extend = true }, "."]]
[env.format]
words = ["check", "--quiet"]
[env.slow]
base = ["env.lint"]
`
  const TESTS = ["pip install pytest mock", "pytest -m 'not slow' --cov tests", "diff-cover out/coverage.xml"]

  test.each([
    ["tox", [...TESTS, "ruff check --quiet ."]],
    ["tox -e 3.13-a -- -x", [TESTS[0], "pytest -m 'not slow' -x", TESTS[2]]],
    ["tox -m static", ["ruff check --quiet ."]],
    ["tox -m all", ["ruff check --quiet ."]],
    ["tox -f a", TESTS],
  ])("%s", async (call, expected) => {
    expect(await run(call, { "tox.toml": toml })).toEqual(expected)
  })

  test("sets what a variable has by default, but for what only tox knows", async () => {
    const steps = await withTox(treeOf({ "tox.toml": toml }), [{ run: "tox -e 3.14-b", env: {}, folder: "" }])
    expect(steps.at(-1)?.env).toEqual({ B: "b" })
  })
})

test.each([
  [
    "tox -c ci/tests.ini",
    { "ci/tests.ini": "[testenv]\ncommands = pytest\n[tox]\nenvlist = py312\n" },
    ["ci: pytest"],
  ],
  ["tox -c ci", { "ci/tox.ini": "[testenv]\ncommands = pytest\n[tox]\nenvlist = py312\n" }, ["ci: pytest"]],
  ["tox -c other.toml -e t", { "other.toml": '[env.t]\ncommands = [["pytest"]]\n' }, ["pytest"]],
  [
    "tox -m fast",
    { "tox.ini": "[tox]\nlabels =\n  fast = a,b\n[testenv:{a,b}]\ncommands = pytest {envname}\n" },
    ["pytest a", "pytest b"],
  ],
  [
    "tox -m fast",
    {
      "tox.ini":
        "[tox]\nenvlist = a, b\n[testenv]\ncommands = pytest {envname}\n[testenv:b]\nlabels = slow, fast\n",
    },
    ["pytest b"],
  ],
])("%s is read where it says", async (call, files: Files, expected) => {
  expect(await run(call, files)).toEqual(expected)
})
