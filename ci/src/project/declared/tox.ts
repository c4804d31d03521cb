import { quote } from "../../run/command.js"
import { commandBehind } from "../command-prefixes.js"
import { PYTHON_MINORS } from "../config.js"
import { folderOf } from "../manifest.js"
import { baseName, joinPath, pathFrom, textIn } from "../paths.js"
import type { Tree } from "../project.js"
import { ASSIGNMENT, type ShellCommand, stepCommands } from "../shell-words.js"
import type { Env, Step } from "./found.js"
import { plain } from "./steps.js"
import { environmentSteps } from "./tool-environments.js"
import { namesIn, TOX_FILES } from "./tox-file.js"
import type { Tox, ToxEnvironment } from "./tox-model.js"
import { readEnvFile } from "./values.js"

/** Adds what tox installs and runs after the steps that call it, with the variables of those steps and its own. */
export async function withTox(tree: Tree, steps: readonly Step[]): Promise<readonly Step[]> {
  return (await Promise.all(steps.map(async (step) => [step, ...(await calledBy(tree, step))]))).flat()
}

async function calledBy(tree: Tree, step: Step): Promise<readonly Step[]> {
  const { folder } = step
  if (folder === null) return []
  const found = callsIn(step).map(async (call) => {
    const file = call.file === null ? null : pathFrom(folder, call.file)
    // A call may name a file, or the folder of one.
    const isFile = file !== null && tree.files.includes(file)
    const named = isFile ? folderOf(file) : file
    const at = named ?? folder
    const tox = await toxIn(tree, at, isFile ? baseName(file) : null)
    return tox === null ? [] : stepsOf(tree, tox, call, { ...step, folder: at })
  })
  return (await Promise.all(found)).flat()
}

/** Reads tox's settings in a folder, or those of a file there; null if it has none. */
async function toxIn({ files, read }: Tree, folder: string, named: string | null): Promise<Tox | null> {
  const known = Object.entries(TOX_FILES).filter(([name]) => named === null || name === named)
  const form = named?.endsWith(".toml") ? "tox.toml" : "tox.ini"
  const readers = known.length > 0 || named === null ? known : ([[named, TOX_FILES[form]]] as const)
  for (const [name, readTox] of readers) {
    const file = joinPath(folder, name)
    const tox = files.includes(file) ? (readTox?.(await read(file)) ?? null) : null
    if (tox !== null) return tox
  }
  return null
}

/** What a call of tox says that it runs. */
interface Chosen {
  /** The environments that it names; empty where it names none. */
  readonly names: readonly string[]
  readonly labels: readonly string[]
  /** Factors that all of its environments have. */
  readonly factors: readonly string[]
}

/** A call of tox. */
interface ToxCall extends Chosen {
  /** The file or the folder that it names. */
  readonly file: string | null
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

/** Options with a value, by what they say. */
const OPTIONS: Readonly<Record<string, "names" | "labels" | "factors" | "file">> = {
  "-e": "names",
  "--env": "names",
  "-m": "labels",
  "-f": "factors",
  "-c": "file",
  "--conf": "file",
}

function callOf(command: ShellCommand): readonly ToxCall[] {
  const [program, ...args] = commandBehind(command)
  if (program === undefined || baseName(program) !== "tox") return []
  const end = args.includes("--") ? args.indexOf("--") : args.length
  const own = args.slice(0, end)
  const valuesOf = (kind: string) =>
    own.flatMap((word, i) => {
      const [, option = "", value = ""] = /^(-[a-z](?=.)|--[a-z]+(?==))=?(.*)$/.exec(word) ?? []
      if (OPTIONS[own[i - 1] ?? ""] === kind) return [word]
      return OPTIONS[option] === kind ? [value] : []
    })
  const named = (kind: string) => valuesOf(kind).flatMap(namesIn)
  return [
    {
      ...{ names: named("names"), labels: named("labels"), factors: named("factors") },
      ...{ file: valuesOf("file")[0] ?? null, rest: args.slice(end + 1) },
    },
  ]
}

/** The environments that a call runs. A name that only the vendor knows may be any of them. */
function namesOf(tox: Tox, { names, labels, factors }: Chosen, env: Env): readonly string[] {
  if (labels.length > 0) return labels.flatMap(tox.labelled)
  const isOpen = names.length === 0 || names.some((name) => name.includes("$"))
  const found = isOpen ? newestFirst(tox.usual.filter((name) => isChosen(tox, name, env))) : names
  return found.filter((name) => factors.every((one) => name.split("-").includes(one)))
}

async function stepsOf(tree: Tree, tox: Tox, call: ToxCall, step: Step): Promise<readonly Step[]> {
  const { rest } = call
  const found = namesOf(tox, call, step.env).flatMap((name) => {
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
  const minors: readonly string[] = PYTHON_MINORS
  return minors.indexOf(`3.${minor}`)
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
    .replace(/\{\/\}/g, "/")
    .replace(/\{(?:toxinidir|tox_root)\}\/?/g, "")
    .replace(/\{(?:envname|env_name)\}/g, name)
    .replace(/\{(?!env:)[^{}]*\}/g, "$unknown")
    .replace(/\{env:\w+:([^{}]*)\}/g, "$1")
    .replace(/\{[^{}]*\}/g, "$unknown")
    .replace(/ {2,}/g, " ")
    .trim()
