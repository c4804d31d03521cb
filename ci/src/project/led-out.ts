import { anyOf } from "../formats/pattern.js"
import { folderOf } from "./manifest.js"
import { isOrHolds, pathFrom, prefixOf } from "./paths.js"
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
  return async (folder) => {
    const inside = prefixOf(folder)
    const settings = tree.files.filter(
      (file) => file.startsWith(inside) && SETTINGS.test(file.slice(inside.length)),
    )
    const texts = await Promise.all(settings.map(tree.read))
    const named = texts.flatMap((text) =>
      [...text.matchAll(OUT)].flatMap(([, path = "", pattern]) => {
        const place = pathFrom(folder, pattern === "" ? path : folderOf(path))
        return place === null || place === "" ? [] : placesOf(place, pattern !== "", tree.files, packages)
      }),
    )
    return [...new Set(named)].filter((place) => place !== folder).sort()
  }
}

/** @param isPattern whether a pattern goes on below the path, through the packages in it. */
function placesOf(
  path: string,
  isPattern: boolean,
  files: readonly string[],
  packages: readonly string[],
): readonly string[] {
  const owner = packages.filter((one) => isOrHolds(one, path)).toSorted((a, b) => b.length - a.length)[0]
  if (owner !== undefined) return [owner]
  const within = (folder: string) => packages.filter((one) => one.startsWith(prefixOf(folder)))
  if (files.some((file) => file.startsWith(prefixOf(path)))) {
    const inner = within(path)
    if (inner.length === 0) return [path]
    return isPattern ? inner : []
  }
  // Settings may name a file without its extension.
  const file = files.find(
    (one) => one === path || (one.startsWith(`${path}.`) && !one.includes("/", path.length)),
  )
  if (file === undefined || folderOf(file) === "") return []
  return within(folderOf(file)).length === 0 ? [folderOf(file)] : [file]
}
