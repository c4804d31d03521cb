import { describe, expect, test } from "vitest"
import { migrationOf } from "../../../ci/src/project/declared/migrations.js"
import type { Project } from "../../../ci/src/project/project.js"
import { pytestCommand } from "../../../ci/src/testing/pytest-command.js"
import { pythonTests } from "../../../ci/src/testing/python.js"
import { preparingOf } from "../../../ci/src/testing/python-preparing.js"
import { holdsTest } from "../../../ci/src/testing/python-result.js"
import { asksForCoverage, idleTests, suitesOf, testOf } from "../../../ci/src/testing/python-suites.js"
import { type Files, repositoryOf } from "../projects.js"

const WORKFLOW = ".github/workflows/ci.yml"
const workflow = (...steps: readonly object[]) => JSON.stringify({ jobs: { test: { steps } } })

async function pythonIn(files: Files): Promise<Project> {
  const found = (await repositoryOf(files)).projects.find(({ language }) => language === "python")
  if (!found) throw new Error("no Python project")
  return found
}
const suites = async (files: Files) => suitesOf(await pythonIn(files))

describe("the suites of a workspace of uv", () => {
  const workspace = (member: string): Files => ({
    "pyproject.toml": '[tool.uv.workspace]\nmembers = ["libs/*"]\n',
    "uv.lock": "",
    "libs/cart/pyproject.toml": `[project]\nname = "cart"\n${member}`,
    "libs/cart/tests/test_cart.py": "",
  })

  test("are one of each member that sets pytest up, in its folder", async () => {
    const files = { ...workspace("[tool.pytest.ini_options]\n"), "tests/test_all.py": "" }
    expect(await suites(files)).toMatchObject([
      { label: "", folder: "", files: ["tests/test_all.py"], args: " --ignore=libs/cart" },
      { label: "cart", folder: "libs/cart", files: ["libs/cart/tests/test_cart.py"], args: "" },
    ])
  })

  test("are one where no member does", async () => {
    expect(await suites(workspace(""))).toMatchObject([{ label: "", folder: "", args: "" }])
  })

  test("have names that no package of Node.js has", async () => {
    const { projects } = await repositoryOf({
      ...workspace("[tool.pytest.ini_options]\n"),
      "package.json": { name: "cart" },
      "package-lock.json": {},
    })
    expect(projects.flatMap(suitesOf).map(({ label }) => label)).toEqual(["cart-2"])
  })
})

