import { lastLines, oneLine } from "../formats/clean.js"
import { parseJson, recordOf } from "../formats/json.js"
import type { LogTail } from "../run/result.js"
import type { Trial } from "./client.js"

/** A URL of a health check or smoke test, as the app is asked for it. */
export interface Check {
  readonly url: string
  readonly path: string
  readonly status: number
  readonly contains: string | null
}

/** What `inside/answers.ts` asks. */
export interface Checks {
  readonly origin: string
  readonly attempts: number
  readonly pauseSeconds: number
  /** Stands before the line of a wrong answer. */
  readonly wrongMark: string
  readonly checks: readonly Check[]
}

const WRONG = "✗ "

/** Returns the checks that the live release was proven with, asked of the app at an origin. It is up already. */
export const checksOf = ({ checks }: Pick<Trial, "checks">, origin: string): Checks => ({
  origin,
  attempts: 3,
  pauseSeconds: 2,
  wrongMark: WRONG,
  checks: checks.map(({ url, status, contains }) => {
    const { pathname, search } = new URL(url)
    return { url, path: pathname + search, status, contains }
  }),
})

/** A line that tells of an error; loggers that write JSON give errors a level from 50. */
const ERROR = /\b\w*(?:error|exception)\b|\b(?:fatal|panic)\b|does not exist|"level":[56]0\b/i

/** Keys in which loggers keep an error's text, the most telling first. */
const KEYS = ["err", "error", "exception", "message", "msg"]

/** Returns the text of an error in a line of JSON, or null. */
function messageIn(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value
  const record = recordOf(value)
  for (const key of KEYS) {
    const text = Object.hasOwn(record, key) ? messageIn(record[key]) : null
    // The database's code tells what happened where the text is withheld.
    if (text !== null) return typeof record.code === "string" ? `${text} (${record.code})` : text
  }
  return null
}

const LONGEST = 300

/** Returns the last error that a log tells, in the program's own words; null: it tells none. */
export function ownError(log: string): string | null {
  const line = log.split("\n").findLast((one) => ERROR.test(one) && !/^\s+at |^slipway: /.test(one))
  return line === undefined ? null : oneLine(messageIn(parseJson(line)) ?? line, LONGEST)
}

/** Returns the output of the checks with the end of each service's log. */
export function withLogs(output: string, logs: Readonly<Record<string, string>>): LogTail {
  const ends = Object.entries(logs).flatMap(([name, log]) => [`${name}:`, ...lastLines(log, LOG_LINES)])
  const lines = [...output.trimEnd().split("\n"), ...ends]
  return { text: lines.join("\n"), lines: lines.length }
}

const LOG_LINES = 20

/** Returns what is wrong by the logs of the app's services and the output of the checks. */
export function wrongText(logs: Readonly<Record<string, string>>, output: string): string {
  const errors = Object.entries(logs).flatMap(([name, log]) => {
    const error = ownError(log)
    return error === null ? [] : [`${name}: ${error}`]
  })
  const answers = output
    .split("\n")
    .flatMap((line) => (line.startsWith(WRONG) ? [line.slice(WRONG.length)] : []))
  return [...errors.slice(0, 1), ...answers.slice(0, 2)].join("; ")
}
