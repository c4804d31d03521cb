import { groupBy } from "../formats/group-by.js"
import { anyOf } from "../formats/pattern.js"
import { folderOf, upwards } from "./manifest.js"
import { baseName, isOrHolds, pathFrom, prefixOf } from "./paths.js"
import type { Tree } from "./project.js"

/** Files in a package's folder that tell its tools where to look: `"paths": { "lib": ["../../src"] }`. */
export const SETTINGS = anyOf([
  /^package\.json$/,
  /^[jt]sconfig[^/]*\.json$/,
  /^[^/]+\.config\.[cm]?[jt]s$/,
  /^\.?(?:biome|oxlint|swc|babel|eslint|prettier|stylelint|mocha|c8|nyc|knip|jest)(?:rc)?(?:\.\w+)?$/,
])

/** A relative path that leads out of a folder, and the start of a pattern behind it. */
const OUT = /(?<![\w./])(?:\.\/)?((?:\.\.\/)+[\w@./-]*)([*{[]?)/g

/**
 * Returns a reader of the places outside a package that its settings name, as paths of files and folders. What is in
 * another package stands for that package, whose settings may lead on; what is in no package, for its folder.
 *
 * @param packages the folders of all packages but the root.
 */
export function placesOut(
  tree: Tree,
  packages: readonly string[],
): (folder: string) => Promise<readonly string[]> {
  const places = { files: groupBy(tree.files, folderOf), folders: new Set<string>(), packages }
  for (const folder of places.files.keys()) for (const one of upwards(folder)) places.folders.add(one)
  return async (folder) => {
    const settings = (places.files.get(folder) ?? []).filter((file) => SETTINGS.test(baseName(file)))
    const texts = await Promise.all(settings.map(tree.read))
    const named = texts.flatMap((text) =>
      [...text.matchAll(OUT)].flatMap(([, path = "", pattern]) => {
        const place = pathFrom(folder, pattern === "" ? path : folderOf(path))
        return place === null || place === "" ? [] : placesOf(place, pattern !== "", places)
      }),
    )
    return [...new Set(named)].filter((place) => place !== folder).sort()
  }
}

/** What is in a repository. */
interface Places {
  /** By folder. */
  readonly files: ReadonlyMap<string, readonly string[]>
  readonly folders: ReadonlySet<string>
  readonly packages: readonly string[]
}

/** @param isPattern whether a pattern goes on below the path, through the packages in it. */
function placesOf(path: string, isPattern: boolean, { files, folders, packages }: Places): readonly string[] {
  const owner = packages.filter((one) => isOrHolds(one, path)).toSorted((a, b) => b.length - a.length)[0]
  if (owner !== undefined) return [owner]
  const within = (folder: string) => packages.filter((one) => one.startsWith(prefixOf(folder)))
  if (folders.has(path)) {
    const inner = within(path)
    if (inner.length === 0) return [path]
    return isPattern ? inner : []
  }
  // Settings may name a file without its extension.
  const beside = files.get(folderOf(path)) ?? []
  const file = beside.find((one) => one === path || one.startsWith(`${path}.`))
  if (file === undefined || folderOf(file) === "") return []
  return within(folderOf(file)).length === 0 ? [folderOf(file)] : [file]
}
