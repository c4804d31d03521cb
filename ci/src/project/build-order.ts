import { parseJsonc, recordOf, recordsOf, textsOf } from "../formats/json.js"
import { folderOf, type Manifest, type Part } from "./manifest.js"
import { isThere, joinPath, pathFrom } from "./paths.js"
import type { BuildOrder, Tree } from "./project.js"

/** A task of turbo or Nx. */
interface Task {
  readonly name: string
  /** `^build` for the task of the packages that it needs, `build` for the package's own. */
  readonly dependsOn: readonly string[]
  readonly file: string
}

/** The script that builds a package. */
export const BUILD = "build"

/** Tasks that check. */
const CHECKS =
  /(?:^|[:_-])(?:test|lint|types?|type-?check|check|tsc|unit|integration|coverage|e2e)(?:$|[:_-])/

/** Files of tasks, by name, in the root and in packages; and where they hold their tasks. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  "turbo.json": ["tasks", "pipeline"],
  "turbo.jsonc": ["tasks", "pipeline"],
  "nx.json": ["targetDefaults", "targetDependencies"],
  "project.json": ["targets"],
}

/**
 * Returns a reader of what decides which builds come before a package's tools: the order of tasks of turbo and Nx,
 * references of TypeScript, and files that only a build makes.
 *
 * @param folders of all packages, "" being the root.
 * @see https://turborepo.com/docs/reference/configuration#dependson
 * @see https://nx.dev/reference/nx-json#dependson
 */
export async function buildOrders(
  tree: Tree,
  folders: readonly string[],
): Promise<(part: Part) => Promise<BuildOrder>> {
  const shared = await tasksOf(tree, "")
  return async ({ path, manifest }) => {
    const tasks = path === "" ? shared : [...shared, ...(await tasksOf(tree, path))]
    return {
      needed: orderOf(tasks, `^${BUILD}`),
      own:
        orderOf(tasks, BUILD) ??
        unmadeInput(tree, path, manifest) ??
        (await unbuiltReference(tree, path, manifest)),
      unmade: unmadeEntry(tree, path, manifest),
      references: await referencedFolders(tree, path, folders),
    }
  }
}

/** The file and the task that put another task first, or null. */
function orderOf(tasks: readonly Task[], wanted: string): string | null {
  const task = tasks.find((one) => CHECKS.test(one.name) && reaches(one, wanted, tasks))
  return task === undefined ? null : `${task.file} runs ${wanted} before ${task.name}`
}

async function tasksOf(tree: Tree, folder: string): Promise<readonly Task[]> {
  const places = Object.entries(FILES).map(([name, keys]) => ({ file: joinPath(folder, name), keys }))
  const there = places.filter(({ file }) => tree.files.includes(file))
  return (await Promise.all(there.map(({ file, keys }) => tasksIn(tree, file, keys)))).flat()
}

async function tasksIn(tree: Tree, file: string, keys: readonly string[]): Promise<readonly Task[]> {
  const json = recordOf(parseJsonc(await tree.read(file)))
  return keys.flatMap((key) =>
    Object.entries(recordOf(json[key])).map(([id, task]) => ({
      name: nameOf(id),
      dependsOn: dependenciesOf(task, packageIn(id)),
      file,
    })),
  )
}

/** `//#test`, `@app/api#test` → `test` */
const nameOf = (id: string): string => id.slice(id.lastIndexOf("#") + 1)

/** `@app/api#test` → `@app/api`; empty for a task of any package. */
const packageIn = (id: string): string => (id.includes("#") ? id.slice(0, id.lastIndexOf("#")) : "")

/** A task that names another package is one of those that it needs. */
function dependency(text: string, own: string): string {
  const other = packageIn(text)
  const elsewhere = text.startsWith("^") || !["", "//", own].includes(other)
  return `${elsewhere ? "^" : ""}${nameOf(text.replace(/^\^/, ""))}`
}

/** Nx writes a dependency as text too, or as an object; older versions as a list in the task's place. */
function dependenciesOf(task: unknown, own: string): readonly string[] {
  const listed = Array.isArray(task) ? task : recordOf(task).dependsOn
  const objects = recordsOf(listed).map(({ target, dependencies, projects = "self" }) =>
    dependencies === true || projects !== "self" ? `^${String(target)}` : String(target),
  )
  return [...textsOf(listed).map((text) => dependency(text, own)), ...objects]
}

