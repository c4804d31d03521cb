import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { INSTALLERS, ofManager, withVersion } from "../../../ci/src/project/python-installers.js"
import type { Python } from "../../../ci/src/project/python-project.js"
import { type Files, repositoryOf } from "../projects.js"

async function pythonIn(files: Files): Promise<Python> {
  const found = (await repositoryOf(files)).projects.find(({ language }) => language === "python")?.python
  if (!found) throw new Error("no Python project")
  return found
}

const project = (more = "") => `[project]\nname = "a"\n${more}`
const poetry = (more = "") => `[tool.poetry]\nname = "my-app"\n${more}[build-system]\nrequires = []\n`

const CI = (...lines: readonly string[]) => ({
  ".github/workflows/ci.yml": { jobs: { test: { steps: lines.map((run) => ({ run })) } } },
})
const TYPER = {
  "pyproject.toml": project("[tool.pdm]\ndistribution = true\n"),
  "requirements-tests.txt": "pytest\n",
  "requirements-docs-insiders.txt": "git+https://example.org/private.git\n",
  "requirements-extra.txt": "rich\n",
}

describe("what the team's CI installs with pip", () => {
  const installs = async (files: Files) => {
    const { manager, requirements } = await pythonIn(files)
    return [manager, ...requirements]
  }

  test("decides the manager and the requirements files, where there is no lock file", async () => {
    const files = { ...TYPER, ...CI("pip install -r requirements-tests.txt", "pytest") }
    expect(await installs(files)).toEqual(["pip", "requirements-tests.txt"])
    expect(await installs({ ...files, "pdm.lock": "" })).toEqual(["pdm", "requirements-tests.txt"])
  })

  test("decides nothing where it calls the manager, or checks nothing", async () => {
    const rest = ["pdm", "requirements-extra.txt", "requirements-tests.txt"]
    expect(await installs({ ...TYPER, ...CI("pip install pdm", "pdm install", "pdm run pytest") })).toEqual(
      rest,
    )
    expect(
      await installs({ ...TYPER, ...CI("pip install -r requirements-docs-insiders.txt", "mkdocs build") }),
    ).toEqual(rest)
  })
})

describe("groups and extras", () => {
  const GROUPS =
    '[project.optional-dependencies]\nmail = ["jinja2"]\npdf = ["reportlab"]\n[dependency-groups]\ndev = [{ include-group = "more" }]\nmore = ["rich"]\ntesting = ["pytest"]\nchecks = ["mypy"]\ndocs = ["sphinx"]\n'
  const uv = async (settings: string, ...lines: readonly string[]) => {
    const python = await pythonIn({
      "pyproject.toml": project(GROUPS + settings),
      "uv.lock": "",
      ...CI(...lines),
    })
    return [INSTALLERS.uv.dependencies(python).replace(/^.*-workspace ?/, ""), ...python.dependencies]
  }

  test("of development are installed, by uv as well", async () => {
    expect(await uv("", "pytest")).toEqual(["--group dev --group testing", "pytest", "rich"])
  })

  test("are those that the team's CI installs in jobs that check, and those that uv installs unasked", async () => {
    expect(await uv("", "uv sync --group=checks --all-extras", "uv run pytest")).toEqual([
      "--extra mail --extra pdf --group dev --group testing --group checks",
      ...["jinja2", "mypy", "pytest", "reportlab", "rich"],
    ])
    expect(await uv("", "uv sync --extra pdf", "uv run --only-group checks mypy")).toEqual([
      "--extra pdf --group dev --group testing --group checks",
      ...["mypy", "pytest", "reportlab", "rich"],
    ])
    expect(await uv("", "uv sync --group docs", "uv run sphinx-build docs out")).not.toContain("sphinx")
    expect(await uv('[tool.uv]\ndefault-groups = ["checks"]\n', "pytest")).toContain("mypy")
  })

  test("are left out where they exclude one that counts more", async () => {
    const settings = '[tool.uv]\nconflicts = [[{ group = "testing" }, { group = "checks" }]]\n'
    expect(await uv(settings, "uv run --group checks mypy")).toEqual([
      "--group dev --group checks",
      "mypy",
      "rich",
    ])
    expect(await uv(settings, "pytest")).toEqual(["--group dev --group testing", "pytest", "rich"])
  })

  test("of a job that tests go before what another wants of the same package", async () => {
    const job = (install: string) => ({ steps: [{ run: `pip install ${install}` }, { run: "pytest" }] })
    const jobs = { one: job("'django~=5.1.0' mock"), other: job("'django~=4.2.1' psycopg") }
    const python = await pythonIn({ "setup.py": "", ".github/workflows/ci.yml": { jobs } })
    expect(python.needed).toEqual(["django~=5.1.0", "mock", "psycopg"])
  })

  test("of tox count for any manager, and so do packages that no lock file has", async () => {
    const python = await pythonIn({
      "pyproject.toml": project('[dependency-groups]\nextra = ["rich"]\n'),
      "uv.lock": "",
      "tox.ini": "[testenv]\ndependency_groups = extra\ndeps =\n  pytest-cov\n  rich>=1\ncommands = pytest\n",
      ".github/workflows/ci.yml": { jobs: { test: { steps: [{ run: "tox -e py312" }] } } },
    })
    expect(INSTALLERS.uv.dependencies(python)).toMatch(/ --group extra/)
    expect(python.beside).toEqual(["pytest-cov"])
    expect(python.dependencies).toEqual(["pytest-cov", "rich"])
  })

  test("of members are installed", async () => {
    const python = await pythonIn({
      "pyproject.toml": project('[tool.uv.workspace]\nmembers = ["libs/*"]\n'),
      "libs/a/pyproject.toml": '[project]\nname = "a"\n[dependency-groups]\ntest = ["pytest"]\n',
      "uv.lock": "",
    })
    expect(INSTALLERS.uv.dependencies(python)).toMatch(/ --group test$/)
  })

  test("that poetry leaves out are named", async () => {
    const group = (name: string) => `[tool.poetry.group.${name}]\noptional = true\n`
    const python = await pythonIn({
      "pyproject.toml": poetry(`${group("test") + group("docs")}[tool.poetry.extras]\nxml = []\n`),
      ...CI("poetry install -E xml", "poetry run pytest"),
    })
    expect(INSTALLERS.poetry.dependencies(python)).toMatch(/ --extras xml --with test$/)
  })
})

