import { quote } from "../run/command.js"
import type { Python, PythonManager } from "./python-project.js"

/** The file with what pyproject.toml asks for, for pip. */
export const NEEDED = "/slipway/needed.txt"

/** The folder of a project's environment. */
export const ENVIRONMENT = ".venv"

/** How to install a manager, and how it installs a project's dependencies, and then the project. */
export interface Installer {
  /** Its package for pip, if that is not its name. */
  readonly package?: string
  readonly dependencies: (python: Python) => string
  readonly project: (python: Python) => string
  /** Matches its error for an outdated lock file (grep -E). */
  readonly outOfStep: string
  readonly mend: string
}

const each = (names: readonly string[], option: string): string =>
  names.map((name) => ` ${option} ${quote(name)}`).join("")

/** The system's certificates. */
export const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"

/**
 * The settings of managers. Tests do not get them: those of a tool that calls a manager see its variables, and that of the
 * authorities stands over the certificates that tests name themselves.
 */
function settingsOf({ version, manager, managerVersion }: Python): Readonly<Record<string, string>> {
  // Older releases of uv know another name, of which newer ones warn.
  const old = manager === "uv" && managerVersion !== null
  return {
    POETRY_VIRTUALENVS_IN_PROJECT: "true",
    PIPENV_VENV_IN_PROJECT: "1",
    PDM_CHECK_UPDATE: "0",
    // The image decides: another patch release than a version file names is as good.
    UV_PYTHON: version.split(".").slice(0, 2).join("."),
    UV_PYTHON_DOWNLOADS: "never",
    UV_LINK_MODE: "copy",
    // A site's own authority is among the system's certificates.
    UV_SYSTEM_CERTS: "true",
    ...(old ? { UV_NATIVE_TLS: "true" } : {}),
    REQUESTS_CA_BUNDLE: AUTHORITIES,
  }
}

/** A command of a manager with its settings: ours, whatever release of it the project's environment brings. */
export function ofManager(command: string, python: Python): string {
  const settings = Object.entries(settingsOf(python)).map(([name, value]) => `${name}=${value}`)
  return `PATH=/usr/local/bin:$PATH; export ${settings.join(" ")}; ${command}`
}

/** Tools that take a package's version from git. */
const VERSIONS_BY_GIT = "setuptools[-_]scm|hatch-vcs|vcs-versioning|pbr|pdm-backend"
const DESCRIPTIONS = ["pyproject.toml", "setup.py", "setup.cfg"].map((file) => `--include=${file}`).join(" ")
const VERSION_VARIABLES = ["SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION", "PBR_VERSION"]
/** What such a tool says of a checkout without tags, as the machines of CI vendors have it. */
const UNTAGGED = "0.1.dev1"

/**
 * A command that installs a project, which gets a version where it takes its own from git: a stage has no history, since
 * each commit would run it again. Packages that are built beside it would get that version too: others name none.
 */
export function withVersion(command: string): string {
  const exported = VERSION_VARIABLES.map((name) => `${name}="\${${name}:-${UNTAGGED}}"`)
  return [
    `if grep -rqE ${DESCRIPTIONS} --exclude-dir=${ENVIRONMENT} ${quote(VERSIONS_BY_GIT)} .`,
    `then export ${exported.join(" ")}; fi`,
    command,
  ].join("; ")
}

const EDITABLE = "uv pip install --no-deps --editable ."

/** Takes the project itself out of requirements files: its code is not there before the dependencies are. */
const withoutItself = (files: readonly string[]): string =>
  files.length === 0 ? "" : `sed -i -E ${[NOT_ITSELF, ...files].map(quote).join(" ")} && `
const ITSELF = String.raw`^[[:space:]]*((-e|--editable)[[:space:]=]*)?["']?(file:(\/\/)?)?\.\/?(\[[^]]*\])?["']?[[:space:]]*([;#].*)?$`
/** What sed deletes. */
const NOT_ITSELF = `/${ITSELF}/d`

function pipProject({ dynamic, extras }: Python): string {
  if (!dynamic) return EDITABLE
  const place = extras.length > 0 ? `.[${extras.join()}]` : "."
  return `uv pip install --editable ${quote(place)}`
}

/** How each manager installs. */
export const INSTALLERS: Readonly<Record<PythonManager, Installer>> = {
  uv: {
    dependencies: ({ lockFile, extras, groups }) =>
      `uv sync ${lockFile === null ? "" : "--locked "}--all-packages --no-install-workspace${each(extras, "--extra")}${each(groups, "--group")}`,
    project: () => "uv sync --inexact --all-packages",
    outOfStep: "lockfile at .* needs to be updated|Unable to find lockfile",
    mend: "run `uv lock` and commit uv.lock",
  },
  poetry: {
    dependencies: ({ extras, groups }) =>
      `poetry install --no-root --no-interaction${each(extras, "--extras")}${each(groups, "--with")}`,
    project: () => "poetry install --only-root --no-interaction",
    outOfStep: "pyproject.toml changed significantly since poetry.lock",
    mend: "run `poetry lock` and commit poetry.lock",
  },
  pdm: {
    // With the versions that PDM was released with: newer ones of its dependencies may break it.
    package: "pdm[locked]",
    dependencies: ({ lockFile, extras }) =>
      `uv venv --quiet ${ENVIRONMENT} && pdm install --no-self ${lockFile === null ? "--no-lock" : "--check"}${each(extras, "--group")}`,
    project: () => EDITABLE,
    outOfStep: "Lockfile doesn't satisfy|Lock file (?:hash )?doesn't match|Lockfile is incompatible",
    mend: "run `pdm lock` and commit pdm.lock",
  },
  pipenv: {
    dependencies: ({ lockFile }) =>
      lockFile === null ? "pipenv install --dev --skip-lock" : "pipenv sync --dev",
    project: () => EDITABLE,
    outOfStep: "Pipfile.lock .*out of date",
    mend: "run `pipenv lock` and commit Pipfile.lock",
  },
  pip: {
    dependencies: ({ requirements, namedIn }) =>
      `uv venv --quiet ${ENVIRONMENT} && ${withoutItself(namedIn)}uv pip install -r ${NEEDED}${each(requirements, "-r")}`,
    project: pipProject,
    outOfStep: "",
    mend: "",
  },
}
