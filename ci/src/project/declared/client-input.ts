import { quote } from "../../run/command.js"
import { folderOf } from "../manifest.js"
import { pathFrom } from "../paths.js"
import type { ShellCommand } from "../shell-words.js"
import { optionAt } from "./client-words.js"
import type { Step } from "./found.js"

/** What clients of databases read: files of the repository, and text that a shell gives them. */

/** Where a command is written. */
export interface Place {
  readonly step: Step
  /** The paths of the repository. */
  readonly files: readonly string[]
  /** The text of a here document; null without one. */
  readonly document: string | null
  /** The command before it: `cat schema.sql`. */
  readonly before: ShellCommand
}

/** A command in a container that has the files which it reads. */
export interface Read {
  readonly words: ShellCommand
  /** What stands behind the words: its standard input; "" without one. */
  readonly input: string
  /** Path in the container → path of the repository, of a folder with a slash behind. */
  readonly mounts: Readonly<Record<string, string>>
}

/**
 * Returns a command with the files that it reads at their places in a container; null where one is not in the repository.
 *
 * @param options those that name a file of commands.
 * @param isTold whether it is told what to do by its words: then it reads no standard input of a pipe.
 */
export function readBy(
  command: ShellCommand,
  options: readonly string[],
  isTold: boolean,
  place: Place,
): Read | null {
  const end = command.findIndex((word) => /^(?:\d?>|<|&>)/.test(word))
  const [own, behind] = end < 0 ? [command, []] : [command.slice(0, end), command.slice(end)]
  const named = own.map((_, i) => ({ ...optionAt(own, i, options), word: own[i] ?? "" }))
  const mounted = named.map(({ value }) => (value === null ? null : mountOf(value, place)))
  const input = inputOf(behind, isTold, place)
  if (input === null || named.some(({ value }, i) => value !== null && mounted[i] === null)) return null
  return {
    words: named.map(({ option, word }, i) => {
      const to = mounted[i]?.to
      return to === undefined ? word : `${option}${to}`
    }),
    input: input.line,
    mounts: Object.assign({}, input.mounts, ...mounted.map((one) => one?.mounts)),
  }
}

const NONE = { line: "", mounts: {} }

/** What a command reads from standard input; null for a file that is not here. */
function inputOf(behind: ShellCommand, isTold: boolean, place: Place) {
  const [program = "", ...args] = place.before
  const at = behind.findIndex((word) => word.startsWith("<"))
  const word = behind[at] ?? ""
  if (word.startsWith("<<")) return place.document === null ? null : textInput(place.document)
  const given = word === "<" ? behind[at + 1] : word.slice(1)
  if (!isTold && word === "" && program === "echo") return textInput(args.join(" "))
  const path = word === "" && !isTold && program === "cat" ? args.join(" ") : given
  if (path === undefined || path === "") return NONE
  const mounted = mountOf(path, place)
  return mounted && { line: `<${quote(mounted.to)}`, mounts: mounted.mounts }
}

const textInput = (text: string) => ({ line: `<<'SLIPWAY'\n${text}\nSLIPWAY`, mounts: {} })

/** Where containers find files of the repository. */
const MOUNTED = "/slipway-init"

/** Returns where a file is in the container; with those of its folder, for it may read them. Null for one that is not here. */
function mountOf(path: string, { step, files }: Place) {
  const file = /[$`*]/.test(path) ? null : pathFrom(step.folder ?? "", path)
  if (file === null || !files.includes(file)) return null
  const folder = folderOf(file)
  const to = `${MOUNTED}/${file}`
  return { to, mounts: folder === "" ? { [to]: file } : { [`${MOUNTED}/${folder}`]: `${folder}/` } }
}
