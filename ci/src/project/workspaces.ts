import { rememberedOf } from "../formats/remembered.js"
import { buildOrders } from "./build-order.js"
import { placesOut } from "./led-out.js"
import type { Part } from "./manifest.js"
import { baseName, freeNames } from "./paths.js"
import type { BuildOrder, Tree, Workspace } from "./project.js"

/** A package whose place in the order of builds is known. */
interface Ordered extends Part {
  readonly order: BuildOrder
  /** The places outside it that its own settings name. */
  readonly out: readonly string[]
}

/** Completes packages: their names, what they need and read, and what is built before them. @param name the project's. */
export async function workspacesOf(
  tree: Tree,
  name: string,
  root: Part,
  packages: readonly Part[],
): Promise<{ readonly root: Workspace; readonly workspaces: readonly Workspace[] }> {
  const folders = packages.map(({ path }) => path)
  const names = uniqueNames(name, folders)
  const orderOf = await buildOrders(tree, ["", ...folders])
  const outOf = placesOut(tree, folders)
  const ordered = async (part: Part): Promise<Ordered> => {
    const [order, out] = await Promise.all([orderOf(part), part.path === "" ? [] : outOf(part.path)])
    return { ...part, order, out }
  }
  const parts = await Promise.all(packages.map(ordered))
  const complete = (part: Ordered) => workspace(part, names.get(part.path) ?? name, parts)
  return { root: complete(await ordered(root)), workspaces: parts.map(complete) }
}

/** Names workspaces by folder: the folder's name if it is unique, else its path with dashes. */
function uniqueNames(rootName: string, folders: readonly string[]): ReadonlyMap<string, string> {
  const short = [rootName, ...folders.map(baseName)]
  const free = freeNames(new Set([rootName]))
  return new Map(
    folders.map((path) => {
      const alone = short.filter((name) => name === baseName(path)).length === 1
      return [path, free(alone ? baseName(path) : path.replaceAll("/", "-"))]
    }),
  )
}

function workspace(part: Ordered, name: string, packages: readonly Ordered[]): Workspace {
  const { path, manifest, order } = part
  const needs = needsOf(part, packages)
  return {
    name,
    label: path === "" ? "" : name,
    packageName: manifest.name || baseName(path) || name,
    path,
    scripts: manifest.scripts,
    dependencies: manifest.dependencies,
    brings: manifest.brings,
    needs,
    reads: readsOf(part, needs, packages),
    order,
  }
}

/** Returns the places that the settings of a package name, and those of the packages that it needs or that they lead to. */
function readsOf(part: Ordered, needs: readonly string[], packages: readonly Ordered[]): readonly string[] {
  const seen = new Set([part.path, ...needs])
  const queue = [part, ...packages.filter(({ path }) => needs.includes(path))]
  const reads: string[] = []
  for (const { out } of queue)
    for (const place of out) {
      if (seen.has(place)) continue
      seen.add(place)
      reads.push(place)
      queue.push(...packages.filter(({ path }) => path === place))
    }
  return reads.sort()
}

/** Packages by their names and by their folders. */
const known = rememberedOf((packages: readonly Ordered[]) => ({
  byName: new Map(packages.map((one) => [one.manifest.name || baseName(one.path), one])),
  byPath: new Map(packages.map((one) => [one.path, one])),
}))

/** Returns the folders of the workspaces that a package needs, directly or through others. */
function needsOf(part: Ordered, packages: readonly Ordered[]): readonly string[] {
  const { byName, byPath } = known(packages)
  const needed = new Set<Ordered>()
  const visit = ({ manifest, order }: Ordered) => {
    const direct = [
      ...manifest.dependencies.map((name) => byName.get(name)),
      ...order.references.map((path) => byPath.get(path)),
    ]
    for (const next of direct) {
      if (next === undefined || needed.has(next)) continue
      needed.add(next)
      visit(next)
    }
  }
  visit(part)
  needed.delete(part)
  return [...needed].map(({ path }) => path).sort()
}
