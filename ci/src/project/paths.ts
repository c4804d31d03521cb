import type { Tree } from "./project.js"

/** Paths of a repository: relative, with `/`, and "" for the repository itself. */

/** Returns the path of a file or folder in a folder. */
export const joinPath = (folder: string, path: string): string =>
  [folder, path].filter((part) => part !== "").join("/")

/** Returns the last part of a path; of a package's name, the name without its scope. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

/** Returns what the paths of all files in a folder begin with: `api/`, and "" for the repository. */
export const prefixOf = (folder: string): string => (folder === "" ? "" : `${folder}/`)

/** Returns the path that another one means from a folder; null where it leads out of the repository. */
export function pathFrom(folder: string, path: string): string | null {
  const steps: string[] = []
  for (const step of `${folder}/${path}`.split("/")) {
    if (step === "" || step === ".") continue
    if (step !== "..") steps.push(step)
    else if (steps.pop() === undefined) return null
  }
  return steps.join("/")
}

/** Tells whether a path is a file's, or that of a folder around it. */
export const isOrHolds = (path: string, file: string): boolean => file === path || file.startsWith(`${path}/`)

/**
 * Tells whether a path is a folder's or a file's, also with an extension left out. A `*` in it stands for anything.
 *
 * @param endings what may follow the path in a file's name, "" included.
 */
export function isThere(files: readonly string[], path: string, endings: RegExp): boolean {
  const [before = "", ...after] = path.split("*")
  const end = after.at(-1) ?? ""
  if (after.length > 0) return files.some((file) => file.startsWith(before) && file.endsWith(end))
  const inside = prefixOf(path)
  return files.some(
    (file) => file.startsWith(inside) || (file.startsWith(path) && endings.test(file.slice(path.length))),
  )
}

/** Returns the text of a file; empty if it does not exist. */
export const textIn = async ({ files, read }: Tree, file: string): Promise<string> =>
  files.includes(file) ? read(file) : ""

/** Returns the files in a folder, as a tree of their own. */
export function below(tree: Tree, folder: string): Tree {
  const inside = prefixOf(folder)
  const files = tree.files.filter((file) => file.startsWith(inside)).map((file) => file.slice(inside.length))
  return { files, read: (path: string) => tree.read(inside + path) }
}

/** Returns a function that takes a name: the wanted one, or with the lowest suffix that makes it free. */
export function freeNames(taken: Set<string>): (wanted: string) => string {
  return (wanted) => {
    const name = free(wanted, taken)
    taken.add(name)
    return name
  }
}

/** Appends the lowest free suffix: `app`, `app-2`. */
export function free(wanted: string, taken: ReadonlySet<string>, count = 1): string {
  const name = count === 1 ? wanted : `${wanted}-${count}`
  return taken.has(name) ? free(wanted, taken, count + 1) : name
}
