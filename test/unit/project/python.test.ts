import { describe, expect, test } from "vitest"
import { PYTHON_MINORS } from "../../../ci/src/project/config.js"
import { pythonFor } from "../../../ci/src/project/python-version.js"
import { servedBy } from "../../../ci/src/project/python-wheels.js"
import { graph } from "../../../ci/src/run/pipeline.js"
import { planText } from "../../../ci/src/run/plan-text.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { KINDS } from "../../../ci/src/stages.js"
import { pytestCommand } from "../../../ci/src/testing/pytest-command.js"
import { type Files, repositoryOf } from "../projects.js"

const stagesOf = async (files: Files) => graph(await repositoryOf(files), KINDS).stages
const namesOf = async (files: Files) => (await stagesOf(files)).map(({ name }) => name)
const headOf = async (files: Files) => {
  const repository = await repositoryOf(files)
  return planText({ repository, ...graph(repository, KINDS) }).split("\n")[0]
}

describe("the Python for a specifier", () => {
  test.each([
    [">=3.10", "3.14"],
    [">=3.12,<4", "3.14"],
    ["<3.11,>=3.9", "3.10"],
    ["^3.10", "3.14"],
    ["~=3.12.1", "3.12"],
    ["~3.13", "3.13"],
    ["==3.12.*", "3.12"],
    [">=3.9,!=3.14.*", "3.13"],
    ["3.12", "3.12"],
    ["3.11.4", "3.11.4"],
    ["==3.11.4", "3.11.4"],
    ["cpython-3.13", "3.13"],
    ["^3.8 || ^3.13", "3.14"],
    [">=3.14", "3.14"],
    [">=4", null],
    ["latest", "3.14"],
    ["3.14t", "3.14"],
    ["cpython-3.13.2", "3.13.2"],
    ["3.14.0+freethreaded", "3.14.0"],
    ["pypy3.10", null],
  ])("%s is %s", (specifier, version) => {
    expect(pythonFor(specifier)).toBe(version)
  })
})

describe("a project of Django", () => {
  const manage = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")\n'
  const commandOf = async (requirements: string) => {
    const { projects } = await repositoryOf({ "requirements.txt": requirements, "src/manage.py": manage })
    const { python } = projects[0] ?? {}
    return python ? pytestCommand(python) : ""
  }

  test("has its tests found as manage.py finds them", async () => {
    expect(await commandOf("Django==5.1\n")).toMatch(
      /^cd src\n[\s\S]* pytest .* --ds=site\.settings -o python_files='test\*\.py /,
    )
  })

  test.each(["django\npytest-django\n", "flask\n"])("is tested as its own settings say: %j", async (text) => {
    expect(await commandOf(text)).not.toContain("--ds")
  })
})

const wheel = (name: string) => `{ url = "https://files.example.org/${name}.whl", hash = "sha256:0" }\n`
const NUMPY = ["cp39-cp39", "cp310-cp310", "cp311-cp311", "cp312-cp312", "cp313-cp313t"].map((tags) =>
  wheel(`numpy-1.26.4-${tags}-manylinux_2_17_x86_64.manylinux2014_x86_64`),
)
const PURE = [
  wheel("six-1.16.0-py2.py3-none-any"),
  wheel("cryptography-43.0.0-cp37-abi3-manylinux_2_28_x86_64"),
]

describe("the versions that a lock file has wheels for", () => {
  test.each([
    ["none where it names no wheel", "", PYTHON_MINORS],
    ["pure wheels and those of the stable ABI", PURE.join(""), PYTHON_MINORS],
    ["compiled wheels", [...NUMPY, ...PURE].join(""), ["3.9", "3.10", "3.11", "3.12"]],
    [
      "several versions of a package, each by itself",
      [...NUMPY, wheel("numpy-2.3.0-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64")].join(""),
      ["3.12"],
    ],
    ["wheels of other systems", wheel("pywin32-306-cp311-cp311-win_amd64"), PYTHON_MINORS],
  ])("%s", (_what, text, versions) => {
    expect(servedBy(text)).toEqual(versions)
  })
})

describe("a range", () => {
  const pyproject = (more: string) => `[project]\nname = "a"\nrequires-python = ">=3.10"\n${more}`
  test.each<[string, Files, string]>([
    ["the newest", { "pyproject.toml": pyproject("") }, "3.14"],
    [
      "the newest that the lock file has wheels for",
      { "pyproject.toml": pyproject(""), "uv.lock": NUMPY.join("") },
      "3.12",
    ],
    [
      "the newest that the classifiers name",
      {
        "pyproject.toml": pyproject(
          'classifiers = ["Programming Language :: Python :: 3.10", "Programming Language :: Python :: 3.11"]\n',
        ),
      },
      "3.11",
    ],
  ])("is %s", async (_what, files, version) => {
    expect(await headOf(files)).toContain(`Python ${version} (pyproject.toml)`)
  })
})