describe("a suite", () => {
  const files: Files = {
    "requirements.txt": "pytest\n",
    "api/tests/test_a.py": "",
    "api/tests/e2e/test_b.py": "",
  }
  const of = async (...steps: readonly object[]) =>
    (await suites({ ...files, [WORKFLOW]: workflow(...steps) }))[0]

  test("runs in the folder in which the team's CI runs it", async () => {
    expect(await of({ run: "pytest", "working-directory": "api" })).toMatchObject({ folder: "api" })
    expect(await of({ run: "cd api/tests/e2e && pytest" })).toMatchObject({ folder: "" })
  })

  test.each([
    ["pytest api/tests/e2e -v", " api/tests/e2e", ["api/tests/test_a.py"]],
    ["coverage run -m pytest -m 'not slow' --cov=app", " -m 'not slow'", []],
    ["python -m pytest --ignore=api/tests/e2e", " --ignore=api/tests/e2e", []],
    ['pytest "$@"', "", []],
    ["pip install pytest", "", []],
  ])("has the tests that the team's CI chooses: %s", async (run, args, left) => {
    expect(await of({ run })).toMatchObject({ args, left })
  })

  test("has all tests where the team's CI runs several parts", async () => {
    expect(await of({ run: "pytest api/tests/e2e" }, { run: "pytest api/tests" })).toMatchObject({ args: "" })
  })

  test("has what several calls run, and names what one runs under a condition", async () => {
    const job = {
      strategy: { matrix: { include: [{ db: "a" }, { db: "b", auth: true }] } },
      steps: [
        { run: "pytest --cov-config .coveragerc api/tests/test_a.py\npytest --doctest-modules api/app.py" },
        { run: "pytest api/tests/e2e", if: "matrix.auth" },
      ],
    }
    const more = {
      "api/app.py": "",
      "ci/test_own.py": "",
      [WORKFLOW]: JSON.stringify({ jobs: { test: job } }),
    }
    expect((await suites({ ...files, ...more }))[0]).toMatchObject({
      args: " api/tests/test_a.py",
      left: ["ci/test_own.py"],
      conditional: ["api/tests/e2e/test_b.py"],
    })
  })

  test("has the options that its own conftest.py adds", async () => {
    const conftest =
      'def pytest_addoption(parser):\n  parser.addoption(\n    "--run-slow", action="store_true")\n'
    const steps = workflow({ run: "pytest --run-slow --cov=api -x" })
    const [found] = await suites({ ...files, "api/conftest.py": conftest, [WORKFLOW]: steps })
    expect(found).toMatchObject({ args: " --run-slow" })
  })

  describe("of Django's own runner", () => {
    const app: Files = {
      "requirements.txt": "django\n",
      "src/manage.py": 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")',
      "src/shop/cart/tests/test_a.py": "",
      "src/shop/orders/tests.py": "",
    }
    test.each([
      ["python src/manage.py test src --exclude-tag=e2e --parallel 4", " -m 'not e2e'", []],
      ["cd src && ./manage.py test shop.cart -v 2", " shop/cart", ["src/shop/orders/tests.py"]],
      ["cd src; python -m manage test --tag fast --tag core -k cart", " -m '(fast or core)' -k cart", []],
      ["python src/manage.py test shop.cart.tests.TestA", "", []],
    ])("has the tests that the team's CI chooses: %s", async (run, args, left) => {
      expect((await suites({ ...app, [WORKFLOW]: workflow({ run }) }))[0]).toMatchObject({ args, left })
    })

    test("has the settings of the team's CI where manage.py names none", async () => {
      const env = { DJANGO_SETTINGS_MODULE: "shop.ci" }
      const steps = workflow({ run: "python src/manage.py test", env })
      const { python } = await pythonIn({ ...app, "src/manage.py": "setup_env()", [WORKFLOW]: steps })
      expect(python?.django).toEqual({ folder: "src", settings: "shop.ci" })
    })

    test("runs after what the team's CI makes for it", async () => {
      const makes = "uv run src/manage.py collectstatic --noinput\ncd src\npython -m manage compilemessages"
      const steps = workflow(
        { run: makes },
        { run: "python src/manage.py migrate" },
        { run: "python src/manage.py test" },
      )
      const project = await pythonIn({ ...app, [WORKFLOW]: steps })
      expect(preparingOf(project, testOf(project))).toMatchObject([
        { command: "python src/manage.py collectstatic --noinput", folder: "" },
        { command: "python -m manage compilemessages", folder: "src" },
      ])
    })
  })

  test.each([
    ["# Create your tests here.\nfrom django.test import TestCase\n", false],
    ["class CartTests(TestCase):\n    pass\n", true],
    ["async def test_cart():\n    pass\n", true],
    ["from shop.testing import *\n", true],
  ])("tells a stub from tests: %j", (text, holds) => {
    expect(holdsTest(["", text])).toBe(holds)
  })

  test("gives its choice to pytest", () => {
    expect(pytestCommand({ dependencies: [], django: null }, " 'tests/unit'")).toMatch(
      / -m pytest .* 'tests\/unit'\n/,
    )
  })
})

