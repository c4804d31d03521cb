import { escapeGlob, filesBelow } from "../formats/glob.js"
import { anyOf } from "../formats/pattern.js"
import { rememberedOf } from "../formats/remembered.js"
import { folderOf, upwards } from "./manifest.js"
import { baseName, prefixOf } from "./paths.js"
import type { Project } from "./project.js"

/** Folders that the tests and scripts of packages do not read: hidden ones, documentation, tests of the running app. */
const APART = /^(?:\..+|docs?|e2e|cypress|playwright)$/i
/** Files that make a folder a project. */
const MANIFESTS = anyOf([
  /^(?:package\.json|pyproject\.toml|requirements[^/]*\.txt|setup\.py|go\.mod|Cargo\.toml|pom\.xml)$/,
  /^build\.gradle(?:\.kts)?$/,
])
const UNREAD = /\.(?:md|mdx|tf|tfvars)$/i

/**
 * Returns patterns of the folders and files below a project that lie in none of its packages: `testdata`, `tools`. A package's tests
 * and scripts may read them by `../../testdata`.
 */
export const looseFiles = rememberedOf(({ path, files, workspaces }: Project): readonly string[] => {
  const inside = prefixOf(path)
  const packages = workspaces.map((one) => one.path)
  const around = new Set(packages.flatMap(upwards))
  const own = new Set(packages)
  const found = new Map<string, string[]>()
  for (const file of files) {
    const folder = folderOf(file)
    const above = upwards(folder)
    if (!file.startsWith(inside) || folder === path || above.some((one) => own.has(one))) continue
    const top = above.findLast((one) => one.startsWith(inside) && one !== path && !around.has(one)) ?? null
    const key = top === null ? escapeGlob(file) : filesBelow(top)
    found.set(key, [...(found.get(key) ?? []), file])
  }
  return [...found].filter(([, listed]) => isRead(path, listed)).map(([pattern]) => pattern)
})

/** Tells whether a package may read what lies in a folder of no package. */
function isRead(path: string, files: readonly string[]): boolean {
  const [first = ""] = files
  const parts = first.slice(prefixOf(path).length).split("/")
  const [top = ""] = parts
  const depth = path === "" ? 1 : path.split("/").length + 1
  const isProject = files.some(
    (file) => file.split("/").length === depth + 1 && MANIFESTS.test(baseName(file)),
  )
  const hasTerraform = files.some((file) => file.endsWith(".tf"))
  return !APART.test(top) && !isProject && !hasTerraform && !files.every((file) => UNREAD.test(file))
}
