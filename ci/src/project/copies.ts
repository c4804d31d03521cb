import { quote } from "../run/command.js"
import { WORKDIR } from "../run/stage.js"
import { madeFiles, type Part } from "./declared/made-files.js"
import { jobOf } from "./declared/scripts.js"
import { folderOf } from "./manifest.js"
import { baseName, isOrHolds, joinPath, prefixOf } from "./paths.js"
import type { Project, Workspace } from "./project.js"

/** Tells the commands of {@link copiesBefore} from generators; what is there already stays. */
export const isCopy = (command: string): boolean => /^(?:cp -n|\[ -e) /.test(command)

/**
 * Returns the commands that put files in place which git does not have, as the team's CI does: `cp src/config.ts.example
 * src/config.ts`. They are those of the job that runs a script; of all jobs, where none does, without env files and
 * files of text alone.
 */
export function copiesBefore(
  project: Project,
  workspace: Workspace,
  script: string | null,
): readonly string[] {
  const { files, declared } = project
  const runs = script === null ? null : jobOf(project, { workspace, kind: "unit", script })
  const made = madeFiles(runs?.job.steps ?? declared.jobs.flatMap((job) => job.steps), files)
  return Object.entries(made)
    .filter(([to, parts]) => runs !== null || (isOnlyCopied(parts) && !baseName(to).startsWith(".env")))
    .filter(([to]) => isBeside(files, to, workspace))
    .map(([to, parts]) => commandOf(absolute(to), parts))
}

const absolute = (path: string): string => quote(joinPath(WORKDIR, path))

const isOnlyCopied = (parts: readonly Part[]): boolean =>
  parts.length > 0 && parts.every((part) => "copy" in part)

/** Tells whether a path is that of no file, and lies beside files of a package. */
function isBeside(files: Project["files"], to: string, { path }: Workspace): boolean {
  const beside = prefixOf(folderOf(to))
  return (
    to.startsWith(prefixOf(path)) &&
    files.some((file) => file.startsWith(beside)) &&
    !files.some((file) => isOrHolds(to, file))
  )
}

function commandOf(to: string, parts: readonly Part[]): string {
  const [only] = parts
  if (parts.length === 1 && only !== undefined && "copy" in only) return `cp -n ${absolute(only.copy)} ${to}`
  const prints = parts.map((part) =>
    "copy" in part ? `cat ${absolute(part.copy)}` : `printf %s ${quote(part.text)}`,
  )
  return `[ -e ${to} ] || { ${["true", ...prints].join("; ")}; } >${to}`
}
