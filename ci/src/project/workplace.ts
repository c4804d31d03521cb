import type { Container, Directory } from "@dagger.io/dagger"
import { quote } from "../run/command.js"
import { type Given, WORKDIR } from "../run/stage.js"
import { type Build, neededBuilds } from "./builds.js"
import { installStage } from "./install.js"
import { ownerOf } from "./packages.js"
import type { Project, Workspace } from "./project.js"

/** The stages that must have passed before a package's own tools can run: its {@link workplace} is made of them. */
export const workplaceNeeds = (project: Project, workspace: Workspace): readonly string[] => [
  installStage(ownerOf(project, workspace)),
  ...neededBuilds(project, workspace).map(({ stage }) => stage),
]

/**
 * Returns the project with its dependencies, the files of the stage and what the builds before it made, in the folder
 * of a package: where the package's scripts and tools run. The stage needs {@link workplaceNeeds}.
 */
export const workplace = (
  given: Given,
  workspace: Workspace,
  builds: readonly Build[] = neededBuilds(given.project, workspace),
): Container =>
  builds
    .reduce(
      (made, { stage }) => made.withDirectory(WORKDIR, madeBy(given, stage)),
      given.from(installStage(ownerOf(given.project, workspace))).withDirectory(WORKDIR, given.source),
    )
    .withWorkdir(`${WORKDIR}/${workspace.path}`)

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
export const scriptCommand = (_project: Project, script: string, args = ""): string =>
  `npm run --silent ${quote(script)}${args === "" ? "" : ` -- ${args}`}`

/**
 * Returns the shell command that runs a program of the project's dependencies, and downloads none.
 *
 * @param words the program's name and its arguments, as a shell's words.
 */
export const programCommand = (_project: Project, words: string): string => `npx --no-install ${words}`
