import { SETTINGS } from "./led-out.js"
import { hasManifest, packagesOf } from "./packages.js"
import { baseName, isOrHolds, isThere, pathFrom, prefixOf } from "./paths.js"
import type { Project, Tree, Workspace } from "./project.js"

/** A path that leads out of the folder, and what stands before it in its line: `alias: "../dist/index.js"`, `link:..`. */
const OUT = /^.*?["'`](?:[a-z]+:)?(\.\.(?:\/[^"'`*{[]*)?)["'`*{[]/gm

/** Settings of what a tool writes itself, and packages. */
const WRITTEN = /out|dest|cover|report|cache|buildinfo|node_modules/i

/** A path that settings name, relative to the repository, and the file that does. */
interface Named {
  readonly path: string
  readonly by: string
  /** True where a tool may expect it to be there. */
  readonly isRead: boolean
}

/** What a project's settings name outside of its folder. */
async function namedBy(tree: Pick<Tree, "read">, { path, rootFiles }: Project): Promise<readonly Named[]> {
  const settings = rootFiles.filter((file) => SETTINGS.test(baseName(file)))
  const named = settings.map(async (by) =>
    [...(await tree.read(by)).matchAll(OUT)].flatMap(([line, out = ""]) => {
      const place = pathFrom(path, out)
      return place === null ? [] : [{ path: place, by, isRead: !WRITTEN.test(line) }]
    }),
  )
  return (await Promise.all(named)).flat()
}

/** The nearest project around another. */
function around(project: Project, all: readonly Project[]): Project | undefined {
  return all
    .filter((one) => one !== project && hasManifest(one) && project.path.startsWith(prefixOf(one.path)))
    .sort((a, b) => b.path.length - a.path.length)[0]
}

/** What tools add to a path whose extension is left out: they read TypeScript, styles and templates as well. */
const ENDINGS = /^(?:\.\w+)?$/

/** Returns the entry of a package that only its build makes, as a path of the repository; null where all are there. */
const entryOf = ({ path, order }: Workspace): string | null =>
  order.unmade === null ? null : pathFrom(path, order.unmade)

/** The packages of a project that must be built for what others name of it to be there, and why. */
function unmade(outer: Project, named: readonly Named[]): Readonly<Record<string, string>> {
  const packages = packagesOf(outer).toSorted((a, b) => b.path.length - a.path.length)
  return Object.fromEntries(
    named.flatMap(({ path, by, isRead }) => {
      const owner = packages.find((one) => one.path === "" || isOrHolds(one.path, path))
      if (owner === undefined || !isRead) return []
      const entry = owner.path === path ? entryOf(owner) : path
      if (entry === null || isThere(outer.files, entry, ENDINGS)) return []
      return [[owner.path, `${by} leads to ${entry}, which is not in the repository`]]
    }),
  )
}

/** Gives each project its outer project, and those files of it that belong to no other project. */
export async function withOuter(
  tree: Pick<Tree, "read">,
  projects: readonly Project[],
): Promise<readonly Project[]> {
  return Promise.all(
    projects.map(async (project) => {
      const outer = around(project, projects)
      if (outer === undefined || !hasManifest(project)) return project
      const named = await namedBy(tree, project)
      if (named.length === 0) return project
      const others = projects.filter((one) => one !== outer && one.path.startsWith(prefixOf(outer.path)))
      const files = outer.files.filter((file) => !others.some(({ path }) => file.startsWith(prefixOf(path))))
      return {
        ...project,
        outer,
        outerBuilds: unmade(outer, named),
        shared: [...new Set([...project.shared, ...files])],
      }
    }),
  )
}
