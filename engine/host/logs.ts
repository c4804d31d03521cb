import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

/** Number of earlier logs that are kept. */
const KEPT = 4

/** Bytes at which a log of a running program starts over. */
const LIMIT = 50e6

const numbered = (file: string, number: number): string => (number === 0 ? file : `${file}.${number}`)

/** Renames the last log to `file.1`, that one to `file.2`, and so on. Deletes the oldest. */
export function rotate(file: string): void {
  for (let number = KEPT; number > 0; number--)
    if (fs.existsSync(numbered(file, number - 1)))
      fs.renameSync(numbered(file, number - 1), numbered(file, number))
}

/** Starts a log over that a running program appends to, once it is too long. Copies its text to `file.1`. */
export function limit(file: string): void {
  if (!fs.existsSync(file) || fs.statSync(file).size < LIMIT) return
  fs.copyFileSync(file, numbered(file, 1))
  fs.truncateSync(file)
}

/** Returns the last non-empty lines of a text file; none for a missing file. */
export function tail(file: string, lines: number): readonly string[] {
  if (!fs.existsSync(file)) return []
  return fs.readFileSync(file, "utf8").trimEnd().split("\n").filter(Boolean).slice(-lines)
}

/** Writes the stack trace of an unexpected error to a file and returns its path. */
export function crashLog(error: unknown): string {
  const file = path.join(os.tmpdir(), `slipway-crash-${process.pid}.log`)
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  fs.writeFileSync(file, `${process.argv.join(" ")}\n${text}\n`)
  return file
}
