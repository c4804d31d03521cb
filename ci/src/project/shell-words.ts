import { remembered } from "../formats/remembered.js"

/** A command of a shell script: its words, without quotes. */
export type ShellCommand = readonly string[]

/** Tells whether only the shell that runs a word knows what it stands for: a variable, another command's output, a redirection. */
export const isOfShell = (word: string): boolean => /[$`<>]/.test(word)

/** Matches a word that sets a variable: name and value. */
export const ASSIGNMENT = /^([A-Za-z_]\w*)=([\s\S]*)$/

/** What stands between two commands. */
const BETWEEN = /^(?:&&|\|\||[;|\n]|&(?!>))/

/** What ends a list of commands. */
const LIST_ENDS = /^[;&\n]$/

/** A word, or a part of one: a redirection, quoted text, an escaped character, plain text. */
const PART = /^(?:(\d?>&\d?)|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\;|&]+))/

/**
 * Divides a script of package.json into its commands, in their order. Reads quotes, and expands nothing: a variable stays as it is
 * written.
 */
export const shellCommands = remembered((script: string): readonly ShellCommand[] =>
  divided(script).map(({ words }) => words),
)

/** Joins the lines of a CI step that go on behind a backslash. */
export const joinedLines = (run: string): string => run.replace(/\\\r?\n/g, " ")

/** Divides the command lines of a CI step as {@link shellCommands} does; a line goes on behind a backslash. */
export const stepCommands = (run: string): readonly ShellCommand[] => shellCommands(joinedLines(run))

/** Divides a script as {@link shellCommands} does, and tells which commands it does not wait for. */
export const shellJobs = remembered(divided)

/** A command, and whether a `&` behind it or its list lets the script go on before it ends. */
export interface ShellJob {
  readonly words: ShellCommand
  readonly background: boolean
}

/** A piece of a script: what divides commands, a part of a word, or what divides words. */
interface Piece {
  readonly kind: "between" | "part" | "blank"
  /** Of a part, without quotes. */
  readonly text: string
}

function* pieces(script: string): Generator<Piece> {
  let rest = script.trim()
  while (rest !== "") {
    const between = BETWEEN.exec(rest)
    const part = PART.exec(rest)
    const blank = /^\s+/.exec(rest)
    if (between) yield { kind: "between", text: between[0] }
    else if (part) yield { kind: "part", text: unquoted(part) }
    else if (blank) yield { kind: "blank", text: "" }
    rest = rest.slice((between ?? part ?? blank)?.[0].length ?? 1)
  }
}

const unquoted = ([, redirection, single, double, escaped, plain]: RegExpExecArray): string =>
  redirection ?? single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? escaped ?? plain ?? ""

function divided(script: string): readonly ShellJob[] {
  const commands: string[][] = [[]]
  /** The commands of the list that a `&` would end: those since the last `;` or line. */
  let list = 0
  const background: string[][] = []
  let before: Piece["kind"] = "blank"
  for (const { kind, text } of pieces(script)) {
    const current = commands.at(-1) ?? []
    if (kind === "between") {
      if (text === "&") background.push(...commands.slice(list))
      if (LIST_ENDS.test(text)) list = commands.length
      commands.push([])
    } else if (kind === "part" && before === "part") current[current.length - 1] += text
    else if (kind === "part") current.push(text)
    before = kind
  }
  return commands
    .map((words) => ({ words: ungrouped(words), background: background.includes(words) }))
    .filter(({ words }) => words.length > 0)
}

/** Words of the shell before a command, and those that are a command's place without being one. */
const RESERVED = /^(?:if|then|else|elif|while|until|do|!|\{|\()$/
const CLOSING = /^(?:fi|done|\}|\))$/

/** Returns a command without what groups it: `(cd server` is `cd server`, `then jest` is `jest`. */
function ungrouped(words: ShellCommand): ShellCommand {
  const [first = "", ...rest] = words
  if (RESERVED.test(first)) return ungrouped(rest)
  if (first.startsWith("(")) return ungrouped([first.slice(1), ...rest])
  if (words.length === 1 && CLOSING.test(first)) return []
  const last = words.at(-1) ?? ""
  // A word such as `$(nproc)` has the bracket that it closes.
  const closes = last.endsWith(")") && !last.includes("(")
  return closes ? [...words.slice(0, -1), last.slice(0, -1)].filter((word) => word !== "") : words
}