describe("a migration by Alembic", () => {
  const files: Files = {
    "requirements.txt": "alembic\npytest\n",
    "db/alembic.ini": "",
    "tests/test_a.py": "",
  }
  const of = async (more: Files) => {
    const project = await pythonIn({ ...files, ...more })
    return migrationOf(project, testOf(project))
  }
  const compose = (command: string) => JSON.stringify({ services: { app: { build: ".", command } } })

  test("runs where the job with the tests runs it", async () => {
    const steps = workflow({ run: "alembic upgrade head", env: { DB: "a" } }, { run: "pytest" })
    expect(await of({ [WORKFLOW]: steps })).toMatchObject({
      command: "alembic upgrade head",
      folder: "db",
      env: { DB: "a" },
      file: WORKFLOW,
    })
  })

  test("is found in a shell script that the job calls", async () => {
    const steps = workflow({ run: "uv run bash scripts/prestart.sh" }, { run: "pytest" })
    const script = { "scripts/prestart.sh": "set -e\nalembic -x data=1 upgrade heads\n" }
    expect(await of({ [WORKFLOW]: steps, ...script })).toMatchObject({
      command: "alembic -x data=1 upgrade heads",
    })
  })

  test("does not run where another job does, as one that deploys", async () => {
    const jobs = {
      deploy: { steps: [{ run: "alembic upgrade head" }] },
      test: { steps: [{ run: "pytest" }] },
    }
    expect(await of({ [WORKFLOW]: JSON.stringify({ jobs }) })).toBeNull()
  })

  test("runs as in the compose file where no job has the tests", async () => {
    const started = { "compose.yaml": compose("sh -c 'alembic upgrade head && uvicorn app:app'") }
    expect(await of(started)).toMatchObject({ command: "alembic upgrade head", file: "compose.yaml" })
    expect(await of({ ...started, [WORKFLOW]: workflow({ run: "pytest" }) })).toBeNull()
  })

  test("is one of Flask-Migrate too, in the folder of its step", async () => {
    const requirements = { "requirements.txt": "Flask-Migrate\npytest\n" }
    const steps = workflow({ run: "cd web\nflask --app shop:app db upgrade" }, { run: "pytest" })
    expect(await of({ ...requirements, [WORKFLOW]: steps })).toMatchObject({
      command: "flask --app shop:app db upgrade",
      folder: "web",
    })
    const other = workflow({ run: "flask --app shop:app db init" }, { run: "pytest" })
    expect(await of({ ...requirements, [WORKFLOW]: other })).toBeNull()
  })

  test("is none without Alembic among the dependencies, and none that only the docs tell of", async () => {
    expect(
      await of({ "requirements.txt": "pytest\n", "compose.yaml": compose("alembic upgrade head") }),
    ).toBeNull()
    expect(await of({ "README.md": "alembic upgrade head" })).toBeNull()
  })
})

test.each<[what: string, files: Files, args: string | undefined]>([
  ["where nothing says pytest", {}, " -o 'python_files=test_*.py *_test.py tests.py'"],
  ["not where pytest is a dependency", { "requirements.txt": "pytest" }, undefined],
  ["not where pytest is set up", { "pytest.ini": "[pytest]" }, undefined],
  [
    "where CI names it to pytest",
    { [WORKFLOW]: workflow({ run: "pytest tests.py" }) },
    " -o 'python_files=test_*.py *_test.py tests.py' tests.py",
  ],
])("tests.py holds tests %s", async (_, files, args) => {
  const [one] = await suites({ "requirements.txt": "flask", "tests.py": "", ...files })
  expect(one?.args).toBe(args)
})

describe("a program of the project's own that runs its tests", () => {
  const files: Files = { "setup.py": "", "runtests.py": "", "tests/test_a.py": "", "tools/lint.py": "" }
  const programOf = async (run: string, more: Files = {}) =>
    (await suites({ ...files, ...more, [WORKFLOW]: workflow({ run: "pip install -e ." }, { run }) }))[0]
      ?.program ?? null

  test.each([
    ["python runtests.py", "runtests.py"],
    ["python -Wd runtests.py --fast 'a b'", "-Wd runtests.py --fast 'a b'"],
    ["coverage run -a runtests.py --db=sqlite", "runtests.py --db=sqlite"],
    ["./runtests.py $SHARD", "./runtests.py"],
  ])("runs them as the team's CI calls it: %s", async (run, call) => {
    expect(await programOf(run)).toMatchObject({ calls: [call], folder: "", source: WORKFLOW })
  })

  test.each([
    "python tools/lint.py",
    "python runtests.py || true",
    "python gone/runtests.py",
  ])("is not %s", async (run) => {
    expect(await programOf(run)).toBeNull()
  })

  test("counts only where nothing says a runner", async () => {
    expect(await programOf("python runtests.py\npytest tests")).toBeNull()
    expect(await programOf("python runtests.py", { "pytest.ini": "" })).toBeNull()
    expect(await programOf("python runtests.py", { "requirements.txt": "pytest\n" })).toBeNull()
  })

  test("brings what its environment of tox installs", async () => {
    const ini =
      "[tox]\nenvlist = py312\n[testenv]\ndeps = django\ncommands = coverage run runtests.py {posargs}\n"
    const project = await pythonIn({ ...files, "tox.ini": ini, [WORKFLOW]: workflow({ run: "tox" }) })
    expect(suitesOf(project)[0]?.program?.calls).toEqual(["runtests.py"])
    expect(project.python?.needed).toContain("django")
  })
})

