import type { Project } from "../project.js"
import { shellCommands } from "../shell-words.js"

/** A call of a program by the team's CI, or by a hook that it runs before commits. */
export interface ProgramCall {
  /** Its arguments; null where they hold what only the shell there knows. */
  readonly args: readonly string[] | null
  /** Those arguments as they are written. */
  readonly text: string
  /** The file that calls it. */
  readonly file: string
}

/** What installs a program, or only shows it, does not call it. */
const NO_CALL = /\b(?:install|add|remove|upgrade|uninstall|echo|which)\b[^&;|]*$/

/** Matches arguments that mean the same in any shell. */
const PLAIN = /^[\w ./*=,:@+%\-[\]]+$/

/**
 * Returns the calls of a program in a folder, the first of each file first; without those whose failure fails nothing.
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
    `(?:^|[\\s;&|(/}"'])${name.replaceAll(" ", "\\s+")}(?=$|[\\s;&|)])(?<args>[^;&|)]*)`,
    "g",
  )
  return declared.jobs.flatMap(({ file, steps }) =>
    steps
      .filter((step) => step.folder === null || step.folder === folder)
      .flatMap(({ run }) =>
        [...run.matchAll(call)].flatMap((found) => {
          const { args = "" } = found.groups ?? {}
          if (
            NO_CALL.test(run.slice(0, found.index)) ||
            /--exit-zero\b/.test(args) ||
            /\|\|\s*true\b/.test(run)
          )
            return []
          const words = shellCommands(args.replace(/\s#.*$/, ""))[0] ?? []
          return [{ args: words.every((word) => PLAIN.test(word)) ? words : null, text: args, file }]
        }),
      ),
  )
}
