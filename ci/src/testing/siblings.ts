import type { Project, Workspace } from "../project/project.js"
import type { StageResult } from "../run/stage.js"
import { allSay } from "./lacking.js"

/** How programs say that a module is not there: Node.js, and what Vite makes of it. */
const NO_MODULE =
  /(?:Cannot find (?:module|package)|Failed to resolve (?:import|entry for package)) ["'][^"']+["']/

/** The name of the package that a module's name or path belongs to: `/app/node_modules/@a/b/index.js` is of `@a/b`. */
const PACKAGE = /["'](?:.*\/node_modules\/)?((?:@[\w.-]+\/)?[\w.-]+)(?:\/[^"']*)?["']$/

/**
 * Returns the result of a red suite that imports a package of the repository which its own package does not name: the stage
 * does not have that one's files. Other results are as they were.
 */
export function withoutSibling(result: StageResult, project: Project, workspace: Workspace): StageResult {
  const said = result.verdict === "failed" ? allSay(result, NO_MODULE) : null
  const name = PACKAGE.exec(said ?? "")?.[1]
  const sibling = project.workspaces.find(({ packageName }) => packageName === name)
  if (sibling === undefined || sibling.path === workspace.path || workspace.needs.includes(sibling.path))
    return result
  const manifest = [workspace.path, "package.json"].filter(Boolean).join("/")
  return {
    ...result,
    verdict: "errored",
    cause: "service",
    summary: `the tests import ${sibling.packageName}, which ${manifest} does not name: without that, they do not get the files of ${sibling.path}. Add it to its devDependencies`,
    tests: [],
  }
}
