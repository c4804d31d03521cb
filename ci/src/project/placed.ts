import type { Config } from "../config/config.js"
import { escapeGlob } from "../formats/glob.js"
import { Fault, type FaultText } from "../run/fault.js"
import type { Declared } from "./declared/found.js"
import { detect } from "./detect.js"
import { baseName, below, joinPath } from "./paths.js"
import type { Project, Tree, Workspace } from "./project.js"

/** Detects the project in a folder, as if it were all there is, and puts it into its place. */
export async function detectBelow(
  tree: Tree,
  folder: string,
  config: Config,
  declared: Declared,
  wanted: (file: string) => boolean = () => true,
): Promise<Project> {
  const { files, read } = below(tree, folder)
  const own = files.filter(wanted)
  const name = folder === "" ? config.project : baseName(folder)
  const settings = { ...config, project: name, workspaces: null }
  const above = folder === "" ? null : tree
  const detected = (seen: readonly string[]) => detect({ files: seen, read }, settings, above, declared)
  const { found, fault } = await orFault(() => detected(own))
  if (found !== null) return placed({ ...found, config }, folder)
  return placed({ ...(await detected([])), language: "node", files: own, fault, config }, folder)
}

/** Moves a project from the root to a folder: all of its paths begin there. */
function placed(project: Project, folder: string): Project {
  const at = (path: string) => joinPath(folder, path)
  const manager = project.packageManager
  const moved = (one: Workspace): Workspace => ({
    ...one,
    path: at(one.path),
    needs: one.needs.map(at),
    reads: one.reads.map(at),
    order: { ...one.order, references: one.order.references.map(at) },
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
    fault: project.fault && placedFault(project.fault, folder, project.files),
  }
}

/** Returns what is detected, or the fault of a file that cannot be used: it is that of one project among several. */
export async function orFault<T>(
  detected: () => Promise<T>,
): Promise<{ readonly found: T | null; readonly fault: FaultText | null }> {
  try {
    return { found: await detected(), fault: null }
  } catch (error) {
    if (error instanceof Fault && error.code === "configuration") return { found: null, fault: error }
    throw error
  }
}

/** Moves a fault to a project's folder, if it is in a file of the folder. */
export function placedFault(
  { what, where, fix }: FaultText,
  folder: string,
  files: readonly string[],
): FaultText {
  const inside = where !== null && files.includes(where.replace(/:[\d:]+$/, ""))
  return { what, where: inside ? joinPath(folder, where) : where, fix }
}