/** Whether a task comes after another, directly or through tasks of the same package. */
function reaches(
  { dependsOn }: Task,
  wanted: string,
  tasks: readonly Task[],
  seen: readonly string[] = [],
): boolean {
  if (dependsOn.includes(wanted)) return true
  return dependsOn
    .filter((name) => !seen.includes(name))
    .some((name) =>
      tasks.some((task) => task.name === name && reaches(task, wanted, tasks, [...seen, ...dependsOn])),
    )
}

/** The folders of other packages that a package's TypeScript configuration refers to. */
async function referencedFolders(
  tree: Tree,
  folder: string,
  packages: readonly string[],
): Promise<readonly string[]> {
  const file = joinPath(folder, "tsconfig.json")
  if (folder === "" || packages.length < 2 || !tree.files.includes(file)) return []
  const { references } = recordOf(parseJsonc(await tree.read(file)))
  const paths = recordsOf(references).flatMap(({ path }) => pathFrom(folder, String(path)) ?? [])
  return packages.filter(
    (other) => other !== folder && paths.some((path) => path === other || path.startsWith(`${other}/`)),
  )
}

/** `tsc -b --noEmit`, `vue-tsc --build --noEmit`. */
const ONLY_CHECKS = /\btsc\b(?=[^&|;]*\s(?:-b|--build)\b)(?=[^&|;]*\s--noEmit\b)/

/**
 * Returns the script that has the compiler check projects which refer to each other, and write nothing: each of them has
 * to be built then (TS6310: "may not disable emit"). Null without one.
 */
async function unbuiltReference(tree: Tree, folder: string, { scripts }: Manifest): Promise<string | null> {
  const script = Object.entries(scripts).find(([, text]) => ONLY_CHECKS.test(text))?.[0]
  if (script === undefined) return null
  const named = /\s(?:-b|--build)\s+([^\s-]\S*)/.exec(scripts[script] ?? "")?.[1] ?? "."
  const referring = (await referredFrom(tree, folder, named)).map((path) => referredFrom(tree, "", path))
  const [first] = (await Promise.all(referring)).flat()
  return first === undefined
    ? null
    : `the script ${script} checks what refers to ${folderOf(first)}, and builds nothing`
}

/** The configurations that one refers to, as paths of the repository. @param path its file, or the folder of its tsconfig.json. */
async function referredFrom({ files, read }: Tree, folder: string, path: string): Promise<readonly string[]> {
  const place = pathFrom(folder, path)
  const fileOf = (at: string) => [at, joinPath(at, "tsconfig.json")].find((one) => files.includes(one))
  const file = place === null ? undefined : fileOf(place)
  if (file === undefined) return []
  const { references } = recordOf(parseJsonc(await read(file)))
  return recordsOf(references).flatMap(
    (one) => fileOf(pathFrom(folderOf(file), String(one.path)) ?? "") ?? [],
  )
}

/** The first entry of a package that is not in the repository: its build makes it. Null where all are there. */
const unmadeEntry = ({ files }: Tree, folder: string, { entries }: Manifest): string | null =>
  entries.find((entry) => {
    const path = pathFrom(folder, entry)
    return path !== null && !isThere(files, path, ENDINGS)
  }) ?? null

/** What Node.js adds to a path whose extension is left out. */
const ENDINGS = /^(?:\.[cm]?js|\.json|\.node|\.d\.[cm]?ts)?$/

const OUTPUT = /^(?:dist|build|built|lib|out|output|esm|cjs|compiled)$/
/** Options whose value is no input. */
const APART = /^-.*(?:ignore|exclude|out|dir|report)/i

/** Returns the folder that the scripts of a package read and only its build makes, as in `node --test dist`; null without one. */
function unmadeInput({ files }: Tree, folder: string, { scripts }: Manifest): string | null {
  const reads = (words: readonly string[]) =>
    words
      .filter((word, i) => !word.startsWith("-") && !APART.test(words[i - 1] ?? ""))
      .map((word) => word.replace(/^["']?(?:\.\/)?/, "").split(/[/"']/, 1)[0] ?? "")
      .find((first) => OUTPUT.test(first) && !isThere(files, joinPath(folder, first), ENDINGS))
  for (const [name, script] of Object.entries(scripts)) {
    const before = scripts[`pre${name}`] ?? ""
    if (!CHECKS.test(name) || BUILDS.test(`${before} ${script}`)) continue
    const found = reads(script.split(/\s+/))
    if (found !== undefined) return `the script ${name} reads ${found}`
  }
  return null
}

/** A script that builds by itself what it reads. */
const BUILDS = /\b(?:build|tsc|compile|rimraf|mkdir)\b/
