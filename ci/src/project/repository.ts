import type { Config } from "../config/config.js"
import type { Configured } from "../config/read.js"
import { escapeGlob } from "../formats/glob.js"
import { detect } from "./detect.js"
import { projectFolders } from "./folders.js"
import { baseName, joinPath } from "./paths.js"
import type { Project, Repository, Tree, Workspace } from "./project.js"
import { languagesUnchecked } from "./unchecked.js"

/**
 * Detects the projects of a repository: the one at its root, and those in folders that have dependencies of their own.
 *
 * @throws {Fault} `configuration` as {@link detect}.
 */
export async function detectRepository(tree: Tree, config: Config): Promise<Repository> {
  const root = await detect(tree, config)
  const { folders, unchecked } = projectFolders(tree, root)
  const custom = Object.keys(config.custom).length > 0
  const left = [...unchecked, ...(custom ? [] : languagesUnchecked(tree.files))]
  const [only, ...others] = folders
  if (only === undefined || (only === "" && others.length === 0))
    return { whole: root, projects: [root], unchecked: left }
  const found = await Promise.all(
    folders.map(async (folder) => (folder === "" ? root : detectBelow(tree, folder, config))),
  )
  const packages = found.flatMap(packagesOf).map(({ path }) => path)
  const all = await detect(tree, { ...config, workspaces: packages })
  const shared = folders.includes("") ? root.rootFiles : outside(tree.files, folders)
  const projects = found.map((project) => labelled(project, all, shared))
  return { whole: { ...all, config, parts: projects }, projects, unchecked: left }
}

/** Detects the projects of a repository whose configuration is read. @throws {Fault} as {@link detectRepository}. */
export const detectIn = ({ config, source, files }: Configured): Promise<Repository> =>
  detectRepository({ files, read: (path) => source.file(path).contents() }, config)

const packagesOf = ({ root, workspaces }: Project): readonly Workspace[] => [root, ...workspaces]

/** Detects the project in a folder, as if it were all there is, and puts it into its place. */
async function detectBelow(tree: Tree, folder: string, config: Config): Promise<Project> {
  const inside = `${folder}/`
  const files = tree.files.filter((file) => file.startsWith(inside)).map((file) => file.slice(inside.length))
  const below = { files, read: (path: string) => tree.read(inside + path) }
  const project = await detect(below, { ...config, project: baseName(folder), workspaces: null })
  return placed({ ...project, config }, folder)
}

/** Moves a project from the root to a folder: all of its paths begin there. */
function placed(project: Project, folder: string): Project {
  const at = (path: string) => joinPath(folder, path)
  const manager = project.packageManager
  const moved = (one: Workspace): Workspace => ({
    ...one,
    path: at(one.path),
    needs: one.needs.map(at),
    order: { ...one.order, references: one.order.references.map(at) },
    dockerfile: one.dockerfile === null ? null : at(one.dockerfile),
    context: at(one.context),
  })
  return {
    ...project,
    path: folder,
    packageManager: { ...manager, program: manager.program === null ? null : at(manager.program) },
    lockFile: project.lockFile === null ? null : at(project.lockFile),
    installs: project.installs.map((pattern) => joinPath(escapeGlob(folder), pattern)),
    root: moved(project.root),
    workspaces: project.workspaces.map(moved),
    files: project.files.map(at),
    rootFiles: project.rootFiles.map(at),
  }
}

/** Files that lie in no project's folder. */
const outside = (files: readonly string[], folders: readonly string[]): readonly string[] =>
  files.filter((file) => !folders.some((folder) => file.startsWith(`${folder}/`)))

/** Gives packages the names that they have in the whole repository, so that no two stages share one. */
function labelled(project: Project, whole: Project, shared: readonly string[]): Project {
  const names = new Map(packagesOf(whole).map(({ path, name }) => [path, name]))
  const named = (one: Workspace): Workspace => {
    const name = names.get(one.path) ?? one.name
    return { ...one, name, label: name }
  }
  const root = named(project.root)
  return {
    ...project,
    name: root.name,
    root,
    workspaces: project.workspaces.map(named),
    shared: project.path === "" ? [] : shared,
  }
}