describe("requirements that are paths", () => {
  const EXTRAS =
    '[project.optional-dependencies]\nfull = ["a[mail]", "httpx"]\nmail = ["jinja2"]\npdf = ["reportlab"]\n'

  test("name the project itself: its extras are needed, and it is installed when its code is there", async () => {
    const files = {
      "pyproject.toml": project(EXTRAS),
      "requirements.txt": "-r requirements/dev.txt\n",
      "requirements/dev.txt": "# all of it\n-e .[full]\npytest\n",
    }
    const python = await pythonIn(files)
    expect(python).toMatchObject({ isPackage: true, namedIn: ["requirements/dev.txt"], local: [] })
    expect(python.needed).toEqual(["httpx", "jinja2"])
    expect(INSTALLERS.pip.dependencies(python)).toMatch(
      /sed -i -E .* requirements\/dev\.txt && uv pip install/,
    )
  })

  test("name it in a command of the team's CI", async () => {
    const files = { "pyproject.toml": project(EXTRAS), ...CI('pip install -e ".[mail,pdf]"', "pytest") }
    expect((await pythonIn(files)).needed).toEqual(["jinja2", "reportlab"])
  })

  test("name other folders, which the install reads", async () => {
    const files = { "requirements.txt": "-e ./lib[x]\n.venv\n", "lib/setup.py": "", "lib/a.py": "" }
    expect(await pythonIn(files)).toMatchObject({ namedIn: [], local: ["lib"] })
  })
})

