import { quote } from "../../run/command.js"
import { commandBehind } from "../command-prefixes.js"
import { PYTHON_MINORS } from "../config.js"
import { baseName, joinPath, pathFrom, textIn } from "../paths.js"
import type { Tree } from "../project.js"
import { ASSIGNMENT, type ShellCommand, stepCommands } from "../shell-words.js"
import type { Env, Step } from "./found.js"
import { plain } from "./steps.js"
import { environmentSteps } from "./tool-environments.js"
import { namesIn, TOX_FILES, type Tox, type ToxEnvironment } from "./tox-file.js"
import { readEnvFile } from "./values.js"

/** Adds what tox installs and runs after the steps that call it, with the variables of those steps and its own. */
export async function withTox(tree: Tree, steps: readonly Step[]): Promise<readonly Step[]> {
  const found = await Promise.all(
    steps.map(async (step) => {
      const calls = step.folder === null ? [] : callsIn(step)
      const tox = calls.length === 0 ? null : await toxIn(tree, step.folder ?? "")
      if (tox === null) return [step]
      return [step, ...(await Promise.all(calls.map((call) => stepsOf(tree, tox, call, step)))).flat()]
    }),
  )
  return found.flat()
}

/** Reads tox's settings in a folder; null if it has none. */
async function toxIn({ files, read }: Tree, folder: string): Promise<Tox | null> {
  for (const [name, readTox] of Object.entries(TOX_FILES)) {
    const file = joinPath(folder, name)
    const tox = files.includes(file) ? readTox(await read(file)) : null
    if (tox !== null) return tox
  }
  return null
}

/** A call of tox. */
interface ToxCall {
  /** The environments that it names; empty where it names none. */
  readonly names: readonly string[]
  /** What it hands to the commands. */
  readonly rest: readonly string[]
}

function callsIn({ run, env }: Step): readonly ToxCall[] {
  if (!/\btox\b/.test(run)) return []
  const ofVariable = namesIn(env.TOX_ENV ?? env.TOXENV ?? "")
  return stepCommands(run)
    .flatMap(callOf)
    .map((call) => (call.names.length === 0 ? { ...call, names: ofVariable } : call))
}

function callOf(command: ShellCommand): readonly ToxCall[] {
  const [program, ...args] = commandBehind(command)
  if (program === undefined || baseName(program) !== "tox") return []
  const end = args.includes("--") ? args.indexOf("--") : args.length
  const own = args.slice(0, end)
  const names = own.flatMap((word, i) => {
    const before = own[i - 1] ?? ""
    if (before === "-e" || before === "--env") return namesIn(word)
    return namesIn(/^(?:-e=?|--env=)(.+)$/.exec(word)?.[1] ?? "")
  })
  return [{ names, rest: args.slice(end + 1) }]
}

async function stepsOf(tree: Tree, tox: Tox, { names, rest }: ToxCall, step: Step): Promise<readonly Step[]> {
  // A name that only the vendor knows may be any of them.
  const isOpen = names.length === 0 || names.some((name) => name.includes("$"))
  const named = isOpen ? newestFirst(tox.usual.filter((name) => isChosen(tox, name, step.env))) : names
  const found = named.flatMap((name) => {
    const environment = tox.environment(name)
    return environment === null ? [] : [{ name, environment }]
  })
  const known = found.map(async ({ name, environment }) => ({
    ...environment,
    deps: environment.deps.map((line) => substituted(line, name, rest)),
    commands: runsOf(environment, name, rest),
    env: await variablesOf(tree, environment, name, step),
    folder: joinPath(step.folder ?? "", environment.folder),
  }))
  const env = Object.fromEntries(Object.entries(step.env).filter(([key]) => !(key in tox.chosenBy)))
  return environmentSteps({ ...step, env }, await Promise.all(known))
}

/** Environments of the newest Python that an image has come first: on one that is not named, tests run there. */
const newestFirst = (names: readonly string[]): readonly string[] =>
  names.toSorted((one, other) => minorOf(other) - minorOf(one))

/** The place of an environment's Python among those that images have: `py312-django`, `3.12`; -1 for another. */
function minorOf(name: string): number {
  const [, minor = ""] = /(?:^|-)(?:py|python)?3\.?(\d+)(?=-|$)/.exec(name) ?? []
  return PYTHON_MINORS.findIndex((one) => one === `3.${minor}`)
}

/** Tells whether an environment has the factors that variables choose. */
const isChosen = ({ chosenBy }: Tox, name: string, env: Env): boolean =>
  Object.entries(chosenBy).every(([key, values]) => {
    const factors = values[env[key] ?? ""]
    return factors?.some((one) => one.split("-").every((part) => name.split("-").includes(part))) ?? true
  })

/** The variables that an environment sets, also by an env file; without those whose value only tox knows. */
async function variablesOf(tree: Tree, environment: ToxEnvironment, name: string, { env, folder }: Step) {
  const found: Record<string, string> = {}
  for (const line of environment.env) {
    const [, file = ""] = /^file\|(.+)$/.exec(line) ?? []
    const [, key = "", value = ""] = ASSIGNMENT.exec(line) ?? []
    const path = pathFrom(folder ?? "", substituted(file, name, []))
    if (file !== "" && path !== null) Object.assign(found, readEnvFile(await textIn(tree, path)))
    if (key === "") continue
    const root = environment.folder === "" ? "." : "$unknown"
    const known = value
      .replace(/\{(?:toxinidir|tox_root)\}/g, root)
      .replace(/\{env:(\w+)(?::([^{}]*))?\}/g, (_, of, usual = "") => found[of] ?? env[of] ?? usual)
    const text = plain(substituted(known, name, []))
    if (text !== null) found[key] = text
  }
  return found
}

const runsOf = ({ commands }: ToxEnvironment, name: string, rest: readonly string[]): readonly string[] =>
  commands.map((line) => {
    const run = substituted(line.replace(/^-\s*/, ""), name, rest)
    // A dash says that it may fail.
    return line.startsWith("-") ? `${run} || true` : run
  })

/** Puts in what tox replaces; what only tox knows is as unknown as a variable. */
const substituted = (line: string, name: string, rest: readonly string[]): string =>
  line
    .replace(/\{posargs(?::((?:[^{}]|\{[^{}]*\})*))?\}/g, (_, usual = "") =>
      rest.length > 0 ? rest.map(quote).join(" ") : usual,
    )
    .replace(/\{(?:toxinidir|tox_root)\}\/?/g, "")
    .replace(/\{(?:envname|env_name)\}/g, name)
    .replace(/\{env:\w+:([^{}]*)\}/g, "$1")
    .replace(/\{[^{}]*\}/g, "$unknown")
    .replace(/ {2,}/g, " ")
    .trim()
