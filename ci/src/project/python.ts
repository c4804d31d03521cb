import { isRecord, recordOf } from "../formats/json.js"
import { parseToml } from "../formats/toml.js"
import { Fault } from "../run/fault.js"
import { teamTools } from "./declared/languages.js"
import { folderOf } from "./manifest.js"
import { textIn } from "./paths.js"
import type { Django, Python, Tree } from "./project.js"
import { chosenPython, type PythonNames } from "./python-choice.js"
import {
  dependenciesOf,
  dependencyNames,
  developmentExtras,
  pipfilePackages,
  requirementLines,
} from "./python-dependencies.js"
import { pythonManager, pythonManagerVersion } from "./python-manager.js"
import { membersOf } from "./python-members.js"
import { isPackage } from "./python-package.js"
import { requirementsOf } from "./python-requirements.js"
import { setupOf } from "./python-setup.js"
import { teamRequirements } from "./python-team.js"
import { pythonTools } from "./python-tools.js"

/** Files that make a folder a Python project, beside a pyproject.toml that describes one. */
export const PYTHON_FILE =
  /(?:^|\/)(?:pyproject\.toml|requirements[\w.-]*\.txt|setup\.py|setup\.cfg|Pipfile|(?:uv|poetry|pdm)\.lock)$/

/** Files with the requirements of pip, those of the app first. */
const REQUIREMENTS = /^(?:requirements\/)?(?:[\w.-]*requirements[\w.-]*|(?<=requirements\/)[\w.-]+)\.txt$/

/** Those that neither the app nor its tests need. */
const APART =
  /(?:^|[/_.-])(?:docs?|documentation|sphinx|mkdocs|insiders|deploy|github-actions|release)(?=[/_.-])/

/**
 * Reads the Python project at the root of a tree; null without one.
 *
 * @param names what else names its version.
 */
export async function pythonOf(tree: Tree, names: PythonNames = {}): Promise<Python | null> {
  const has = (file: string) => tree.files.includes(file)
  const toml = parseToml(await textIn(tree, "pyproject.toml"))
  if (toml === null)
    throw new Fault("configuration", {
      what: "not valid TOML",
      where: "pyproject.toml",
      fix: "correct pyproject.toml",
    })
  const all = tree.files.filter((file) => REQUIREMENTS.test(file))
  const byTeam = names.declared ? teamRequirements(names.declared, all, names.folder ?? "") : []
  const requirements = byTeam.length > 0 ? byTeam : all.filter((file) => !APART.test(file))
  const { poetry, uv } = recordOf(toml.tool)
  const described = isRecord(toml.project) || isRecord(poetry) || isRecord(recordOf(uv).workspace)
  const { manager, lockFile } = pythonManager(tree, toml, names.declared ?? null)
  const hasSetup = ["setup.py", "setup.cfg"].some(has)
  if (!described && lockFile === null && all.length === 0 && !hasSetup && !has("Pipfile")) return null
  const { lines, ...named } = await requirementsOf(
    tree,
    requirements,
    names.declared ?? null,
    names.folder ?? "",
  )
  const pipfile = parseToml(await textIn(tree, "Pipfile")) ?? {}
  const setup = await setupOf(tree, toml)
  const extras = developmentExtras(toml, setup.extras, named.extras)
  const needed = [...dependenciesOf(toml, extras), ...setup.needed]
  const version = await chosenPython(tree, { toml, pipfile, lock: await textIn(tree, lockFile ?? "") }, names)
  const members = await membersOf(tree, toml)
  const dependencies = dependencyNames(
    [...needed, ...requirementLines(lines), ...pipfilePackages(pipfile)],
    members.flatMap((one) => one.dependencies),
  )
  return {
    manager,
    managerVersion: await pythonManagerVersion(tree, toml, manager, {
      team: names.declared ? teamTools(names.declared, manager).map(({ wanted }) => wanted) : [],
      above: names.above ?? null,
    }),
    ...version,
    lockFile,
    requirements,
    namedIn: named.naming,
    local: named.local,
    needed,
    extras,
    dependencies,
    tools: await pythonTools(tree, toml),
    isPackage:
      named.naming.length > 0 || (await isPackage(tree, toml)) || members.some((one) => one.isPackage),
    dynamic: setup.dynamic,
    members,
    django: dependencies.includes("pytest-django") ? null : await djangoOf(tree, dependencies),
  }
}

/** Reads the outermost manage.py. */
async function djangoOf(tree: Tree, dependencies: readonly string[]): Promise<Django | null> {
  const [file] = tree.files
    .filter((one) => /(?:^|\/)manage\.py$/.test(one))
    .toSorted((a, b) => a.split("/").length - b.split("/").length)
  if (file === undefined || !dependencies.includes("django")) return null
  const settings = /DJANGO_SETTINGS_MODULE["'],\s*["']([\w.]+)["']/.exec(await tree.read(file))?.[1]
  return settings === undefined ? null : { folder: folderOf(file), settings }
}
