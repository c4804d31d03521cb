/** Which lines of a program's log tell why it failed. */

/** What says nothing of the program itself. */
const NOISE =
  /^\s*$|^npm (?:notice|warn)\b|^npm (?:error|ERR!)\s*(?:$|code |path |workspace |location |command )/i

/** How the line begins that programs, databases and runtimes name an error with. */
const NAMES_ERROR = /(?:^|[\s[(])(?:[\w.]*error|[\w.]*exception|fatal|panic)\]?\s?:/i

const wanted = (log: readonly string[]): readonly string[] => log.filter((line) => !NOISE.test(line))

/** The line that names the error; without one the last that says anything; null for an empty log. */
export function tellingLine(log: readonly string[]): string | null {
  const lines = wanted(log)
  return lines.find((line) => NAMES_ERROR.test(line)) ?? lines.at(-1) ?? null
}

/** So many lines: from just before the one that names the error, or else the last. */
export function excerpt(log: readonly string[], count: number): readonly string[] {
  const lines = wanted(log)
  const named = lines.findIndex((line) => NAMES_ERROR.test(line))
  const from = named === -1 ? lines.length - count : Math.min(named - 1, lines.length - count)
  return lines.slice(Math.max(0, from)).slice(0, count)
}
