import { didYouMean } from "../../ci/src/config/suggest.js"
import { usage } from "../args.js"
import type { HostFault } from "../fault.js"
import { innerFunctions, type ModuleDescription, type ModuleFunction, mainFunctions } from "./description.js"

/** The parts of a command line that calls a function of the module. */
export interface FunctionCall {
  /** The app's folder, or null where none is named. */
  readonly folder: string | null
  /** Options of every function. Dagger accepts them before the function alone. */
  readonly options: readonly string[]
  /** The function, its own options, and what comes after it. */
  readonly words: readonly string[]
}

/**
 * Splits a command line such as `scan dependencies FOLDER --rerun` for `dagger call`.
 *
 * The word right after a function that returns text is the app's folder. After a function that returns anything else,
 * such as a Directory, `isFolder` decides: there the next word may also be a function of the result (`export`).
 * Everything after `--` comes last, unchanged.
 *
 * @throws HostFault `usage` for an unknown or missing function.
 */
export function parseCall(
  module: ModuleDescription,
  line: readonly string[],
  isFolder: (word: string) => boolean,
): FunctionCall {
  const options: string[] = []
  const words: string[] = []
  const path: string[] = []
  let folder: string | null = null
  let current: ModuleFunction | null = null
  let next = mainFunctions(module)
  let afterFunction = 0
  for (let index = 0; index < line.length; ) {
    const word = line[index] ?? ""
    if (word === "--") {
      words.push(...line.slice(index + 1))
      break
    }
    const size = optionSize(line.slice(index), module, current)
    if (size > 0) (isShared(word, module, current) ? options : words).push(...line.slice(index, index + size))
    else if (next.length > 0) {
      current = named(next, word, path)
      path.push(word)
      words.push(word)
      next = innerFunctions(module, current)
      afterFunction = index + 1
    } else if (index === afterFunction && (current?.result === "string" || isFolder(word))) folder = word
    else words.push(word)
    index += Math.max(size, 1)
  }
  if (next.length > 0) throw incomplete(path, next)
  return { folder, options, words }
}

const optionName = (word: string): string => /^--([^=]+)/.exec(word)?.[1] ?? ""

/** True for an option of every function, unless the function has one of the same name. */
const isShared = (word: string, module: ModuleDescription, current: ModuleFunction | null): boolean =>
  module.options.some(({ name }) => name === optionName(word)) &&
  !current?.parameters.some(({ name }) => name === optionName(word))

/** Words of the option that a line begins with: two where its value is a word of its own, 0 without an option. */
function optionSize(
  [word = "", value]: readonly string[],
  module: ModuleDescription,
  current: ModuleFunction | null,
): number {
  if (!word.startsWith("-")) return 0
  const known = [...(current?.parameters ?? []), ...module.options]
  const option = known.find(({ name }) => name === optionName(word))
  return option && option.type !== "boolean" && !word.includes("=") && value !== undefined ? 2 : 1
}

function named(functions: readonly ModuleFunction[], word: string, path: readonly string[]): ModuleFunction {
  const found = functions.find(({ name }) => name === word)
  if (found) return found
  const names = functions.map(({ name }) => name)
  throw usage(`unknown function: ${[...path, word].join(" ")}${didYouMean(word, names)}`, path[0] ?? word)
}

function incomplete(path: readonly string[], functions: readonly ModuleFunction[]): HostFault {
  const names = functions.map(({ name }) => name).join(", ")
  return usage(`${path.join(" ")}: name one of its functions: ${names}`, path[0] ?? "call")
}
