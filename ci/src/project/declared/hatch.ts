import { type JsonRecord, recordOf } from "../../formats/json.js"
import { parseToml } from "../../formats/toml.js"
import { commandBehind } from "../command-prefixes.js"
import { baseName, joinPath, textIn } from "../paths.js"
import type { Tree } from "../project.js"
import { OF_DEVELOPMENT } from "../python-groups.js"
import { type ShellCommand, stepCommands } from "../shell-words.js"
import type { Job, Step } from "./found.js"
import { type HatchEnvironment, hatchEnvironment, TESTS } from "./hatch-file.js"
import { plain } from "./steps.js"
import { environmentSteps, plainWord, type ToolEnvironment } from "./tool-environments.js"

/** Adds what Hatch installs and runs after the steps that call it, with the variables of those steps and its own. */
export async function withHatch(tree: Tree, steps: readonly Step[]): Promise<readonly Step[]> {
  const found = await Promise.all(
    steps.map(async (step) => {
      const calls = step.folder === null ? [] : stepCommands(step.run).flatMap(callOf)
      if (calls.length === 0) return [step]
      const envs = await hatchEnvs(tree, step.folder ?? "")
      return [
        step,
        ...environmentSteps(
          step,
          calls.flatMap((call) => runOf(envs, call, step)),
        ),
      ]
    }),
  )
  return found.flat()
}

/** Returns the table of Hatch's environments in a folder: hatch.toml stands over pyproject.toml. */
export async function hatchEnvs(tree: Tree, folder: string): Promise<JsonRecord> {
  const table = async (name: string) => recordOf(parseToml(await textIn(tree, joinPath(folder, name))))
  const { tool } = await table("pyproject.toml")
  return recordOf((await table("hatch.toml")).envs ?? recordOf(recordOf(tool).hatch).envs)
}

/** What its environments of development need, where no CI of the team says which of them run. */
export async function hatchUnasked(
  tree: Tree,
  jobs: readonly Pick<Job, "steps">[],
): Promise<Pick<HatchEnvironment, "deps" | "extras">> {
  const isCalled = jobs.some(({ steps }) => steps.some(({ run }) => /\bhatch\b/.test(run)))
  const envs = isCalled ? {} : await hatchEnvs(tree, "")
  const found = Object.keys(envs)
    .filter((name) => name === "default" || name === TESTS || OF_DEVELOPMENT.test(name))
    .flatMap((name) => hatchEnvironment(envs, name) ?? [])
  return {
    deps: found.flatMap((one) => one.deps.map((line) => replaced(line, one, []))),
    extras: found.flatMap(({ extras }) => extras),
  }
}

/** A call of Hatch: an environment, and the command that runs there. */
interface HatchCall {
  readonly environment: string
  readonly command: ShellCommand
}

/** Options of Hatch with a value as the next word, and those of `hatch test`. */
const VALUED = /^(?:-[eixf]|-py|--(?:env|include|exclude|filter|python|retries|retry-delay))$/
const OF_TEST =
  /^(?:-(?:[acprisx]|py)|--(?:all|cover|cover-quiet|parallel|randomize|show|retries|retry-delay|python|include|exclude)(?:=.*)?)$/

function callOf(words: ShellCommand): readonly HatchCall[] {
  const at = words.findIndex((word) => baseName(word) === "hatch")
  const [program = ""] = commandBehind(words.slice(0, at + 1))
  if (at === -1 || (baseName(program) !== "hatch" && words[at - 1] !== "-m")) return []
  const args = words.slice(at + 1)
  const verb = args.findIndex((word, i) => !word.startsWith("-") && !VALUED.test(args[i - 1] ?? ""))
  const env = named(args.slice(0, verb)) ?? "default"
  const rest = args.slice(verb + 1)
  if (args[verb] === "run") return inEnvironment(env, rest)
  if (args[verb] === "env" && rest[0] === "run") {
    const end = rest.findIndex((word, i) => i > 0 && !word.startsWith("-") && !VALUED.test(rest[i - 1] ?? ""))
    const command = rest.slice(end).filter((word) => word !== "--")
    return [{ environment: named(rest) ?? env, command }]
  }
  return args[verb] === "test" ? [testsCall(rest)] : []
}

