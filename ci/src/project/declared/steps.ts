import { behindPrefixes } from "../command-prefixes.js"
import { pathFrom } from "../paths.js"
import { ASSIGNMENT, stepCommands } from "../shell-words.js"
import type { Env, Step } from "./found.js"
import { mapValues } from "./values.js"

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
  /** The variables that it has with a value which nobody can tell. */
  readonly unknown?: readonly string[]
}

const TAKES_SETTINGS = /(?:^|\/)(?:manage(?:\.py)?|django|django-admin|py\.?test)$/
const SETTINGS = /\s--(?:settings|ds)[= ](?<name>\w[\w.]*)/

/** The settings of Django that an option names, as a variable does otherwise; null without one. */
const djangoSettings = (command: readonly string[]): string | null =>
  command.some((word) => TAKES_SETTINGS.test(word))
    ? (SETTINGS.exec(command.join(" "))?.groups?.name ?? null)
    : null

/** Returns the variables that a line sets for its own commands, `NODE_ENV=test npm test`; null for a value that nobody can tell. */
function assignedIn(run: string): Readonly<Record<string, string | null>> {
  const words = stepCommands(run).flatMap((words) => {
    const { command, assigned } = behindPrefixes(words)
    const settings = djangoSettings(command)
    return [
      ...assigned,
      ...(command[0] === "export" ? command.slice(1) : []),
      ...(settings === null ? [] : [`DJANGO_SETTINGS_MODULE=${settings}`]),
    ]
  })
  return Object.fromEntries(
    words.flatMap((word) => {
      const [, name = "", value = ""] = ASSIGNMENT.exec(word) ?? []
      return name === "" ? [] : [[name, plain(value)]]
    }),
  )
}

/** What a shell has after some variables were set. */
function withAssigned(shell: Shell, assigned: ReturnType<typeof assignedIn>): Pick<Step, "env" | "unknown"> {
  const names = Object.keys(assigned)
  const lost = names.filter((name) => assigned[name] === null)
  const unknown = [...(shell.unknown ?? []).filter((name) => !names.includes(name)), ...lost]
  const env = { ...shell.env, ...mapValues(assigned, (value) => value) }
  return { env, ...(unknown.length > 0 ? { unknown } : {}) }
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
    steps.push({ run, ...withAssigned(shell, assignedIn(run)), folder })
    const [, name = "", , value = ""] = EXPORT.exec(run) ?? []
    shell = {
      folder: apart === undefined ? folder : shell.folder,
      ...withAssigned(shell, name === "" ? {} : { [name]: plain(value) }),
    }
  }
  return steps
}
