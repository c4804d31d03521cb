import { settingsOf } from "../../config/stage-settings.js"
import { drivesByCypress, endToEndScripts, startsItsApp } from "../../project/end-to-end.js"
import { ownerOf, packagesOf, packagesWith } from "../../project/packages.js"
import { joinPath, prefixOf } from "../../project/paths.js"
import type { Project, Workspace } from "../../project/project.js"
import { programCommand, scriptCommand } from "../../project/workplace.js"

/** The package that makes a project a suite of end-to-end tests. */
export const PLAYWRIGHT = "@playwright/test"

/** A package's end-to-end tests. */
export interface Suite {
  readonly workspace: Workspace
  /** The command that runs them, with more arguments as a shell's words. */
  readonly command: (args: string) => string
  readonly because: string
  /** True where the command takes Playwright's options. */
  readonly playwright: boolean
}

/**
 * Returns the suites of all packages. Two kinds of packages have none: a root whose script only starts the workspaces'
 * own, and a package without a script that only provides Playwright to others. One of Cypress is left out unless
 * slipway.yaml names it.
 */
export function suitesOf(project: Project): readonly Suite[] {
  const parts = project.parts.length > 0 ? project.parts : [project]
  const named = settingsOf(project.config, "e2e").script
  const others = (workspace: Workspace) =>
    endToEndScripts(project, workspace).filter(
      (name) => !startsItsApp(workspace, name) && !drivesByCypress(workspace, name),
    )
  const scripted = parts.flatMap((part) => packagesWith(part, named, others))
  const bare = packagesOf(project).filter(
    ({ path, dependencies }) =>
      dependencies.includes(PLAYWRIGHT) &&
      !scripted.some(({ workspace }) => workspace.path === path) &&
      (scripted.length === 0 || project.files.some((file) => isConfiguration(file, path))),
  )
  return [
    ...scripted.map(({ workspace, script }) => scriptSuite(project, workspace, script)),
    ...bare.map((workspace) => bareSuite(project, workspace)),
  ]
}

/** A package's own configuration of Playwright. */
const isConfiguration = (file: string, folder: string): boolean =>
  file.startsWith(prefixOf(folder)) &&
  /^playwright(?:-\w+)?\.config\.[cm]?[jt]s$/.test(file.slice(prefixOf(folder).length))

function scriptSuite(project: Project, workspace: Workspace, script: string): Suite {
  const last = (workspace.scripts[script] ?? "").split(/&&|\|\||[;|]/).at(-1) ?? ""
  return {
    workspace,
    command: (args) => scriptCommand(ownerOf(project, workspace), workspace, script, args),
    because: `the script ${script} in ${joinPath(workspace.path, "package.json")}`,
    playwright: /\bplaywright test\b/.test(last),
  }
}

const bareSuite = (project: Project, workspace: Workspace): Suite => ({
  workspace,
  command: (args) => programCommand(ownerOf(project, workspace), `playwright test ${args}`),
  because: `${PLAYWRIGHT} in ${joinPath(workspace.path, "package.json")}`,
  playwright: true,
})
