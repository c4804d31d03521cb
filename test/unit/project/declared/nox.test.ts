import { expect, test } from "vitest"
import { withNox } from "../../../../ci/src/project/declared/nox.js"
import { type Files, repositoryOf, treeOf } from "../../projects.js"

const NOXFILE = `
"""What the team checks."""
import nox
from nox import session as of_nox

PYPROJECT = nox.project.load_toml("pyproject.toml")
SOURCES = ["src", "tests"]
TYPED: tuple[str, ...] = ("mypy", "types-requests")
nox.options.sessions = ["tests", "lint"]
nox.options.default_venv_backend = "uv|virtualenv"


@nox.session(python=["3.11", "3.12"], tags=["all"])
@nox.parametrize("django", ["4.2", "5.0"])
def tests(session: nox.Session, django: str) -> None:
    """Run the tests; session.run("no", "code")."""
    session.install("-e", ".[test]", f"Django=={django}")
    session.install(*nox.project.dependency_groups(PYPROJECT, "test"))
    args = session.posargs or ["tests"]
    assert session.python is not None
    if session.posargs:
        args += ["-v"]
    else:
        args.append(
            "-q",  # quiet
        )
    session.run("pytest", *args, env={"A": "2"})
    session.run("coverage", "report", success_codes=[0, 2])


@nox.session(python=False, tags=["all"])
def lint(session):
    session.install("ruff")
    for command in ("check", "format"):
        session.run("ruff", command, *SOURCES)
    session.notify("types")


@nox.session(name="types", default=False)
def check_types(s):
    with s.chdir("src"):
        s.run_install("uv", "sync", "--group=" "types", external=True)
        s.run("mypy", "--strict", ".")
    s.log("done")


@nox.session
def docs(session):
    session.install("sphinx")
    if session.interactive:
        session.run("sphinx-autobuild", "docs")
    else:
        session.run("sphinx-build", "docs")


@nox.session
def perhaps(session):
    args = []
    if sys.platform == "linux":
        args = ["-n", "auto"]
        session.install("pytest-xdist")
        session.run("pytest", *args, "tests")


@nox.session
def format(session, *, folder: str = "src"):
    tool, *_ = "ruff", "black"
    first = session.posargs[0] if session.posargs else PYPROJECT["tool"]["format"]["first"]
    with session.cd(f"{first}") as where, suppress(OSError):
        session.env["RUFF" "_A"] = 'it\\'s'; session.install("ruff")
        return session.run("ruff", "format", not first and "x" or "--check")
    session.run("never")


@nox.session(venv_backend="conda")
def conda(session):
    session.run("pytest")


@nox.session
def helped(session):
    helper(session)
`
const FILES: Files = {
  "noxfile.py": NOXFILE,
  "pyproject.toml":
    '[dependency-groups]\ntest = ["pytest>=8", { include-group = "more" }]\nmore = ["mock"]\n[tool.format]\nfirst = "api"\n',
}

const run = async (call: string, files: Files = FILES, folder = "") => {
  const [step, ...steps] = await withNox(treeOf(files), [{ run: call, env: {}, folder }])
  return {
    unread: step?.unread ?? [],
    runs: steps.map((one) => (one.folder === "" ? one.run : `${one.folder}: ${one.run}`)),
  }
}

const INSTALL = "pip install -e '.[test]' Django==4.2 --group=test"
const TESTS = [INSTALL, "pytest tests -q", "coverage report || true"]
const LINT = ["ruff check src tests", "ruff format src tests"]
const TYPES = ["src: uv sync --group=types", "src: mypy --strict ."]

test.each([
  ["nox -s tests", TESTS],
  ["python -m nox --session=tests-3.12", TESTS],
  ["pipx run nox -s 'tests-3.11(django=4.2)'", TESTS],
  ["uvx --with nox-uv nox -p 3.12 -s tests-$VERSION", TESTS],
  ["uv run noxfile.py -s tests", TESTS],
  ["nox -s tests -- -x 'a b'", [INSTALL, "pytest -x 'a b' -v", "coverage report || true"]],
  ["nox -s lint types", [...LINT, ...TYPES]],
  ["nox", [...TESTS, ...LINT, ...TYPES]],
  ["nox -s format", ["api: ruff format --check"]],
  ["nox -t all", [...TESTS, ...LINT, ...TYPES]],
  ["nox --list", []],
  ["pip install nox", []],
])("%s runs what the sessions say", async (call, runs) => {
  expect(await run(call)).toEqual({ unread: [], runs })
})

test.each([
  ["nox -s docs", ["the session docs of noxfile.py"]],
  ["nox -s conda", ["the session conda of noxfile.py"]],
  ["nox -s perhaps", ["the session perhaps of noxfile.py"]],
  ["nox -s helped", ["the session helped of noxfile.py"]],
  ["nox -s nowhere", ["the session nowhere of noxfile.py"]],
])("of %s, what only Python can tell is named", async (call, unread) => {
  expect((await run(call)).unread).toEqual(unread)
})

test("tests that may run count as a call, and nothing that may be installed", async () => {
  expect((await run("nox -s perhaps")).runs).toEqual(["pytest $unknown tests"])
})

test("the file of a call lies in its folder, or where it says", async () => {
  const text = "import nox\n@nox.session\ndef t(session): session.run('pytest')\n"
  expect((await run("nox", { "api/noxfile.py": text }, "api")).runs).toEqual(["api: pytest"])
  expect((await run("nox -f ci/nox.py", { "ci/nox.py": text })).runs).toEqual(["pytest"])
  expect((await run("nox", { "noxfile.py": "nox.options.sessions = names()\n" })).unread).toEqual([
    "noxfile.py",
  ])
})

test("a repository names what it cannot read of nox, once", async () => {
  const steps = [{ run: "pip install nox" }, { run: "nox -s docs tests" }, { run: "nox -s docs" }]
  const { unchecked, projects } = await repositoryOf({
    ...FILES,
    "pyproject.toml": '[project]\nname = "a"\n[project.optional-dependencies]\ntest = ["hypothesis"]\n',
    ".github/workflows/ci.yml": { jobs: { test: { steps } } },
  })
  expect(unchecked.map(({ what }) => what)).toEqual(["the session docs of noxfile.py"])
  expect(projects[0]?.python?.extras).toEqual(["test"])
  expect(projects[0]?.python?.needed).toContain("hypothesis")
})