describe("what installs a Python project", () => {
  test.each<[string, Files, string, string | null]>([
    ["pdm.lock", { "pyproject.toml": project(), "pdm.lock": "" }, "pdm", null],
    ["a table of PDM", { "pyproject.toml": project("[tool.pdm]\n") }, "pdm", null],
    ["a table of uv", { "pyproject.toml": project("[tool.uv]\n") }, "uv", null],
    [
      "a version manager's file",
      { "pyproject.toml": project(), "uv.lock": "", ".tool-versions": "uv 0.7.22\n" },
      "uv",
      "==0.7.22",
    ],
    [
      "what uv is required in, before that",
      {
        "pyproject.toml": project('[tool.uv]\nrequired-version = ">=0.8"\n'),
        "uv.lock": "",
        ".tool-versions": "uv 0.7.22\n",
      },
      "uv",
      ">=0.8",
    ],
    [
      "a part of a version",
      { "pyproject.toml": project(), "pdm.lock": "", "mise.toml": '[tools]\n"pipx:pdm" = "2.20"\n' },
      "pdm",
      "==2.20.*",
    ],
    [
      "no version at all",
      { "pyproject.toml": project(), "uv.lock": "", "mise.toml": '[tools]\nuv = "latest"\n' },
      "uv",
      null,
    ],
    [
      "what wrote the lock file",
      { "pyproject.toml": poetry(), "poetry.lock": "# @generated by Poetry 1.8.2\n" },
      "poetry",
      "==1.8.2",
    ],
  ])("is told by %s", async (_what, files, manager, version) => {
    expect(await pythonIn(files)).toMatchObject({ manager, managerVersion: version })
  })

  test("installs with PDM what its lock file says, and refuses one that is out of step", async () => {
    const python = await pythonIn({ "pyproject.toml": project(), "pdm.lock": "" })
    expect(INSTALLERS.pdm.dependencies(python)).toMatch(/pdm install --no-self --check$/)
    expect("Lockfile doesn't satisfy the project requirements").toMatch(new RegExp(INSTALLERS.pdm.outOfStep))
  })
})

describe("the code of a Python project", () => {
  test.each<[string, Files, boolean]>([
    ["with a setup.py is a package", { "setup.py": "" }, true],
    ["with metadata in setup.cfg is a package", { "setup.cfg": "[metadata]\nname = a\n" }, true],
    ["with a setup.cfg for tools is none", { "requirements.txt": "", "setup.cfg": "[flake8]\n" }, false],
    ["of Poetry is a package", { "pyproject.toml": poetry(), "my_app/__init__.py": "" }, true],
    ["of Poetry in src is a package", { "pyproject.toml": poetry(), "src/my_app/__init__.py": "" }, true],
    [
      "of Poetry with packages is one",
      { "pyproject.toml": poetry("packages = [{ include = 'app' }]\n") },
      true,
    ],
    ["of Poetry under another name is none", { "pyproject.toml": poetry(), "app/__init__.py": "" }, false],
    [
      "of PDM that is not distributed is none",
      { "pyproject.toml": project("[tool.pdm]\ndistribution = false\n[build-system]\nrequires = []\n") },
      false,
    ],
  ])("%s", async (_what, files, isPackage) => {
    expect((await pythonIn(files)).isPackage).toBe(isPackage)
  })
})

describe("the requirements of setuptools", () => {
  test("are read from setup.cfg, with the extras of development", async () => {
    const setup = [
      "[options]",
      "install_requires =",
      "    flask>=3  # web",
      "    psycopg2",
      "[options.extras_require]",
      "test = pytest",
      "docs = sphinx",
    ].join("\n")
    expect(await pythonIn({ "setup.cfg": setup })).toMatchObject({
      needed: ["flask>=3", "psycopg2"],
      extras: ["test"],
      dynamic: true,
    })
  })

  test("are read from setup.py where it lists them, and complete once it is built", async () => {
    const setup = `setup(install_requires=["django>=5", 'redis'], extras_require={"dev": ["pytest"], "x": []})`
    const python = await pythonIn({ "setup.py": setup })
    expect(python).toMatchObject({ needed: ["django>=5", "redis"], extras: ["dev"], dynamic: true })
    expect(INSTALLERS.pip.project(python)).toBe("uv pip install --editable '.[dev]'")
  })

  test("are read from setup.py by the names that it gives them, as far as they can be told", async () => {
    const setup = [
      "from setuptools import setup",
      "NEEDED = ['uvicorn[standard]>=0.30', 'redis']  # not 'celery'",
      "extras = dict(test=['pytest'])",
      "extras['lint'] = extras['test'] + ['ruff']",
      "CONFIG = {'install_requires': NEEDED + read('more.txt')}",
      "if __name__ == '__main__':",
      "    setup(name=f'{NAME}', extras_require=extras, tests_require='mock\\nresponses', **CONFIG)",
    ]
    expect(await pythonIn({ "setup.py": setup.join("\n") })).toMatchObject({
      needed: ["uvicorn[standard]>=0.30", "redis", "mock", "responses"],
      extras: ["test", "lint"],
    })
  })

  test("are those of pyproject.toml where that lists them", async () => {
    const files = { "pyproject.toml": project('dependencies = ["flask"]\n'), "setup.py": "setup()" }
    const python = await pythonIn(files)
    expect(python).toMatchObject({ needed: ["flask"], dynamic: false })
    expect(INSTALLERS.pip.project(python)).toContain("--no-deps")
  })
})

