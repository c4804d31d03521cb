import { didYouMean } from "../../ci/src/config/suggest.js"
import { usage } from "../args.js"
import type { CommandFault } from "../fault.js"
import {
  innerFunctions,
  type ModuleDescription,
  type ModuleFunction,
  mainFunctions,
  type Parameter,
} from "./description.js"

/** The parts of a command line that calls a function of the module. */
export interface FunctionCall {
  /** The app's folder, or null where none is named. */
  readonly folder: string | null
  /** Options of every function. Dagger accepts them before the function alone. */
  readonly options: readonly string[]
  /** The function, its own options, and what comes after it. */
  readonly words: readonly string[]
}

/** Options of the dagger client whose value may be the next word. */
const CLIENT_OPTIONS: ReadonlySet<string> = new Set(
  "--allow-llm --interactive-command --lock -m --mod --model -o --output --progress --x-release".split(" "),
)

/** Words of a function: its name and its options. */
interface Level {
  readonly parameters: readonly Parameter[]
  readonly words: string[]
}

/**
 * Splits a command line such as `scan dependencies FOLDER --rerun` for `dagger call`. Options may stand before the folder
 * or after it.
 *
 * The first word after a function that returns text is the app's folder. After a function that returns anything else,
 * such as a Directory, `isFolder` decides: there that word may also be a function of the result (`export`).
 * Everything after `--` comes last, unchanged.
 *
 * @throws CommandFault `usage` for an unknown or missing function, or a second folder.
 */
export function parseCall(
  module: ModuleDescription,
  line: readonly string[],
  isFolder: (word: string) => boolean,
): FunctionCall {
  const end = line.indexOf("--")
  const own = end === -1 ? line : line.slice(0, end)
  const shared: Level = { parameters: module.options, words: [] }
  const levels = [shared]
  /** Functions of the result, with their options. */
  const tail: string[] = []
  const path: string[] = []
  let folder: string | null = null
  let next = mainFunctions(module)
  let isText = false
  for (let index = 0; index < own.length; ) {
    const word = own[index] ?? ""
    const owner = levels.findLast(({ parameters }) => parameterOf(word, parameters) !== undefined)
    const size = optionSize(own.slice(index), owner?.parameters ?? [])
    if (size > 0) {
      const place = owner?.words ?? (tail.length > 0 ? tail : levels.at(-1)?.words)
      place?.push(...own.slice(index, index + size))
    } else if (next.length > 0) {
      const current = named(next, word, path)
      path.push(word)
      levels.push({ parameters: current.parameters, words: [word] })
      next = innerFunctions(module, current)
      isText = current.result === "string"
    } else if (folder === null && tail.length === 0 && (isText || isFolder(word))) folder = word
    else if (isText)
      throw usage(`${path.join(" ")}: more than one folder: ${folder}, ${word}`, path[0] ?? "call")
    else tail.push(word)
    index += Math.max(size, 1)
  }
  if (next.length > 0) throw incomplete(path, next)
  const after = end === -1 ? [] : line.slice(end + 1)
  const words = [...levels.slice(1).flatMap((level) => level.words), ...tail, ...after]
  return { folder, options: shared.words, words }
}

/** The parameter that an option sets. */
const parameterOf = (word: string, parameters: readonly Parameter[]): Parameter | undefined => {
  const name = /^--([^=]+)/.exec(word)?.[1]
  return parameters.find((one) => one.name === name)
}

/** Words of the option that a line begins with: two where its value is a word of its own, 0 without an option. */
function optionSize([word = "", value]: readonly string[], parameters: readonly Parameter[]): number {
  if (!word.startsWith("-")) return 0
  const option = parameterOf(word, parameters)
  const hasValue = option === undefined ? CLIENT_OPTIONS.has(word) : option.type !== "boolean"
  return hasValue && !word.includes("=") && value !== undefined ? 2 : 1
}

function named(functions: readonly ModuleFunction[], word: string, path: readonly string[]): ModuleFunction {
  const found = functions.find(({ name }) => name === word)
  if (found) return found
  const names = functions.map(({ name }) => name)
  throw usage(`unknown function: ${[...path, word].join(" ")}${didYouMean(word, names)}`, path[0] ?? word)
}

function incomplete(path: readonly string[], functions: readonly ModuleFunction[]): CommandFault {
  const names = functions.map(({ name }) => name).join(", ")
  return usage(`${path.join(" ")}: name one of its functions: ${names}`, path[0] ?? "call")
}
