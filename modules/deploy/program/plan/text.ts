/** How things are written for people. */

/** A commit's first twelve letters, or the word for one that is not known. */
export const short = (commit: string): string =>
  /^[0-9a-f]{12,}$/.test(commit) ? commit.slice(0, 12) : commit

/** `family:revision` of a task definition's ARN; any other ARN's last part. */
export const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1)

/** Milliseconds in words: `340 ms`, `12 s`, `3 min 41 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A point in time as people and logs write it, in UTC. */
export const utc = (time: number): string =>
  `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`

/** `1 service`, `2 services`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

/** Names as a person lists them: `a`, `a and b`, `a, b and c`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? "nothing") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`

/** Text that others wrote as one line, without what a terminal would obey, and not longer than this. */
export function oneLine(text: string, length = 300): string {
  const flat = [...text].map((letter) => (letter < " " || letter === "\u007f" ? " " : letter)).join("")
  const tidy = flat.replace(/ +/g, " ").trim()
  return tidy.length <= length ? tidy : `${tidy.slice(0, length - 1)}…`
}

/** The commit of what ran before the first release of ours. */
export const UNKNOWN_COMMIT = "unknown"

/** A commit as people call what it is the release of. */
export const commitName = (commit: string): string =>
  commit === UNKNOWN_COMMIT ? "what ran before the first release" : short(commit)

/** A release as people call it. */
export const releaseText = (number: number, commit: string): string =>
  commit === UNKNOWN_COMMIT ? commitName(commit) : `release ${number} (${short(commit)})`
