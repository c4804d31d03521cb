import { type Container, dag } from "@dagger.io/dagger"
import { settingsOf } from "../config/stage-settings.js"
import { escapeGlob, filesBelow } from "../formats/glob.js"
import { type CommandStep, quote } from "../run/command.js"
import type { Image } from "../run/images.js"
import { fromCommand } from "../run/outcome.js"
import { type Given, type StageKind, type StageResult, WORKDIR } from "../run/stage.js"
import { INSTALL, installStage } from "./install.js"
import { joinPath, prefixOf } from "./paths.js"
import type { Project, Python, PythonManager } from "./project.js"

/** Runs Python projects. A project that asks for another Python gets another tag. */
export const PYTHON: Image = { name: "python", tag: "3.11-slim-bookworm" }

/** Seconds for one try. */
const TIMEOUT = 600
const ATTEMPTS = 3

/** The file with what pyproject.toml asks for, for pip. */
const NEEDED = "/slipway/needed.txt"
const CACHE = "/root/.cache"
const ENVIRONMENT = ".venv"

/** How a manager installs what a project needs, without the project itself, and then the project. */
interface Installer {
  readonly dependencies: (python: Python) => string
  readonly project: string
  /** Matches its error for an outdated lock file (grep -E). */
  readonly outOfStep: string
  readonly mend: string
}

const extras = ({ extras: names }: Python) => names.map((name) => ` --extra ${quote(name)}`).join("")

const INSTALLERS: Readonly<Record<PythonManager, Installer>> = {
  uv: {
    dependencies: (python) =>
      `uv sync ${python.lockFile === null ? "" : "--locked "}--all-packages --no-install-workspace${extras(python)}`,
    project: "uv sync --inexact --all-packages",
    outOfStep: "lockfile at .* needs to be updated|Unable to find lockfile",
    mend: "run `uv lock` and commit uv.lock",
  },
  poetry: {
    dependencies: (python) => `poetry install --no-root --no-interaction${extras(python)}`,
    project: "poetry install --only-root --no-interaction",
    outOfStep: "pyproject.toml changed significantly since poetry.lock",
    mend: "run `poetry lock` and commit poetry.lock",
  },
  pipenv: {
    dependencies: ({ lockFile }) =>
      lockFile === null ? "pipenv install --dev --skip-lock" : "pipenv sync --dev",
    project: "uv pip install --no-deps --editable .",
    outOfStep: "Pipfile.lock .*out of date",
    mend: "run `pipenv lock` and commit Pipfile.lock",
  },
  pip: {
    dependencies: ({ requirements }) =>
      [
        `uv venv --quiet ${ENVIRONMENT}`,
        `uv pip install -r ${NEEDED}${requirements.map((file) => ` -r ${quote(file)}`).join("")}`,
      ].join(" && "),
    project: "uv pip install --no-deps --editable .",
    outOfStep: "",
    mend: "",
  },
}

/** What runs tests and tells their coverage, for projects whose dependencies have neither. */
const TEST_TOOLS = ["pytest", "coverage"] as const

/** Installs a Python project's dependencies once for each lock file, into an environment of the project's own. */
export const pythonInstall: StageKind = {
  kind: INSTALL,
  scope: "python",
  versions: "needed",
  applies(project) {
    const { python } = project
    if (python === null) return { applies: false, reason: "no Python project" }
    return {
      applies: true,
      stages: [
        {
          name: installStage(project),
          kind: INSTALL,
          needs: [],
          prepares: true,
          because: [
            `Python ${python.version}${python.versionFrom === null ? "" : ` (${python.versionFrom})`}`,
            python.manager,
            python.lockFile ?? python.requirements[0] ?? "no lock file",
          ].join(", "),
          inputs: { include: pythonManifests(project), exclude: [] },
          run: (given) => run(given, python),
        },
      ],
    }
  },
}

/** Patterns of the files that say what a Python project depends on. */
function pythonManifests({ path, files }: Project): readonly string[] {
  const inside = prefixOf(path)
  return files
    .filter((file) => file.startsWith(inside) && MANIFEST.test(file.slice(inside.length)))
    .map(escapeGlob)
}

/** Of workspaces as well. pip reads requirements files that others name, wherever they lie. */
const MANIFEST =
  /(?:^|\/)(?:pyproject\.toml|uv\.lock|poetry\.(?:lock|toml)|Pipfile(?:\.lock)?|uv\.toml|\.python-version|[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|in)|requirements\/[\w.-]+\.txt)$/

