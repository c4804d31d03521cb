import type { Config } from "../../ci/src/config/config.js"
import type { Project, Repository, Tree, Workspace } from "../../ci/src/project/project.js"
import { detectRepository } from "../../ci/src/project/repository.js"
import { defaultConfig } from "../../ci/src/settings.js"

/** Files by path. Objects are files that hold JSON. */
export type Files = Readonly<Record<string, string | object>>

/** The files as a tree. */
export function treeOf(files: Files): Tree {
  const read = (path: string) => {
    const content = files[path] ?? ""
    return Promise.resolve(typeof content === "string" ? content : JSON.stringify(content))
  }
  return { files: Object.keys(files).sort(), read }
}

/** The project that a folder of these files is. */
export const projectOf = (files: Files, config: Config = defaultConfig()): Promise<Project> =>
  detectRepository(treeOf(files), config).then(({ whole }) => whole)

/** The repository that a folder of these files is. */
export const repositoryOf = (files: Files, config: Config = defaultConfig()): Promise<Repository> =>
  detectRepository(treeOf(files), config)

/** The workspace of a folder; the root's for "". */
export function workspaceOf(project: Project, path: string): Workspace {
  const found = [project.root, ...project.workspaces].find((workspace) => workspace.path === path)
  if (found === undefined) throw new Error(`there is no workspace ${path}`)
  return found
}
