import { isRecord, type JsonRecord, recordOf } from "../formats/json.js"
import { parseToml } from "../formats/toml.js"
import { Fault } from "../run/fault.js"
import type { Step } from "./declared/found.js"
import { hatchUnasked } from "./declared/hatch.js"
import { teamTools } from "./declared/languages.js"
import { folderOf } from "./manifest.js"
import { textIn } from "./paths.js"
import type { Tree } from "./project.js"
import { pytestSettingsOf, testOptionsOf } from "./pytest-settings.js"
import { chosenPython, type PythonNames } from "./python-choice.js"
import {
  dependenciesOf,
  developmentExtras,
  pipfilePackages,
  requirementLines,
} from "./python-dependencies.js"
import { askedFor, groupsOf, optionalGroups } from "./python-groups.js"
import { pythonManager, pythonManagerVersion } from "./python-manager.js"
import { membersOf } from "./python-members.js"
import { dependencyNames, nameOf } from "./python-names.js"
import { isPackage } from "./python-package.js"
import type { Django, Python, PythonManager } from "./python-project.js"
import { requirementsOf } from "./python-requirements.js"
import { setupOf } from "./python-setup.js"
import { teamPackages, teamRequirements } from "./python-team.js"
import { pythonTools } from "./python-tools.js"

/** Files that make a folder a Python project, beside a pyproject.toml that describes one. */
export const PYTHON_FILE =
  /(?:^|\/)(?:pyproject\.toml|requirements[\w.-]*\.txt|setup\.py|setup\.cfg|Pipfile|(?:uv|poetry|pdm)\.lock)$/

/** Files with the requirements of pip, those of the app first. */
const REQUIREMENTS = /^(?:requirements\/)?(?:[\w.-]*requirements[\w.-]*|(?<=requirements\/)[\w.-]+)\.txt$/

/** Those that neither the app nor its tests need. */
const APART =
  /(?:^|[/_.-])(?:docs?|documentation|sphinx|mkdocs|insiders|deploy|github-actions|release|conda|mamba)(?=[/_.-])/

/**
 * Reads the Python project at the root of a tree; null without one.
 *
 * @param names what else names its version.
 */
export async function pythonOf(tree: Tree, names: PythonNames = {}): Promise<Python | null> {
  const { declared = null, folder = "" } = names
  const toml = await pyproject(tree)
  const files = tree.files.filter((file) => REQUIREMENTS.test(file))
  const requirements = requirementsFiles(files, names)
  const { manager, lockFile } = pythonManager(tree, toml, declared)
  if (lockFile === null && files.length === 0 && !isDescribed(tree, toml)) return null
  const { lines, ...named } = await requirementsOf(tree, requirements, declared, folder)
  const pipfile = parseToml(await textIn(tree, "Pipfile")) ?? {}
  const setup = await setupOf(tree, toml)
  const asked = askedFor(declared, manager)
  const besides = await besidesOf(tree, names, manager)
  const extras = developmentExtras(toml, setup.extras, [...named.extras, ...besides.extras], asked)
  const groups = groupsOf(toml, asked)
  const needed = [...dependenciesOf(toml, extras, groups), ...setup.needed, ...besides.needed]
  const members = await membersOf(tree, toml)
  const pytest = await pytestSettingsOf(tree)
  const all = [...needed, ...requirementLines(lines), ...pipfilePackages(pipfile)]
  return {
    manager,
    managerVersion: await versionOf(tree, toml, manager, names),
    ...(await chosenPython(tree, { toml, pipfile, lock: await textIn(tree, lockFile ?? "") }, names)),
    lockFile,
    requirements,
    namedIn: named.naming,
    local: named.local,
    needed,
    ...namesOf(all, members, besides.beside),
    extras,
    groups: manager === "poetry" ? optionalGroups(toml, asked) : withMembers(groups, members),
    tools: await pythonTools(tree, toml, pytest),
    pytest,
    testOptions: await testOptionsOf(tree),
    isPackage:
      named.naming.length > 0 || (await isPackage(tree, toml)) || members.some((one) => one.isPackage),
    dynamic: setup.dynamic,
    members,
    django: await djangoOf(tree, all, names),
  }
}

