import { quote } from "../run/command.js"
import { WORKDIR } from "../run/stage.js"
import type { Step } from "./declared/found.js"
import { jobOf } from "./declared/scripts.js"
import { folderOf } from "./manifest.js"
import { baseName, isOrHolds, joinPath, pathFrom, prefixOf } from "./paths.js"
import type { Project, Workspace } from "./project.js"
import { type ShellCommand, shellCommands } from "./shell-words.js"

/** How the commands of {@link copiesBefore} begin: what is there already stays. */
export const COPY = "cp -n "

/**
 * Returns the commands by which the team's CI puts files in place that git does not have: `cp src/config.ts.example
 * src/config.ts`. They are those of the job that runs a script; of all jobs, where none does, without env files.
 */
export function copiesBefore(
  project: Project,
  workspace: Workspace,
  script: string | null,
): readonly string[] {
  const runs = script === null ? null : jobOf(project, { workspace, kind: "unit", script })
  const steps = runs?.job.steps ?? project.declared.jobs.flatMap((job) => job.steps)
  const found = steps.flatMap((step) => copiesIn(step, project, workspace))
  const some = runs === null ? found.filter(({ to }) => !baseName(to).startsWith(".env")) : found
  return [...new Set(some.map(({ from, to }) => COPY + [from, to].map(absolute).join(" ")))]
}

const absolute = (path: string): string => quote(joinPath(WORKDIR, path))

/** A file of the repository, and where a copy of it is wanted. */
interface Copy {
  readonly from: string
  readonly to: string
}

/** The copies of a step that end beside other files of a package. */
function copiesIn({ run, folder, leftOut }: Step, { files }: Project, { path }: Workspace): readonly Copy[] {
  if (leftOut || folder === null) return []
  return shellCommands(run).flatMap((command) => {
    const [from = "", to = "", ...more] = pathsOfCopy(command).map((word) => pathFrom(folder, word) ?? "")
    const known = more.length === 0 && files.includes(from) && to !== ""
    if (!known || files.some((file) => isOrHolds(to, file))) return []
    const beside = prefixOf(folderOf(to))
    return to.startsWith(prefixOf(path)) && files.some((file) => file.startsWith(beside))
      ? [{ from, to }]
      : []
  })
}

/** The paths of a command that gives a file another name or writes it elsewhere: from, to. None for other commands. */
export function pathsOfCopy([program = "", ...words]: ShellCommand): readonly string[] {
  if (program === "cat")
    return words.length === 3 && words[1] === ">" ? words.filter((word) => word !== ">") : []
  return ["cp", "mv", "ln"].includes(program) ? words.filter((word) => !word.startsWith("-")) : []
}
