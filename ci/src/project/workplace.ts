import type { Container, Directory } from "@dagger.io/dagger"
import { escapeGlob } from "../formats/glob.js"
import { type Given, WORKDIR, withVariables } from "../run/stage.js"
import { type Build, neededBuilds } from "./builds.js"
import { installStage } from "./install.js"
import { neededPreparations, type Preparation, preparationsBefore } from "./lifecycle.js"
import { withProgramsOf } from "./manager-programs.js"
import { MANAGERS, manualOf, runProgram, runScript } from "./managers.js"
import { ownerOf } from "./packages.js"
import { joinPath } from "./paths.js"
import type { Project, Workspace } from "./project.js"

/** The stages that install what a project's tools find. */
const installs = (project: Project): readonly string[] =>
  [project, ...(project.outer ? [project.outer] : [])].map(installStage)

/** The stages that must have passed before a package's own tools can run: its {@link workplace} is made of them. */
export const workplaceNeeds = (
  project: Project,
  workspace: Workspace,
  builds: readonly Build[] = neededBuilds(project, workspace),
): readonly string[] => [
  ...installs(ownerOf(project, workspace)),
  ...[...neededPreparations(ownerOf(project, workspace), workspace), ...builds].map(({ stage }) => stage),
]

/**
 * Returns the project with its dependencies, the files of the stage and what preparations and builds before it made, in
 * the folder of a package: where the package's scripts and tools run. The stage needs {@link workplaceNeeds}.
 */
export const workplace = (
  given: Given,
  workspace: Workspace,
  builds: readonly Build[] = neededBuilds(given.project, workspace),
): Container =>
  preparedPlace(given, workspace, [
    ...neededPreparations(ownerOf(given.project, workspace), workspace),
    ...builds,
  ])

/** The stages before a preparation. */
export const prepareNeeds = (project: Project, one: Preparation): readonly string[] => [
  ...installs(project),
  ...preparationsBefore(project, one).map(({ stage }) => stage),
]

/** Returns the project with its dependencies, the files of the stage and what some stages made, in the folder of a package. */
export function preparedPlace(
  given: Given,
  workspace: Workspace,
  makers: readonly { readonly stage: string }[],
): Container {
  const project = ownerOf(given.project, workspace)
  // What an install made is newer than a copy of it that somebody committed.
  const exclude = manualOf(project.packageManager).state.map((file) =>
    joinPath(escapeGlob(project.path), file),
  )
  return makers
    .reduce(
      (made, { stage }) => made.withDirectory(WORKDIR, madeBy(given, stage)),
      installed(given, project).withDirectory(WORKDIR, given.source, { exclude }),
    )
    .withWorkdir(`${WORKDIR}/${workspace.path}`)
}

/** A project's folder with its dependencies. Node.js looks for packages in the folders around it as well. */
function installed(given: Given, project: Project): Container {
  const own = given.from(installStage(project))
  if (project.outer === null) return own
  const folder = `${WORKDIR}/${project.outer.path}`
  return own.withDirectory(folder, given.from(installStage(project.outer)).directory(folder))
}

/** Gives the package managers of a package's project to the container of another image, to run scripts there. */
export function withManagers(given: Given, workspace: Workspace, container: Container): Container {
  const project = ownerOf(given.project, workspace)
  return withProgramsOf(
    project.packageManager,
    withVariables(container, given.variables),
    given.from(installStage(project)).directory(MANAGERS),
  )
}

/** Returns what a command made in the project: the difference between two containers. */
export const madeBetween = (before: Container, after: Container): Directory =>
  before.directory(WORKDIR).diff(after.directory(WORKDIR))

function madeBy(given: Given, stage: string): Directory {
  const made = given.results(stage).get(stage)?.made
  if (made === undefined) throw new Error(`${stage} made nothing that others could use`)
  return made
}

/**
 * Returns the shell command that runs a script of package.json, as the project's package manager runs it.
 *
 * @param args more arguments for the script's command, as a shell's words.
 */
export function scriptCommand(
  { packageManager, root, tasks }: Project,
  { path }: Pick<Workspace, "path">,
  script: string,
  args = "",
): string {
  const task = path === root.path ? tasks[script] : undefined
  if (task === undefined) return runScript(packageManager, script, args)
  return runProgram(packageManager, args === "" ? task : `${task} ${args}`)
}

/**
 * Returns the shell command that runs a program of the project's dependencies, and downloads none.
 *
 * @param words the program's name and its arguments, as a shell's words.
 */
export const programCommand = ({ packageManager }: Project, words: string): string =>
  runProgram(packageManager, words)