const versionOf = (tree: Tree, toml: JsonRecord, manager: PythonManager, { declared, above }: PythonNames) =>
  pythonManagerVersion(tree, toml, manager, {
    team: declared ? teamTools(declared, manager).map(({ wanted }) => wanted) : [],
    above: above ?? null,
  })

function requirementsFiles(files: readonly string[], { declared, folder }: PythonNames): readonly string[] {
  const byTeam = declared ? teamRequirements(declared, files, folder ?? "") : []
  return byTeam.length > 0 ? byTeam : files.filter((file) => !APART.test(file))
}

/** What the team's CI and Hatch's environments install beside the project's own description. */
async function besidesOf(tree: Tree, { declared, folder }: PythonNames, manager: PythonManager) {
  const { deps, extras } = await hatchUnasked(tree, declared?.jobs ?? [])
  const byTeam = declared ? teamPackages(declared, folder ?? "") : []
  const packages = [...byTeam, ...deps]
  return { extras, needed: manager === "pip" ? packages : [], beside: manager === "pip" ? [] : packages }
}

/** The names of all that is installed, and what of it the project itself does not name. */
function namesOf(all: readonly string[], members: Python["members"], packages: readonly string[]) {
  const described = dependencyNames(
    all,
    members.flatMap((one) => one.dependencies),
  )
  const beside = packages.filter((one) => !described.includes(nameOf(one)))
  return { beside, dependencies: dependencyNames(beside, described) }
}

const withMembers = (groups: readonly string[], members: Python["members"]): readonly string[] => [
  ...new Set([...groups, ...members.flatMap((one) => one.groups)]),
]

/** @throws {Fault} `configuration` for what is no TOML. */
async function pyproject(tree: Tree): Promise<JsonRecord> {
  const toml = parseToml(await textIn(tree, "pyproject.toml"))
  if (toml !== null) return toml
  throw new Fault("configuration", {
    what: "not valid TOML",
    where: "pyproject.toml",
    fix: "correct pyproject.toml",
  })
}

/** True where pyproject.toml, setup.py, setup.cfg or a Pipfile describes a project. */
function isDescribed({ files }: Tree, { project, tool }: JsonRecord): boolean {
  const { poetry, uv } = recordOf(tool)
  return (
    [project, poetry, recordOf(uv).workspace].some(isRecord) ||
    ["setup.py", "setup.cfg", "Pipfile"].some((file) => files.includes(file))
  )
}

/** Matches a command that starts Django's own runner without a manage.py. */
const STARTS_DJANGO = /(?:-m\s+django|\bdjango-admin)\s+test\b/

/** Matches one that starts it with its manage.py. */
const STARTS_MANAGED = /\bmanage(?:\.py)?\s+test\b/

/** How the team's CI starts Django's own runner, else what the outermost manage.py says. */
async function djangoOf(tree: Tree, needed: readonly string[], names: PythonNames): Promise<Django | null> {
  const dependencies = dependencyNames(needed)
  if (dependencies.includes("pytest-django") || !dependencies.includes("django")) return null
  const steps = (names.declared?.jobs ?? []).flatMap((job) => job.steps)
  const named = (starts: RegExp) => steps.filter(({ run }) => starts.test(run))
  const settingsIn = (all: readonly Step[]) => all.flatMap(({ env }) => env.DJANGO_SETTINGS_MODULE ?? [])[0]
  const called = settingsIn(named(STARTS_DJANGO).filter(({ folder }) => folder === (names.folder ?? "")))
  if (called !== undefined) return { folder: "", settings: called }
  const [file] = tree.files
    .filter((one) => /(?:^|\/)manage\.py$/.test(one))
    .toSorted((a, b) => a.split("/").length - b.split("/").length)
  if (file === undefined) return null
  // A manage.py may leave it to a module of the project to set them.
  const settings =
    /DJANGO_SETTINGS_MODULE["'],\s*["']([\w.]+)["']/.exec(await tree.read(file))?.[1] ??
    settingsIn(named(STARTS_MANAGED))
  return settings === undefined ? null : { folder: folderOf(file), settings }
}