const named = (words: readonly string[]): string | undefined => {
  const at = words.findIndex((word) => word === "-e" || word === "--env")
  return at === -1 ? words.find((word) => word.startsWith("--env="))?.slice("--env=".length) : words[at + 1]
}

/** `hatch run +py=3.12 test:cov -x`: variables of a matrix, an environment, its script or a program. */
function inEnvironment(usual: string, words: ShellCommand): readonly HatchCall[] {
  const [first = "", ...args] = words.filter((word, i, all) => {
    const isVariable = /^[+-][\w-]+=/.test(word)
    return !isVariable || all.slice(0, i).some((one) => !/^[+-][\w-]+=/.test(one))
  })
  const [, environment = usual, program = ""] = /^(?:([\w.-]+):)?(.*)$/.exec(first) ?? []
  // `test.py3.12` is one of a matrix.
  return program === ""
    ? []
    : [{ environment: environment.replace(/\..*$/, ""), command: [program, ...args] }]
}

function testsCall(words: ShellCommand): HatchCall {
  const end = words.includes("--") ? words.indexOf("--") : words.length
  const own = words.slice(0, end)
  const covers = own.some((word) => /^(?:-c|--cover)/.test(word))
  const handed = own.filter((word, i) => !OF_TEST.test(word) && !VALUED.test(own[i - 1] ?? ""))
  return { environment: TESTS, command: [covers ? "run-cov" : "run", ...handed, ...words.slice(end + 1)] }
}

/** How deep scripts may name each other. */
const DEEPEST = 6

function runOf(
  envs: JsonRecord,
  { environment: name, command }: HatchCall,
  { folder }: Step,
): readonly ToolEnvironment[] {
  const environment = hatchEnvironment(envs, name)
  if (environment === null) return []
  const [first = "", ...args] = command
  const context = (text: string) => replaced(text, environment, [])
  return [
    {
      ...environment,
      deps: environment.deps.map(context),
      commands: commandsOf(environment, [first, ...args.map(plainWord)].join(" "), DEEPEST),
      env: Object.fromEntries(
        Object.entries(environment.env).flatMap(([key, value]) => {
          const text = plain(context(value))
          return text === null ? [] : [[key, text]]
        }),
      ),
      folder: folder ?? "",
    },
  ]
}

/** The commands of a line: those of the script that it begins with, which gets the rest. A dash says that it may fail. */
function commandsOf(environment: HatchEnvironment, line: string, depth: number): readonly string[] {
  const [, dash = "", first = "", rest = ""] = /^(-\s+)?(\S+)\s*([\s\S]*)$/.exec(line) ?? []
  const script = environment.scripts[first]
  if (script === undefined || depth === 0) return [dash === "" ? line : `${first} ${rest} || true`]
  return script.flatMap((one) => commandsOf(environment, replaced(one, environment, [rest]), depth - 1))
}

/** Puts in what Hatch replaces; what only Hatch knows is as unknown as a variable. */
const replaced = (text: string, { name, matrix }: HatchEnvironment, [rest = ""]: readonly string[]): string =>
  text
    .replace(/\{args(?::((?:[^{}]|\{[^{}]*\})*))?\}/g, (_, usual = "") => rest || usual)
    .replace(/\{matrix:([\w-]+)(?::([^{}]*))?\}/g, (_, key, usual = "$unknown") => matrix[key] ?? usual)
    .replace(/\{root\}\/?/g, "")
    .replace(/\{env_name\}/g, name)
    .replace(/\{env:\w+(?::([^{}]*))?\}/g, (_, usual = "") => usual)
    .replace(/\{(?:root|home|verbosity|config_dir|matrix|dirs?)\b[^{}]*\}/g, "$unknown")
    .trim()
