import { behindPrefixes } from "../command-prefixes.js"
import { pathFrom } from "../paths.js"
import { ASSIGNMENT, stepCommands } from "../shell-words.js"
import type { Env, Step } from "./found.js"

/** A value without anything that a shell would replace; random digits are always the same ones here. */
export function plain(value: string): string | null {
  const bytes = RANDOM.exec(value)?.[1]
  if (bytes !== undefined) return "5a".repeat(Math.min(Number(bytes), 64))
  return /[$`]/.test(value) ? null : value
}

/** Random digits, as `openssl rand -hex 32` prints them. */
const RANDOM = /^\$\(openssl rand -hex (\d+)\)$/

/** `cd api && npm test`, `(cd api; npm test)`. */
const CHANGE = /^\s*(?<apart>\(\s*)?(?:cd|pushd)\s+(?<quote>["']?)(?<to>[^\s"'&;|)$]+)\k<quote>\s*(?:$|&&|;)/
const EXPORT = /^\s*export\s+([A-Za-z_]\w*)=(["']?)(.*?)\2\s*$/

/** The state of a shell between two lines. */
export interface Shell {
  readonly env: Env
  /** Its folder, relative to the repository; null where nobody can tell. */
  readonly folder: string | null
}

/** Returns the variables that a line sets for its own commands: `NODE_ENV=test npm test`. */
function assignedIn(run: string): Env {
  const words = stepCommands(run).flatMap((words) => {
    const { command, assigned } = behindPrefixes(words)
    return command[0] === "export" ? [...assigned, ...command.slice(1)] : assigned
  })
  return Object.fromEntries(
    words.flatMap((word) => {
      const [, name = "", value = ""] = ASSIGNMENT.exec(word) ?? []
      const text = plain(value)
      return name === "" || text === null ? [] : [[name, text]]
    }),
  )
}

const COMMENT = /^\s*#/

/** Reads the lines that a shell runs one after another: each with the folder and the variables that it has. */
export function shellSteps(text: string, start: Shell): readonly Step[] {
  const steps: Step[] = []
  let shell = start
  for (const run of text.split(/(?<!\\)\r?\n/)) {
    if (COMMENT.test(run)) continue
    const { apart, to } = CHANGE.exec(run)?.groups ?? {}
    const folder = to === undefined || shell.folder === null ? shell.folder : pathFrom(shell.folder, to)
    steps.push({ run, env: { ...shell.env, ...assignedIn(run) }, folder })
    const [, name = "", , value = ""] = EXPORT.exec(run) ?? []
    const exported = name === "" ? null : plain(value)
    shell = {
      folder: apart === undefined ? folder : shell.folder,
      env: exported === null ? shell.env : { ...shell.env, [name]: exported },
    }
  }
  return steps
}