describe("a Python project", () => {
  test("finds its version in the repository's file, as version managers do", async () => {
    const files = { ".python-version": "3.12\n", "api/requirements.txt": "flask\n", "api/app.py": "" }
    expect(await headOf(files)).toContain("Python 3.12 (.python-version)")
  })

  test("runs its tests on each version that slipway.yaml names", async () => {
    const files = { "requirements.txt": "flask\n", "test_app.py": "" }
    const config = parseConfig('python: ["3.10", 3.12]\n')
    const { stages } = graph(await repositoryOf(files, config), KINDS)
    const shown = stages.filter(({ name }) => /^(?:install|test:|coverage)/.test(name))
    expect(shown.map(({ name, needs, project }) => [name, needs, project?.python?.version])).toEqual([
      ["install", [], "3.10"],
      ["install[python 3.12]", [], "3.12"],
      ["test:unit[python 3.10]", ["install"], "3.10"],
      ["test:unit[python 3.12]", ["install[python 3.12]"], "3.12"],
      ["coverage", ["test:unit[python 3.10]"], undefined],
    ])
  })

  test("refuses a version that YAML has read as a number", () => {
    expect(() => parseConfig("python: [3.10]\n")).toThrow(/in quotes/)
  })

  test.each<[string, Files, string]>([
    [
      "uv's lock file and .python-version",
      { "pyproject.toml": '[project]\nname = "a"\n', "uv.lock": "", ".python-version": "\uFEFF3.12\r\n" },
      "project: Python 3.12 (.python-version), uv, uv.lock",
    ],
    [
      "Poetry's lock file and version",
      {
        "pyproject.toml": '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.12"\n',
        "poetry.lock": "# This file is automatically @generated by Poetry 1.8.2\n",
      },
      "project: Python 3.14 (pyproject.toml), poetry, poetry.lock",
    ],
    [
      "a Pipfile",
      { Pipfile: '[packages]\ncowsay = "*"\n[requires]\npython_version = "3.13"\n', "Pipfile.lock": "{}" },
      "project: Python 3.13 (Pipfile), pipenv, Pipfile.lock",
    ],
    [
      "requirements of pip",
      { "requirements.txt": "flask\n", "app.py": "" },
      "project: Python 3.11, pip, no lock file",
    ],
    [
      "the first line of .tool-versions for it",
      { "requirements.txt": "", ".tool-versions": "nodejs 22\npython 3.13.1\n" },
      "project: Python 3.13.1 (.tool-versions), pip, no lock file",
    ],
  ])("is read from %s", async (_what, files, head) => {
    expect(await headOf(files)).toBe(head)
  })

  test("is none for settings of tools alone", async () => {
    const files = { "package.json": {}, "pyproject.toml": "[tool.ruff]\n", "tools/a.py": "" }
    expect((await repositoryOf(files)).projects.map(({ language }) => language)).toEqual(["node"])
  })

  test("has a stage for each tool that is set up, and for its tests", async () => {
    const files = {
      "pyproject.toml": [
        "[project]",
        'name = "a"',
        'dependencies = ["psycopg[binary]>=3"]',
        "[dependency-groups]",
        'dev = ["mypy", "pytest-cov", { include-group = "lint" }]',
        "[tool.ruff.format]",
        "[tool.mypy]",
      ].join("\n"),
      "uv.lock": "",
      "src/a.py": "",
      "tests/test_a.py": "",
    }
    const names = await namesOf(files)
    expect(names).toEqual(
      expect.arrayContaining(["install", "lint", "format", "types", "test:unit", "coverage"]),
    )
    const { projects } = await repositoryOf(files)
    expect(projects[0]?.python?.dependencies).toEqual(["mypy", "psycopg", "pytest-cov"])
  })

  test("is checked by no tool that is a mere dependency, but for pyright", async () => {
    const files = { "requirements.txt": "ruff\nmypy==1.0\nPyright\n", "app.py": "" }
    const stages = await stagesOf(files)
    expect(stages.find(({ name }) => name === "types")?.gate).toBe("added")
    expect(stages.filter(({ kind }) => kind === "lint" || kind === "unit")).toEqual([])
  })

  test.each([
    ["is one beside code", { "app/core.py": "", "tests/test_core.py": "" }, ["install", "test:unit"]],
    ["does not count beside other files", { "src/index.js": "" }, []],
  ])("a folder requirements %s", async (_, files, expected) => {
    const named = await namesOf({
      "requirements/base.txt": "six\n",
      "requirements/dev.txt": "-r base.txt\n",
      ...files,
    })
    expect(named.filter((name) => /^(?:install|test:unit)/.test(name))).toEqual(expected)
  })

  test("lies beside the packages of Node.js, with stages of its own", async () => {
    const names = await namesOf({
      "package.json": { name: "web", scripts: { lint: "eslint .", test: "vitest" } },
      "package-lock.json": {},
      "pyproject.toml": '[project]\nname = "a"\n[tool.ruff]\n',
      "tests/test_a.py": "",
      "jobs/requirements.txt": "",
      "jobs/requirements/dev.txt": "",
      "jobs/uv.lock": "",
      "jobs/test_b.py": "",
    })
    expect(names).toEqual(
      expect.arrayContaining([
        "install:web",
        "install:python",
        "install:jobs",
        "lint:web",
        "lint:python",
        "test:unit:web",
        "test:unit:python",
        "test:unit:jobs",
      ]),
    )
    expect(new Set(names).size).toBe(names.length)
  })

  test("names the file whose Python is not supported", async () => {
    const files = { "requirements.txt": "", ".python-version": "2.7.18-slim\n" }
    const [project] = (await repositoryOf(files)).projects
    expect(project?.fault?.where).toBe(".python-version")
  })
})
