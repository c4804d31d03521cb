import { joinPath } from "./paths.js"
import type { Project } from "./project.js"
import type { Python } from "./python-project.js"

/** A folder of a Python project in which tools may be set up: the project's, or a workspace member's. */
export interface PythonPlace {
  /** Relative to the repository. */
  readonly path: string
  /** What stands after the colon in the names of its stages. */
  readonly label: string
  /** Tools that are set up there, each with the file that does it. */
  readonly tools: Python["tools"]
}

/** Returns the places of a Python project, its own first. */
export function placesOf({ path, root: { label }, python }: Project): readonly PythonPlace[] {
  if (python === null) return []
  return [
    { path, label, tools: python.tools },
    ...python.members.map((one) => ({ path: joinPath(path, one.path), label: one.name, tools: one.tools })),
  ]
}
