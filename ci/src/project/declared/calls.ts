import type { Project } from "../project.js"
import { joinedLines, shellCommands } from "../shell-words.js"

/** A command by which the team's CI, or a hook of pre-commit, starts a program. */
export interface ProgramCall {
  /** Its arguments; null if the shell there replaces a part of them, such as a variable. */
  readonly args: readonly string[] | null
  /** The arguments as they are written. */
  readonly text: string
  /** The file with the call. */
  readonly file: string
  /** True where the first run of a matrix does not have it. */
  readonly leftOut: boolean
}

/** Matches what stands before a program that is installed or printed, or before a task of the same name: `make mypy`. */
const NO_CALL =
  /\b(?:install|add|remove|upgrade|uninstall|echo|which|make|just|task|invoke|inv|poe|tox|nox|npm|pnpm|yarn)\b[^&;|\n]*$/

/** Matches arguments that mean the same in any shell. */
const PLAIN = /^[\w ./*=,:@+%\-[\]]+$/

/**
 * Returns the calls of a program in a folder, in the order of the jobs and their steps. Leaves out calls that cannot fail.
 *
 * @param name what its command line begins with: `ruff format`.
 * @param folder relative to the repository.
 */
export function callsOf(
  { declared }: Pick<Project, "declared">,
  name: string,
  folder: string,
): readonly ProgramCall[] {
  const call = new RegExp(
    `(?:^|[\\s;&|(/}"'])${name.replaceAll(" ", "\\s+")}(?=$|[\\s;&|)])(?<args>[^;&|)\\n]*)`,
    "gm",
  )
  return declared.jobs.flatMap(({ file, steps }) =>
    steps
      .filter((step) => step.folder === null || step.folder === folder)
      .map(({ run, leftOut = false }) => ({ run: joinedLines(run), leftOut }))
      .flatMap(({ run, leftOut }) =>
        [...run.matchAll(call)].flatMap((found) => {
          const { args = "" } = found.groups ?? {}
          if (
            // The character before the program tells whether it begins a line.
            NO_CALL.test(run.slice(0, found.index + 1)) ||
            /--exit-zero\b/.test(args) ||
            /\|\|\s*true\b/.test(run)
          )
            return []
          const words = shellCommands(args.replace(/\s#.*$/, ""))[0] ?? []
          return [{ args: words.every((word) => PLAIN.test(word)) ? words : null, text: args, file, leftOut }]
        }),
      ),
  )
}
