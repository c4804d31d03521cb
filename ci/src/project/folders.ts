import { anyOf, either } from "../formats/pattern.js"
import { folderOf, INSTALLED, MANIFEST, TEMPLATE } from "./manifest.js"
import { baseName, joinPath, prefixOf } from "./paths.js"
import type { Project, Tree, Unchecked } from "./project.js"
import { PYTHON_FILE } from "./python.js"

/** The folders of a repository's projects, and those that are left out. */
export interface Folders {
  readonly folders: readonly string[]
  readonly unchecked: readonly Unchecked[]
}

/** Files that may hold requirements of pip, or prose: they do where there is code in Python. */
const MAYBE_REQUIREMENTS = /(?:^|\/)requirements\/[\w.-]+\.txt$/

/** Returns the folders that may hold a Python project, by the names of their files. */
export function pythonCandidates(files: readonly string[]): readonly string[] {
  const certain = files.filter((file) => PYTHON_FILE.test(file)).map(projectFolderOf)
  const code = files.filter((file) => file.endsWith(".py"))
  const likely = files
    .filter((file) => MAYBE_REQUIREMENTS.test(file))
    .map(projectFolderOf)
    .filter((folder) => code.some((file) => isBelow(file, folder)))
  return [...new Set([...certain, ...likely])].sort()
}

/**
 * Returns the folders of the Python projects in a repository: the outermost ones, and those with a lock file.
 *
 * @param found the folders that hold one.
 * @param root the project that the root is by itself.
 */
export function pythonFolders(tree: Pick<Tree, "files">, found: readonly string[], root: Project): Folders {
  const { projects } = root.config
  if (projects !== null) return { folders: found.filter((path) => projects.includes(path)), unchecked: [] }
  const locked = new Set(tree.files.filter((file) => PYTHON_LOCK.test(file)).map(folderOf))
  const outermost = (path: string) => !found.some((other) => other !== path && isBelow(path, other))
  const below = found.filter((path) => locked.has(path) || outermost(path))
  return withoutApart(below, "pyproject.toml", root.language !== null)
}

/** `requirements/dev.txt` belongs to the folder above. */
const projectFolderOf = (file: string): string => folderOf(file).replace(/(?:^|\/)requirements$/, "")

const isBelow = (path: string, folder: string): boolean => path.startsWith(prefixOf(folder))

const PYTHON_LOCK = /(?:^|\/)(?:uv\.lock|poetry\.lock|Pipfile\.lock)$/

/** Lock files of Node.js package managers. */
const NODE_LOCK =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$/

const NAMES = either(String.raw`\.[^/]+ [^/]*\{[{%][^/]* docs? website site vendor third[_-]party`)
const INPUTS = either(
  `fixtures? tests? mocks? testdata templates? examples? samples? demos? playgrounds? sandbox bench(?:mark)?s? perf(?:ormance)?(?:[-_]tests?|[-_]testing)?`,
)
/** Folders whose packages are made for something else than to be checked: inputs of tests, starting points, measurements, websites. */
export const APART = new RegExp(`(?:^|/)(?:${NAMES}|(?:__)?(?:${INPUTS})(?:__)?)(?:/|$)`)

/**
 * Leaves out folders that are {@link APART}, and names them. Where there is nothing else, those of templates alone.
 *
 * @param file what such a folder has, for its name.
 * @param others true where the repository has projects besides.
 */
function withoutApart(folders: readonly string[], file: string, others: boolean): Folders {
  const plain = folders.filter((path) => !APART.test(path))
  const some =
    plain.length > 0 || others ? plain : folders.filter((path) => !TEMPLATE.test(joinPath(path, file)))
  const apart = folders.filter((path) => !some.includes(path))
  return { folders: some, unchecked: leftOut(apart, file, OWN_DEPENDENCIES) }
}

/**
 * Returns the folders of the projects in a repository: the root if it is a project, and each folder with both a
 * package.json and a lock file. If the root is no project, the topmost folders with a package.json count as well.
 *
 * @param root the project that the root is by itself.
 */
export function projectFolders(tree: Pick<Tree, "files">, root: Project): Folders {
  const { projects } = root.config
  if (projects !== null) return { folders: [...new Set(projects)].sort(), unchecked: [] }
  const packages = tree.files
    .filter((file) => baseName(file) === MANIFEST && !INSTALLED.test(file) && file !== MANIFEST)
    .map(folderOf)
  const locks = new Set(tree.files.filter((file) => NODE_LOCK.test(file)).map(folderOf))
  const workspaces = new Set(root.workspaces.map(({ path }) => path))
  const locked = packages.filter((path) => locks.has(path) && !workspaces.has(path))
  const own = root.language !== null && !(locked.length > 0 && isHollow(root)) ? [""] : []
  const below = own.length > 0 ? locked : packages.filter((path) => locks.has(path) || isTop(path, packages))
  const { folders, unchecked } = withoutApart(below, MANIFEST, own.length > 0)
  return { folders: [...own, ...folders], unchecked }
}

const isTop = (path: string, packages: readonly string[]): boolean =>
  !packages.some((other) => isBelow(path, other))

/** Scripts that a check would run. */
const RUN = /^(?:test|lint|format|types?|type-?check|build|check)(?::|$)/

/** Commands that only start scripts of this package or of others, or do nothing. */
const FAN_OUT = anyOf([
  /--prefix\b|\s-C\s|--cwd\b|\bcd\s/,
  /^(?:concurrently|npm-run-all2?|run-[ps]|echo|exit)\b/,
  /^(?:npm|pnpm|yarn|bun)\s(?:run\s|run-script\s)?[\w:.-]+$/,
])

/** True for a root package that installs nothing by itself and only starts scripts of the packages below. */
function isHollow({ lockFile, workspaces, root }: Project): boolean {
  const commands = Object.entries(root.scripts)
    .filter(([name]) => RUN.test(name))
    .flatMap(([, script]) => script.split(/&&|\|\||;/))
  return lockFile === null && workspaces.length === 0 && commands.every((one) => FAN_OUT.test(one.trim()))
}

const OWN_DEPENDENCIES =
  "dependencies of their own, in folders of tests, examples, templates, benchmarks or documentation; name them under `projects` in slipway.yaml to check them"

const SHOWN = 3

/** Names a file in each of some folders, the first ones alone. */
export function leftOut(folders: readonly string[], file: string, reason: string): readonly Unchecked[] {
  if (folders.length === 0) return []
  const more = folders.length > SHOWN ? ` and ${folders.length - SHOWN} more` : ""
  const names = folders.slice(0, SHOWN).map((folder) => joinPath(folder, file))
  return [{ what: `${names.join(", ")}${more}`, reason }]
}
