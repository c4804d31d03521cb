import { escapeGlob, filesBelow } from "../formats/glob.js"
import { folderOf, MANIFEST, readManifest } from "./manifest.js"
import { pathFrom } from "./paths.js"
import type { Tree } from "./project.js"

/** Files of the repository that an install reads beside manifests: local packages, patches, programs. */

/** What a package names of the repository: a package's folder, and the texts in which it does so. */
export interface Naming {
  /** Folder, relative to the project. */
  readonly path: string
  /** Versions, patches and paths, as package.json and the settings of package managers have them. */
  readonly texts: readonly string[]
}

/** `file:../lib`, `./lib-1.0.0.tgz`. */
const LOCAL =
  /^(?:(?:file|link|portal):(?:\/\/)?)?(\.{1,2}\/[^#]+|(?<=:|:\/\/)[^#:]+|[^#:]+\.(?:tgz|tar\.gz|patch|diff))$/
/** `patch:left-pad@npm%3A1.3.0#~/.yarn/patches/left-pad.patch&./other.patch`. */
const PATCH = /^patch:[^#]+#([^:]+)/

/** The paths that a text names, relative to a folder; `~/` is the project. */
function pathsIn(text: string, folder: string): readonly string[] {
  const patches = PATCH.exec(text)?.[1]?.split("&") ?? []
  const local = LOCAL.exec(text)?.[1]
  return [...patches, ...(local === undefined ? [] : [local])].flatMap((path) => {
    const plain = path.replace(/^optional!/, "")
    const resolved = plain.startsWith("~/") ? pathFrom("", plain.slice(2)) : pathFrom(folder, plain)
    return resolved === null ? [] : [resolved]
  })
}

/** Returns patterns of the files and folders that packages name, and those that they name in turn. */
export async function localFiles(tree: Tree, namings: readonly Naming[]): Promise<readonly string[]> {
  const present = new Set(tree.files)
  const found = new Set<string>()
  const open = [...namings]
  for (let naming = open.pop(); naming !== undefined; naming = open.pop()) {
    for (const path of naming.texts.flatMap((text) => pathsIn(text, naming?.path ?? ""))) {
      const manifest = `${path}/${MANIFEST}`
      const isFolder = path !== "" && present.has(manifest)
      const pattern = isFolder ? filesBelow(path) : escapeGlob(path)
      if (found.has(pattern) || !(isFolder || present.has(path))) continue
      found.add(pattern)
      if (isFolder) open.push({ path: folderOf(manifest), texts: (await readManifest(tree, manifest)).local })
    }
  }
  return [...found].sort()
}
