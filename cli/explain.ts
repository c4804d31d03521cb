import { stripAnsi } from "../ci/src/formats/clean.js"
import { CAUSES } from "../ci/src/settings.js"
import type { Ended } from "./client.js"
import { FAULT_CODES } from "./fault.js"

/** Why a run has no result, and its exit code. */
export interface Explanation {
  readonly text: string
  readonly exitCode: number
}

/** The prefix of a line in Dagger's plain progress: `12  : ┆ [0.1s] | `. */
const PREFIX = /^\s*(?:\d+\s*:\s*)?(?:┆\s*)*(?:\[[\d.]+s\]\s*)?(?:\|\s)?/

const FAULT_FIX = "To fix it: "
const RUN_CODES: ReadonlySet<number> = new Set(Object.values(CAUSES).map(({ code }) => code))
/** The exit code of a Dagger failure that the module did not explain. */
const UNEXPLAINED = FAULT_CODES["engine-failed"].code
const SHOWN_LINES = 12

/** Finds the cause in the client's last lines: the module's message, else Dagger's error. */
export function explain({ code, tail }: Ended): Explanation {
  const lines = tail.map((line) => stripAnsi(line).replace(PREFIX, "").trimEnd())
  const message = faultLines(lines)
  const exitCode = code !== 0 && RUN_CODES.has(code) ? code : UNEXPLAINED
  if (message)
    return {
      text: `slipway: ${message.join("\n  ")}`,
      exitCode: exitCode === UNEXPLAINED ? CAUSES.errored.code : exitCode,
    }
  const [first = `dagger exited with code ${code} and printed no error`, ...rest] = errorLines(lines)
  return {
    text: [`slipway: dagger failed: ${first}`, ...rest.map((line) => `  ${line}`)].join("\n"),
    exitCode,
  }
}

/** Returns the module's last message, from the problem to `To fix it:`, or null. */
function faultLines(lines: readonly string[]): readonly string[] | null {
  const end = lines.findLastIndex((line) => line.startsWith(FAULT_FIX))
  if (end === -1) return null
  const before = lines.slice(0, end)
  const start = before.findLastIndex((line) => line === "" || /^(!|Error:|✘|Error logs:)/.test(line))
  const problem = before.slice(/^(!|Error:)/.test(before[start] ?? "") ? start : start + 1)
  return [...problem.map((line) => line.replace(/^(!|Error:)\s*/, "")), lines[end] ?? ""].filter(
    (line) => line !== "",
  )
}

/** Returns the lines from Dagger's last error on; without one, the last lines. */
function errorLines(lines: readonly string[]): readonly string[] {
  const full = lines.filter((line) => line !== "")
  const at = full.findLastIndex((line) => /^(!|Error:)/.test(line))
  const shown = at === -1 ? full.slice(-5) : full.slice(at, at + SHOWN_LINES)
  return shown.map((line) => line.replace(/^(!|Error:)\s*/, ""))
}
