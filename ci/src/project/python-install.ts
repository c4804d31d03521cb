import { type Container, dag } from "@dagger.io/dagger"
import { settingsOf } from "../config/stage-settings.js"
import { escapeGlob, filesBelow } from "../formats/glob.js"
import { anyOf } from "../formats/pattern.js"
import { type CommandStep, quote } from "../run/command.js"
import { type Image, NODE } from "../run/images.js"
import { fromCommand } from "../run/outcome.js"
import { type Given, type StageKind, type StageResult, WORKDIR, withVariables } from "../run/stage.js"
import { brokenInstall } from "./broken.js"
import { INSTALL, installStage, missingIn, notInTime } from "./install.js"
import { joinPath, prefixOf } from "./paths.js"
import type { Project } from "./project.js"
import { finalPythonFailure, pythonInstallFailure } from "./python-install-failure.js"
import { AUTHORITIES, ENVIRONMENT, INSTALLERS, NEEDED, ofManager, withVersion } from "./python-installers.js"
import type { Python } from "./python-project.js"
import { withSystemPackages } from "./system-install.js"
import { systemPackages, systemText } from "./system-packages.js"

/** Runs Python projects. A project that asks for another Python gets another tag. */
export const PYTHON: Image = { name: "python", tag: "3.11-slim-bookworm" }

/** Seconds for one try. */
const TIMEOUT = 600
const ATTEMPTS = 3

const CACHE = "/root/.cache"

/** What runs tests and tells their coverage, for projects whose dependencies have neither. */
const TEST_TOOLS = ["pytest", "coverage"] as const

/** Installs a Python project's dependencies once for each lock file, into an environment of the project's own. */
export const pythonInstall: StageKind = {
  kind: INSTALL,
  scope: "python",
  versions: "needed",
  applies(project) {
    const { python, fault } = project
    if (fault !== null)
      return { applies: true, stages: [brokenInstall(installStage(project), INSTALL, fault)] }
    if (python === null) return { applies: false, reason: "no Python project" }
    const from = python.versionFrom === null ? "" : ` (${python.versionFrom})`
    return {
      applies: true,
      stages: [
        {
          name: installStage(project),
          kind: INSTALL,
          needs: [],
          prepares: true,
          because: [
            `Python ${python.version}${from}`,
            python.manager,
            python.lockFile ?? python.requirements[0] ?? "no lock file",
            ...systemText(systemPackages(project)),
          ].join(", "),
          inputs: { include: pythonManifests(project), exclude: [] },
          run: (given) => run(given, python),
        },
      ],
    }
  },
}

/** Patterns of the files that say what a Python project depends on. */
function pythonManifests({ path, files, python }: Project): readonly string[] {
  const inside = prefixOf(path)
  const manifests = files
    .filter((file) => file.startsWith(inside) && MANIFEST.test(file.slice(inside.length)))
    .map(escapeGlob)
  return [...manifests, ...(python?.local ?? []).map(filesBelow)]
}

/** pip reads requirements files that others name, wherever they lie. */
const REQUIREMENTS =
  /(?:^|\/)(?:[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|in)|requirements\/[\w.-]+\.txt)$/

/** Of workspaces as well. */
const MANIFEST = anyOf([
  /(?:^|\/)(?:pyproject\.toml|(?:uv|poetry|pdm)\.(?:lock|toml)|Pipfile(?:\.lock)?|\.python-version)$/,
  REQUIREMENTS,
])

async function run(given: Given, python: Python): Promise<StageResult> {
  const { project } = given
  const installer = INSTALLERS[python.manager]
  const settings = settingsOf(project.config, INSTALL)
  const tries = { timeout: settings.timeout ?? TIMEOUT, attempts: ATTEMPTS }
  const wanting = project.files.filter(
    (file) => file.startsWith(prefixOf(project.path)) && REQUIREMENTS.test(file),
  )
  const [missing, { container, lacking }] = await Promise.all([
    missingIn(given, wanting),
    withSystemPackages(given, pythonContainer(given, python)),
  ])
  const ran = await given.command({
    container: withVariables(container, given.variables)
      .withMountedCache(CACHE, dag.cacheVolume("slipway-python"))
      .withDirectory(WORKDIR, given.source)
      .withNewFile(NEEDED, python.needed.map((line) => `${line}\n`).join(""))
      .withWorkdir(joinPath(WORKDIR, project.path)),
    steps: [
      { name: "manager", run: ofManager(managerCommand(python), python), ...tries },
      {
        name: "install",
        run: ofManager(installer.dependencies(python), python),
        ...tries,
        final: finalPythonFailure(python, missing),
      },
      { name: "test tools", run: ofManager(testTools(python), python), ...tries },
    ],
  })
  const read = fromCommand(ran, { passed: "dependencies installed", findings: [], tests: [] })
  const outcome = { ...read, unchecked: lacking }
  const undecided = python.lockFile === null ? { until: 0 } : {}
  if (outcome.verdict === "passed") return { ...outcome, ...undecided, container: ran.container }
  return outcome.cause === "timed-out"
    ? notInTime(outcome)
    : { ...outcome, ...pythonInstallFailure(ran.log.text, python, missing) }
}

/** Installs the manager, and uv: it also installs the projects of pip, and the tools that are added. */
function managerCommand({ manager, managerVersion }: Python): string {
  const name = INSTALLERS[manager].package ?? manager
  const wanted = `${name}${managerVersion ?? ""}`
  const own = manager === "pip" ? "" : ` ${quote(wanted)}`
  return `python -m pip install --quiet --disable-pip-version-check${manager === "uv" ? "" : " uv"}${own}`
}

/** Adds what no dependency brings. What is installed stays as it is, in whichever version. */
const testTools = ({ django, beside }: Python): string =>
  `uv pip install --quiet ${[...TEST_TOOLS, ...(django === null ? [] : ["pytest-django"]), ...beside.map(quote)].join(" ")}`

/** Node.js and npm in their image. Some Python packages need them, and the machines of CI vendors have them. */
const NODE_FILES = ["bin/node", "bin/npm", "bin/npx", "lib/node_modules/npm"]

/** Returns the tag of the official image of a version. */
export const pythonTag = (version: string): string =>
  /^\d+\.\d+\.\d/.test(version) ? version : `${version}-bookworm`

/** The project's Python, with what its tools expect of an environment. Programs of the project's environment come first. */
function pythonContainer(given: Given, { version }: Python): Container {
  const home = joinPath(joinPath(WORKDIR, given.project.path), ENVIRONMENT)
  return (
    given
      // With git and a compiler, as the machines of CI vendors have them: packages and tests call them.
      .image(PYTHON, pythonTag(version))
      .withDirectory("/usr/local", given.image(NODE).directory("/usr/local"), { include: NODE_FILES })
      .withEnvVariable("CI", "true")
      .withEnvVariable("VIRTUAL_ENV", home)
      .withEnvVariable("PATH", `${home}/bin:$PATH`, { expand: true })
      .withEnvVariable("PYTHONDONTWRITEBYTECODE", "1")
      // A site's own authority is among the system's certificates.
      .withEnvVariable("NODE_EXTRA_CA_CERTS", AUTHORITIES)
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
  return [
    {
      name: "project",
      run: ofManager(withVersion(INSTALLERS[python.manager].project(python)), python),
      timeout: TIMEOUT,
      attempts: 2,
    },
  ]
}

/** Patterns of the files that a Python project's tools read. */
export const pythonFiles = (project: Project): readonly string[] => [
  filesBelow(project.path),
  ...project.shared.map(escapeGlob),
]