test("Django's own runner has the folder and the settings of the call, where no manage.py starts it", async () => {
  const project = await pythonIn({
    "requirements.txt": "django\n",
    "example/manage.py": 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example.settings")',
    "tests/test_a.py": "",
    [WORKFLOW]: workflow({
      run: "python -Wd -m django test tests",
      env: { DJANGO_SETTINGS_MODULE: "tests.settings" },
    }),
  })
  expect(project.python?.django).toEqual({ folder: "", settings: "tests.settings" })
})

describe("what pytest's settings say", () => {
  const filesOf = async (files: Files) => (await suites(files)).flatMap((one) => one.files)
  const tests: Files = {
    "setup.py": "",
    "a.py": "",
    "tests/check_a.py": "",
    "tests/test_b.py": "",
    "other/test_c.py": "",
  }

  test.each<[string, Files, readonly string[]]>([
    ["nothing", {}, ["other/test_c.py", "tests/test_b.py"]],
    ["a pattern", { "pytest.ini": "[pytest]\npython_files = check_*.py\n" }, ["tests/check_a.py"]],
    ["paths", { "setup.cfg": "[tool:pytest]\ntestpaths = tests\n" }, ["tests/test_b.py"]],
    [
      "paths that are not there",
      { "tox.ini": "[pytest]\ntestpaths = gone\n" },
      ["other/test_c.py", "tests/test_b.py"],
    ],
    [
      "TOML",
      { "pyproject.toml": '[tool.pytest.ini_options]\npython_files = ["check_*.py", "tests/test_*.py"]\n' },
      ["tests/check_a.py", "tests/test_b.py"],
    ],
    ["TOML of pytest 9", { "pyproject.toml": '[tool.pytest]\ntestpaths = ["other"]\n' }, ["other/test_c.py"]],
    [
      "pytest.ini before other files",
      { "pytest.ini": "", "tox.ini": "[pytest]\ntestpaths = tests\n" },
      ["other/test_c.py", "tests/test_b.py"],
    ],
  ])("%s", async (_, files, expected) => {
    expect(await filesOf({ ...tests, ...files })).toEqual(expected)
  })

  test("name the test files that they leave out", async () => {
    const settings = `[project]\nname = "a"\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n`
    const files = { "pyproject.toml": settings, "tests/test_a.py": "", "api/test_b.py": "", "api/run.py": "" }
    const project = await pythonIn(files)
    expect(idleTests(project, suitesOf(project))).toEqual(["api/test_b.py"])
    const { "tests/test_a.py": _, ...others } = { ...files, "tests/data.py": "" }
    expect(pythonTests.applies(await pythonIn(others))).toEqual({
      applies: false,
      reason: "no file that pytest takes for tests; its settings leave out api/test_b.py",
    })
  })

  test("doctests in code are tests where there are no others", async () => {
    const ini = "[pytest]\naddopts = -q --doctest-modules\n"
    expect(await filesOf({ "setup.py": "", "src/a.py": "", "tox.ini": ini })).toEqual([
      "setup.py",
      "src/a.py",
    ])
    expect(await filesOf({ "setup.py": "", "src/a.py": "" })).toEqual([])
  })

  test("coverage is a gate of the tests where settings or a call ask for it", async () => {
    const asks = async (files: Files) => asksForCoverage(await pythonIn({ ...tests, ...files }))
    expect(await asks({ "tox.ini": "[pytest]\naddopts = --cov=a\n" })).toBe(true)
    expect(await asks({ [WORKFLOW]: workflow({ run: "pytest --cov a" }) })).toBe(true)
    expect(await asks({ [WORKFLOW]: workflow({ run: "coverage run -m pytest" }) })).toBe(false)
  })
})

test.each([
  ["python -m unittest", "test*.py", "tests/testing.py"],
  ["python -m unittest discover -s tests -p 'check_*.py'", "check_*.py", "tests/check_a.py"],
])("files that unittest takes for tests are tests: %s", async (run, pattern, file) => {
  const [suite] = await suites({ "setup.py": "", [file]: "", [WORKFLOW]: workflow({ run }) })
  expect(suite).toMatchObject({ args: ` -o 'python_files=${pattern}'`, files: [file] })
})
