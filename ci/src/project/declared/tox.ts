import { type JsonRecord, recordOf } from "../../formats/json.js"
import { parseToml } from "../../formats/toml.js"
import { quote } from "../../run/command.js"
import { commandBehind } from "../command-prefixes.js"
import { baseName, joinPath, pathFrom, textIn } from "../paths.js"
import type { Tree } from "../project.js"
import { requirementsOfGroups } from "../python-groups.js"
import { ASSIGNMENT, type ShellCommand, stepCommands } from "../shell-words.js"
import { ofTests } from "./environment.js"
import type { Step } from "./found.js"
import { PYTHON_TESTS } from "./languages.js"
import { plain } from "./steps.js"
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
  const named = names.length === 0 || names.some((name) => name.includes("$")) ? tox.usual : names
  const found = named.flatMap((name) => {
    const environment = tox.environment(name)
    return environment === null ? [] : [{ name, environment }]
  })
  const testing = found.find(({ environment }) =>
    environment.commands.some((line) => PYTHON_TESTS.test(line)),
  )
  const toml = recordOf(parseToml(await textIn(tree, joinPath(step.folder ?? "", "pyproject.toml"))))
  const install = testing === undefined ? [] : installOf(testing.environment, testing.name, rest, toml)
  const steps = install.map((run): Step => ({ ...step, run }))
  for (const { name, environment } of found) {
    const env = { ...step.env, ...(await variablesOf(tree, environment, name, step)) }
    const folder = joinPath(step.folder ?? "", environment.folder)
    const also = testing === undefined || fits(environment, testing.environment) ? {} : OTHER_PACKAGES
    steps.push(
      ...runsOf(environment, name, rest).map((run): Step => ({ ...step, run, env, folder, ...also })),
    )
  }
  const workOf = ({ run, folder, env }: Step) => JSON.stringify([run, folder, ofTests(env)])
  const works = steps.map(workOf)
  return steps.filter((_, i) => works.indexOf(works[i] ?? "") === i)
}

const OTHER_PACKAGES = { otherPackages: true } as const

/** Tells whether two environments need the same packages. */
const fits = (one: ToxEnvironment, other: ToxEnvironment): boolean =>
  JSON.stringify([one.deps, one.extras, one.groups]) ===
  JSON.stringify([other.deps, other.extras, other.groups])

/** What an environment installs. Only that of the first with tests counts: those of two need not fit each other. */
function installOf(
  { deps, extras, groups }: ToxEnvironment,
  name: string,
  rest: readonly string[],
  toml: JsonRecord,
): readonly string[] {
  const lines = deps.map((line) => substituted(line, name, rest))
  const needed = [
    ...lines.map((line) => (line.startsWith("-") ? line : quote(line))),
    ...requirementsOfGroups(toml, groups).map(quote),
    ...(extras.length === 0 ? [] : [`.[${extras.join()}]`]),
  ]
  return needed.length === 0 ? [] : [`pip install ${needed.join(" ")}`]
}

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