describe("a Python version", () => {
  test("that other files do not want is told with them", async () => {
    const files = {
      "pyproject.toml": project('requires-python = ">=3.11"\n'),
      ".tool-versions": "python 3.9.23\n",
    }
    expect(await pythonIn(files)).toMatchObject({
      version: "3.9.23",
      disagreements: ["pyproject.toml wants >=3.11"],
    })
  })

  test.each([
    [".python-version", "3.13", []],
    [".python-version", "3.13.2", []],
    [".python-version", "3.12", ["mise.toml wants 3.13"]],
  ])("in %s, %s, is compared as exactly as it is named", async (file, version, disagreements) => {
    const files = { "requirements.txt": "", [file]: version, "mise.toml": '[tools]\npython = "3.13"\n' }
    expect((await pythonIn(files)).disagreements).toEqual(disagreements)
  })

  test.each<[string, Files]>([
    [".python-version", { ".python-version": "3.14t\n" }],
    ["mise", { "mise.toml": '[tools]\npython = "latest"\n[env]\nPYTHON_BUILD_FREE_THREADING = 1\n' }],
  ])("without the global interpreter lock is named as not checked: %s", async (_what, files) => {
    const { projects, unchecked } = await repositoryOf({ "requirements.txt": "", ...files })
    expect(projects[0]?.python?.version).toBe("3.14")
    expect(unchecked.map(({ what }) => what)).toEqual(["Python without the global interpreter lock"])
  })
})

test("Python files that no project holds are named", async () => {
  const files = { "package.json": {}, "tools/a.py": "", "tests/fixtures/b.py": "" }
  expect((await repositoryOf(files)).unchecked).toMatchObject([{ what: "1 Python file" }])
  expect((await repositoryOf({ ...files, "tools/requirements.txt": "" })).unchecked).toEqual([])
})

test("the members of a workspace of uv are installed with it", async () => {
  const python = await pythonIn({
    "pyproject.toml": '[tool.uv.workspace]\nmembers = ["libs/*"]\nexclude = ["libs/old"]\n',
    "uv.lock": "",
    "libs/cart/pyproject.toml": project(
      'dependencies = ["psycopg"]\n[tool.ruff]\n[build-system]\nrequires = []\n',
    ),
    "libs/old/pyproject.toml": project(),
  })
  expect(python).toMatchObject({ isPackage: true, dependencies: ["psycopg"] })
  expect(python.members).toMatchObject([{ path: "libs/cart", tools: { ruff: "pyproject.toml" } }])
})

test("only a manager's own commands get its settings", async () => {
  const python = await pythonIn({ "pyproject.toml": project("requires-python = '==3.12.4'\n") })
  const run = `(${ofManager('echo "$UV_PYTHON $UV_PYTHON_DOWNLOADS"', python)}); echo "[$UV_PYTHON_DOWNLOADS]"`
  const { stdout } = spawnSync("sh", ["-c", run], { encoding: "utf8", env: { PATH: process.env.PATH } })
  expect(stdout).toBe("3.12 never\n[]\n")
})

describe("a version that is taken from git", () => {
  const versionIn = (file: string, text: string, env: Readonly<Record<string, string>> = {}) => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-version-"))
    writeFileSync(join(folder, file), text)
    const { stdout } = spawnSync("sh", ["-c", withVersion('echo "$SETUPTOOLS_SCM_PRETEND_VERSION"')], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env.PATH, ...env },
    })
    rmSync(folder, { recursive: true })
    return stdout.trim()
  }

  test.each([
    ["pyproject.toml", '[build-system]\nrequires = ["hatchling", "hatch-vcs"]\n'],
    ["pyproject.toml", '[build-system]\nrequires = ["setuptools>=64", "setuptools_scm[toml]>=8"]\n'],
    ["setup.py", "setup(use_scm_version=True, setup_requires=['setuptools_scm'])"],
  ])("is that of a checkout without tags: %s %j", (file, text) => {
    expect(versionIn(file, text)).toBe("0.1.dev1")
  })

  test("is the team's own where it sets one", () => {
    const env = { SETUPTOOLS_SCM_PRETEND_VERSION: "3.1" }
    expect(versionIn("setup.cfg", "setup_requires = setuptools-scm", env)).toBe("3.1")
  })

  test("is not set for others", () => {
    expect(versionIn("pyproject.toml", '[build-system]\nrequires = ["hatchling"]\n')).toBe("")
  })
})
