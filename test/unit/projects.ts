import type { Config } from "../../ci/src/config/config.js"
import { detect } from "../../ci/src/project/detect.js"
import type { Project, Workspace } from "../../ci/src/project/project.js"
import { defaultConfig } from "../../ci/src/settings.js"

/** The project that a folder of these files is. Objects are files that hold JSON. */
export function projectOf(
  files: Readonly<Record<string, string | object>>,
  config: Config = defaultConfig(),
): Promise<Project> {
  const read = (path: string) => {
    const content = files[path] ?? ""
    return Promise.resolve(typeof content === "string" ? content : JSON.stringify(content))
  }
  return detect({ files: Object.keys(files).sort(), read }, config)
}

/** The workspace of a folder; the root's for "". */
export function workspaceOf(project: Project, path: string): Workspace {
  const found = [project.root, ...project.workspaces].find((workspace) => workspace.path === path)
  if (found === undefined) throw new Error(`there is no workspace ${path}`)
  return found
}
