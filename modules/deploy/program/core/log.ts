/** Finds the lines of a log that explain a failure. */

/** Lines that say nothing about the program. */
const NOISE =
  /^\s*$|^npm (?:notice|warn)\b|^npm (?:error|ERR!)\s*(?:$|code |path |workspace |location |command )/i

/** Start of an error line as programs, databases and runtimes write it. */
const NAMES_ERROR = /(?:^|[\s[(])(?:[\w.]*error|[\w.]*exception|fatal|panic)\]?\s?:/i

const meaningful = (log: readonly string[]): readonly string[] => log.filter((line) => !NOISE.test(line))

/** Returns the first line with an error, or else the last meaningful line; null for an empty log. */
export function errorLine(log: readonly string[]): string | null {
  const lines = meaningful(log)
  return lines.find((line) => NAMES_ERROR.test(line)) ?? lines.at(-1) ?? null
}

/** Returns up to `count` lines: from just before the error, or else the last ones. */
export function excerpt(log: readonly string[], count: number): readonly string[] {
  const lines = meaningful(log)
  const named = lines.findIndex((line) => NAMES_ERROR.test(line))
  const from = named === -1 ? lines.length - count : Math.min(named - 1, lines.length - count)
  return lines.slice(Math.max(0, from)).slice(0, count)
}