async function run(given: Given, python: Python): Promise<StageResult> {
  const { project } = given
  const installer = INSTALLERS[python.manager]
  const settings = settingsOf(project.config, INSTALL)
  const tries = { timeout: settings.timeout ?? TIMEOUT, attempts: ATTEMPTS }
  const ran = await given.command({
    container: pythonContainer(given, python)
      .withMountedCache(CACHE, dag.cacheVolume("slipway-python"))
      .withDirectory(WORKDIR, given.source)
      .withNewFile(NEEDED, python.needed.map((line) => `${line}\n`).join(""))
      .withWorkdir(joinPath(WORKDIR, project.path)),
    steps: [
      { name: "manager", run: managerCommand(python), ...tries },
      { name: "install", run: installer.dependencies(python), ...tries, final: installer.outOfStep || "^$" },
      { name: "test tools", run: testTools(python), ...tries },
    ],
  })
  const outcome = fromCommand(ran, { passed: "dependencies installed", findings: [], tests: [] })
  if (outcome.verdict === "passed") return { ...outcome, container: ran.container }
  if (installer.outOfStep !== "" && new RegExp(installer.outOfStep).test(ran.log.text))
    return {
      ...outcome,
      verdict: "failed",
      cause: "lock-file",
      summary: `${python.lockFile ?? "the lock file"} and pyproject.toml disagree: ${installer.mend}`,
    }
  return {
    ...outcome,
    verdict: "errored",
    cause: "download",
    summary: `cannot install dependencies: ${outcome.summary}`,
  }
}

/** Gets uv, which pip's projects are installed by as well, and Poetry for who uses it. */
function managerCommand({ manager, managerVersion }: Python): string {
  const own = manager === "pip" ? "" : ` ${quote(`${manager}${managerVersion ?? ""}`)}`
  return `python -m pip install --quiet --disable-pip-version-check${manager === "uv" ? "" : " uv"}${own}`
}

/** Adds what no dependency brings. */
function testTools({ dependencies, django }: Python): string {
  const tools = [...TEST_TOOLS, ...(django === null ? [] : ["pytest-django"])]
  const lacking = tools.filter(
    (tool) => !dependencies.includes(tool) && !(tool === "coverage" && dependencies.includes("pytest-cov")),
  )
  return lacking.length === 0 ? "true" : `uv pip install --quiet ${lacking.join(" ")}`
}

/** The project's Python, with what its tools expect of an environment. Programs of the project's environment come first. */
function pythonContainer(given: Given, { version }: Python): Container {
  const home = joinPath(joinPath(WORKDIR, given.project.path), ENVIRONMENT)
  return (
    given
      // With git and a compiler, as the machines of CI vendors have them: packages and tests call them.
      .image(PYTHON, /^\d+\.\d+\.\d/.test(version) ? version : `${version}-bookworm`)
      .withEnvVariable("CI", "true")
      .withEnvVariable("VIRTUAL_ENV", home)
      .withEnvVariable("PATH", `${home}/bin:$PATH`, { expand: true })
      .withEnvVariable("PYTHONDONTWRITEBYTECODE", "1")
      .withEnvVariable("POETRY_VIRTUALENVS_IN_PROJECT", "true")
      .withEnvVariable("PIPENV_VENV_IN_PROJECT", "1")
      // The image decides: another patch release than a version file names is as good.
      .withEnvVariable("UV_PYTHON", version.split(".").slice(0, 2).join("."))
      .withEnvVariable("UV_PYTHON_DOWNLOADS", "never")
      .withEnvVariable("UV_LINK_MODE", "copy")
      // A site's own authority is among the system's certificates.
      .withEnvVariable("UV_SYSTEM_CERTS", "true")
      .withEnvVariable("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
  )
}

/** A Python project with its dependencies and the files of the stage, in its folder. */
export const pythonPlace = (given: Given): Container =>
  given
    .from(installStage(given.project))
    .withDirectory(WORKDIR, given.source)
    .withWorkdir(joinPath(WORKDIR, given.project.path))

/** The step that installs the project itself, where its code is a package. */
export function projectStep({ python }: Project): readonly CommandStep[] {
  if (python === null || !python.isPackage) return []
  return [{ name: "project", run: INSTALLERS[python.manager].project, timeout: TIMEOUT, attempts: 2 }]
}

/** Patterns of the files that a Python project's tools read. */
export const pythonFiles = (project: Project): readonly string[] => [
  filesBelow(project.path),
  ...project.shared.map(escapeGlob),
]
