import { SETTINGS } from "./led-out.js"
import { hasManifest } from "./packages.js"
import { baseName, prefixOf } from "./paths.js"
import type { Project, Tree } from "./project.js"

/** A path that leads out of the folder. */
const OUT = /["'`](?:[a-z]+:)?\.\.\//

/** Returns the nearest project around another, if the other's settings lead out of its folder. */
async function outerOf(
  tree: Pick<Tree, "read">,
  project: Project,
  all: readonly Project[],
): Promise<Project | null> {
  const [nearest] = all
    .filter((one) => one !== project && hasManifest(one) && project.path.startsWith(prefixOf(one.path)))
    .sort((a, b) => b.path.length - a.path.length)
  if (nearest === undefined || !hasManifest(project)) return null
  const settings = project.rootFiles.filter((file) => SETTINGS.test(baseName(file)))
  const texts = await Promise.all(settings.map(tree.read))
  return texts.some((text) => OUT.test(text)) ? nearest : null
}

/** Gives each project its outer project, and those files of it that belong to no other project. */
export async function withOuter(
  tree: Pick<Tree, "read">,
  projects: readonly Project[],
): Promise<readonly Project[]> {
  const outers = await Promise.all(projects.map((project) => outerOf(tree, project, projects)))
  return projects.map((project, i) => {
    const outer = outers[i] ?? null
    if (outer === null) return project
    const others = projects.filter((one) => one !== outer && one.path.startsWith(prefixOf(outer.path)))
    const files = outer.files.filter((file) => !others.some(({ path }) => file.startsWith(prefixOf(path))))
    return { ...project, outer, shared: [...new Set([...project.shared, ...files])] }
  })
}
