import { behindPrefixes, variablesOf } from "../command-prefixes.js"
import { pathFrom } from "../paths.js"
import { type ShellCommand, stepCommands } from "../shell-words.js"
import type { Env, Step } from "./found.js"
import { expanded } from "./values.js"

/** How a command calls Docker Compose. */
export interface ComposeCall {
  /** The files that it is told to read, in their order; empty for those that Compose finds. */
  readonly files: readonly string[]
  readonly envFiles: readonly string[]
  readonly profiles: readonly string[]
  /** The services that it is told to start; empty for all. */
  readonly services: readonly string[]
  /** The variables of its shell. */
  readonly env: Env
  readonly folder: string
}

/** Tells calls apart. */
export const keyOf = ({ files, envFiles, env, folder }: ComposeCall): string =>
  JSON.stringify([files, envFiles, env, folder])

/** Options of Compose, before its command, that have a value. @see https://docs.docker.com/reference/cli/docker/compose/ */
const OPTIONS: Readonly<Record<string, "file" | "env" | "profile" | "other">> = {
  "-f": "file",
  "--file": "file",
  "--env-file": "env",
  "--profile": "profile",
  "-p": "other",
  "--project-name": "other",
  "--project-directory": "other",
  "--ansi": "other",
  "--parallel": "other",
  "--progress": "other",
  "-H": "other",
  "--context": "other",
}

/** Options of `up` and `run` that have a value. */
const VALUED =
  /^(?:--scale|--timeout|-t|--wait-timeout|--exit-code-from|--attach|--pull|-e|-v|-p|-u|-w|--name)$/

type Lines = Pick<Step, "run" | "env" | "folder" | "leftOut">

/** Returns the calls of Docker Compose in steps that start services. */
export const composeCalls = (steps: readonly Lines[]): readonly ComposeCall[] =>
  steps
    .filter(({ leftOut, run }) => !leftOut && run.includes("compose"))
    .flatMap((step) => stepCommands(step.run).flatMap((words) => callOf(words, step) ?? []))

function callOf(all: ShellCommand, step: Lines): ComposeCall | null {
  const { command, assigned } = behindPrefixes(all)
  const { folder } = step
  const env = { ...step.env, ...variablesOf(assigned) }
  const [program = "", second = ""] = command
  const isPlugin = ["docker", "podman"].includes(program) && second === "compose"
  if (folder === null || !(isPlugin || /^(?:docker|podman)-compose$/.test(program))) return null
  const words = command.slice(isPlugin ? 2 : 1).map((word) => expanded(word, env) ?? "")
  const {
    given,
    rest: [verb = "", ...rest],
  } = optionsOf(words)
  if (!/^(?:up|run|start|create)$/.test(verb)) return null
  const named = rest.filter((word, i) => !word.startsWith("-") && !VALUED.test(rest[i - 1] ?? ""))
  const paths = given.file.length > 0 ? given.file : filesIn(env)
  const inFolder = (all: readonly string[]) => all.flatMap((path) => pathFrom(folder, path) ?? [])
  return {
    files: inFolder(paths),
    envFiles: inFolder(given.env.length > 0 ? given.env : listed(env.COMPOSE_ENV_FILES, ",")),
    profiles: [...given.profile, ...profilesIn(env)],
    services: (verb === "run" ? named.slice(0, 1) : named)
      .flatMap((word) => word.split(/\s+/))
      .filter(Boolean),
    env,
    folder,
  }
}

type Kind = (typeof OPTIONS)[string]

/** Divides the words behind Compose into what its options are given, and its command. */
function optionsOf(words: ShellCommand) {
  const given: Record<Kind, string[]> = { file: [], env: [], profile: [], other: [] }
  let at = 0
  while (words[at]?.startsWith("-")) {
    const [name = "", glued] = (words[at] ?? "").split(/=(.*)/s)
    const kind = OPTIONS[name]
    if (kind !== undefined) given[kind].push(glued ?? words[++at] ?? "")
    at++
  }
  return { given, rest: words.slice(at) }
}

/** The files that a variable names. @see https://docs.docker.com/compose/how-tos/environment-variables/envvars/ */
export const filesIn = (env: Env): readonly string[] =>
  listed(env.COMPOSE_FILE, env.COMPOSE_PATH_SEPARATOR ?? ":")

/** The profiles that a variable names. */
export const profilesIn = (env: Env): readonly string[] => listed(env.COMPOSE_PROFILES, ",")

const listed = (text: string | undefined, separator: string): readonly string[] =>
  (text ?? "").split(separator).filter((one) => one !== "")
