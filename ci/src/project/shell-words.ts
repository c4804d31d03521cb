import { remembered } from "../formats/remembered.js"

/** A command of a shell script: its words, without quotes. */
export type ShellCommand = readonly string[]

/** Matches a word that sets a variable: name and value. */
export const ASSIGNMENT = /^([A-Za-z_]\w*)=([\s\S]*)$/

/** What stands between two commands. */
const BETWEEN = /^(?:&&|\|\||[;|&\n])/

/** A word, or a part of one: a redirection, quoted text, an escaped character, plain text. */
const PART = /^(?:(\d?>&\d?)|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\;|&]+))/

/**
 * Divides a script of package.json into its commands, in their order. Reads quotes, and expands nothing: a variable stays as it is
 * written.
 */
export const shellCommands = remembered(divided)

function divided(script: string): readonly ShellCommand[] {
  const commands: string[][] = [[]]
  let rest = script.trim()
  let open = false
  while (rest !== "") {
    const between = BETWEEN.exec(rest)
    const part = PART.exec(rest)
    const blank = /^\s+/.exec(rest)
    const current = commands.at(-1) ?? []
    if (between) {
      commands.push([])
      open = false
    } else if (part) {
      const text = part[1] ?? part[2] ?? part[3]?.replaceAll(/\\([\s\S])/g, "$1") ?? part[4] ?? part[5] ?? ""
      if (open) current[current.length - 1] += text
      else current.push(text)
      open = true
    } else if (blank) open = false
    rest = rest.slice((between ?? part ?? blank)?.[0].length ?? 1)
  }
  return commands.filter((words) => words.length > 0)
}
