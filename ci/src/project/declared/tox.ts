import { quote } from "../../run/command.js"
import { commandBehind } from "../command-prefixes.js"
import { baseName, joinPath } from "../paths.js"
import type { Tree } from "../project.js"
import { type ShellCommand, stepCommands } from "../shell-words.js"
import type { Step } from "./found.js"
import { PYTHON_TESTS } from "./languages.js"
import { namesIn, readToxIni, readToxToml, type Tox, type ToxEnvironment } from "./tox-file.js"

/** Adds what tox installs and runs after the steps that call it, with the variables of those steps. */
export async function withTox(tree: Tree, steps: readonly Step[]): Promise<readonly Step[]> {
  const found = await Promise.all(
    steps.map(async (step) => {
      const calls = step.folder === null ? [] : callsIn(step)
      const tox = calls.length === 0 ? null : await toxIn(tree, step.folder ?? "")
      return tox === null ? [step] : [step, ...calls.flatMap((call) => stepsOf(tox, call, step))]
    }),
  )
  return found.flat()
}

/** Reads tox's settings in a folder; null if it has none. */
async function toxIn({ files, read }: Tree, folder: string): Promise<Tox | null> {
  const at = (name: string) => joinPath(folder, name)
  if (files.includes(at("tox.ini"))) return readToxIni(await read(at("tox.ini")))
  return files.includes(at("pyproject.toml")) ? readToxToml(await read(at("pyproject.toml"))) : null
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

function stepsOf(tox: Tox, { names, rest }: ToxCall, step: Step): readonly Step[] {
  // A name that only the vendor knows may be any of them.
  const named = names.length === 0 || names.some((name) => name.includes("$")) ? tox.usual : names
  const found = named.flatMap((name) => {
    const environment = tox.environment(name)
    return environment === null ? [] : [{ name, environment }]
  })
  const testing = found.find(({ environment }) =>
    environment.commands.some((line) => PYTHON_TESTS.test(line)),
  )
  const runs = [
    ...(testing === undefined ? [] : installOf(testing.environment, testing.name, rest)),
    ...found.flatMap(({ environment, name }) => runsOf(environment, name, rest)),
  ]
  const isFirst = (one: Run, i: number) =>
    runs.findIndex(({ run, folder }) => run === one.run && folder === one.folder) === i
  return runs
    .filter(isFirst)
    .map(({ run, folder }) => ({ ...step, run, folder: joinPath(step.folder ?? "", folder) }))
}

/** A command line, and the folder that it runs in, relative to that of the file. */
interface Run {
  readonly run: string
  readonly folder: string
}

/** What an environment installs. Only that of the first with tests counts: those of two need not fit each other. */
function installOf({ deps, extras }: ToxEnvironment, name: string, rest: readonly string[]): readonly Run[] {
  const lines = deps.map((line) => substituted(line, name, rest))
  const needed = [
    ...lines.map((line) => (line.startsWith("-") ? line : quote(line))),
    ...(extras.length === 0 ? [] : [`.[${extras.join()}]`]),
  ]
  return needed.length === 0 ? [] : [{ run: `pip install ${needed.join(" ")}`, folder: "" }]
}

const runsOf = (
  { commands, folder }: ToxEnvironment,
  name: string,
  rest: readonly string[],
): readonly Run[] =>
  commands.map((line) => {
    const run = substituted(line.replace(/^-\s*/, ""), name, rest)
    // A dash says that it may fail.
    return { run: line.startsWith("-") ? `${run} || true` : run, folder }
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
