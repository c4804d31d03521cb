import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

/** Earlier logs that are kept of each kind. */
const KEPT = 4

/** A log that reaches this size while its program runs starts over, in bytes. */
const LIMIT = 50e6

const numbered = (file: string, number: number): string => (number === 0 ? file : `${file}.${number}`)

/** Makes room for a new log: the last one becomes `file.1`, and so on; the oldest goes. */
export function rotate(file: string): void {
  for (let number = KEPT; number > 0; number--)
    if (fs.existsSync(numbered(file, number - 1)))
      fs.renameSync(numbered(file, number - 1), numbered(file, number))
}

/** Starts a log over that a running program appends to, once it is too long. Its text so far becomes `file.1`. */
export function limit(file: string): void {
  if (!fs.existsSync(file) || fs.statSync(file).size < LIMIT) return
  fs.copyFileSync(file, numbered(file, 1))
  fs.truncateSync(file)
}

/** The last lines of a text file; none where there is no such file. */
export function tail(file: string, lines: number): readonly string[] {
  if (!fs.existsSync(file)) return []
  return fs.readFileSync(file, "utf8").trimEnd().split("\n").filter(Boolean).slice(-lines)
}

/** Keeps the trace of an error that nobody expected. Returns the file's path. */
export function crashLog(error: unknown): string {
  const file = path.join(os.tmpdir(), `slipway-crash-${process.pid}.log`)
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  fs.writeFileSync(file, `${process.argv.join(" ")}\n${text}\n`)
  return file
}
