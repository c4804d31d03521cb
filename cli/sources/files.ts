import * as fs from "node:fs"
import * as path from "node:path"
import { globMatcher } from "../../ci/src/formats/glob.js"
import { GENERATED } from "../../ci/src/project/ignore.js"
import { git, gitBytes } from "../../engine/host/git.js"

/** The files of an app that are looked at. */
export interface SourceFiles {
  /** Paths relative to the app's folder, with `/`. */
  readonly files: readonly string[]
  /** Number of files left out because their name is not UTF-8, which the engine's protocol needs. */
  readonly unnamed: number
}

/**
 * Returns the files that git tracks, and those that it neither tracks nor ignores, in the state of the working tree.
 * Untracked files that tools generate are left out also where no .gitignore names them.
 *
 * @returns null where git cannot tell: no repository, no git, or a folder that its repository ignores.
 */
export function gitFiles(app: string): SourceFiles | null {
  const excludes = GENERATED.flatMap((pattern) => ["-x", pattern])
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", ...excludes]
  const output = gitBytes(app, list)
  if (output === null || (output.length === 0 && git(app, "rev-parse", "--show-prefix") !== null)) return null
  const names = split(output)
  const known = [...new Set(names.map(decoded).filter((name) => name !== null))]
  const found = known.map((name) => ({ name, entry: entryOf(path.join(app, name)) }))
  const submodules = found.filter(({ entry }) => entry === "folder").map(({ name }) => name)
  const inside = submodules.map((name) => prefixed(name, submoduleFiles(path.join(app, name))))
  return {
    files: [
      ...found.filter(({ entry }) => entry === "file").map(({ name }) => name),
      ...inside.flatMap(({ files }) => files),
    ],
    unnamed:
      names.filter((name) => decoded(name) === null).length +
      inside.reduce((sum, { unnamed }) => sum + unnamed, 0),
  }
}

const NOTHING: SourceFiles = { files: [], unnamed: 0 }

/** The files of a submodule. One that is not checked out has none. */
const submoduleFiles = (folder: string): SourceFiles =>
  fs.existsSync(path.join(folder, ".git")) ? (gitFiles(folder) ?? NOTHING) : NOTHING

const prefixed = (folder: string, { files, unnamed }: SourceFiles): SourceFiles => ({
  files: files.map((file) => `${folder}/${file}`),
  unnamed,
})

/**
 * Returns all files of a folder.
 *
 * @param without patterns of what is left out, as in {@link GENERATED}.
 */
export function folderFiles(app: string, without: readonly string[]): SourceFiles {
  const left = globMatcher(without)
  let unnamed = 0
  const walk = (folder: string): readonly string[] =>
    fs.readdirSync(path.join(app, folder), { encoding: "buffer", withFileTypes: true }).flatMap((entry) => {
      const name = decoded(entry.name)
      if (name === null) {
        unnamed++
        return []
      }
      const file = folder === "" ? name : `${folder}/${name}`
      if (left(file)) return []
      if (entry.isDirectory()) return walk(file)
      return entry.isFile() || entry.isSymbolicLink() ? [file] : []
    })
  return { files: walk(""), unnamed }
}

/** What a path of git's list is now: nothing for a deleted file, a folder for a submodule. */
function entryOf(file: string): "file" | "folder" | "none" {
  // A nested repository of its own, which git would not add, ends with a slash.
  if (file.endsWith("/")) return "none"
  const stat = statOf(file)
  if (stat?.isDirectory()) return "folder"
  return stat?.isFile() || stat?.isSymbolicLink() ? "file" : "none"
}

/** Returns what is at a path, links not followed; null where nothing is, or a file has the place of its folder. */
export function statOf(file: string): fs.Stats | null {
  try {
    return fs.lstatSync(file)
  } catch {
    return null
  }
}

/** Divides a list that git ends each entry of with a NUL. */
export function split(output: Buffer): readonly Buffer[] {
  const names: Buffer[] = []
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf(0, start)
    if (end === -1) break
    names.push(output.subarray(start, end))
    start = end + 1
  }
  return names
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Returns a name as text; null where it is not UTF-8. */
export function decoded(name: Buffer): string | null {
  try {
    return UTF8.decode(name)
  } catch {
    return null
  }
}
