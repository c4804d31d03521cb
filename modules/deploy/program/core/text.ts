/** Formats values for people. */

/** Returns the first 12 digits of a commit hash; other text as it is. */
export const short = (commit: string): string =>
  /^[0-9a-f]{12,}$/.test(commit) ? commit.slice(0, 12) : commit

/** Returns the last part of an ARN: `family:revision` for a task definition. */
export const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1)

/** Formats milliseconds: `340 ms`, `12 s`, `3 min 41 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Formats milliseconds since the epoch as date and time in UTC. */
export const utc = (time: number): string =>
  `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`

/** Formats a count: `1 service`, `2 services`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

/** Joins names: `a`, `a and b`, `a, b and c`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? "nothing") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`

/** Makes foreign text safe to print: one line without control characters, shortened to a length. */
export function oneLine(text: string, length = 300): string {
  const flat = [...text].map((letter) => (letter < " " || letter === "\u007f" ? " " : letter)).join("")
  const tidy = flat.replace(/ +/g, " ").trim()
  return tidy.length <= length ? tidy : `${tidy.slice(0, length - 1)}…`
}

/** Returns the message of what was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Commit of the release that ran before Slipway's first one. */
export const UNKNOWN_COMMIT = "unknown"

/** Names a commit in texts. */
export const commitName = (commit: string): string =>
  commit === UNKNOWN_COMMIT ? "the release before Slipway" : short(commit)

/** Says that a service is not deployed: it serves the revision already. */
export const staysText = (revision: string): string => `unchanged, stays ${nameOf(revision)}`

/** Names a release in texts. */
export const releaseText = (number: number, commit: string): string =>
  commit === UNKNOWN_COMMIT ? commitName(commit) : `release ${number} (${short(commit)})`
