import { stripAnsi } from "../ci/src/formats/clean.js"
import { CAUSES } from "../ci/src/settings.js"
import type { Ended } from "./client.js"

/** Why Dagger gave no result, for a person, and the exit code that says so. */
export interface Explanation {
  readonly text: string
  readonly exitCode: number
}

/** What Dagger's plain progress puts before a line of its own: `12  : ┆ [0.1s] | `. */
const PREFIX = /^\s*(?:\d+\s*:\s*)?(?:┆\s*)*(?:\[[\d.]+s\]\s*)?(?:\|\s)?/

/** What the client adds to an error for tracing. */
const TRACE = /\s*\[traceparent:[^\]]*\]/g

const FAULT_FIX = "To fix it: "
const RUN_CODES: ReadonlySet<number> = new Set(Object.values(CAUSES).map(({ code }) => code))
/** The host side's code for a Dagger that failed for a reason that the module did not name. */
const UNEXPLAINED = 34
const SHOWN_LINES = 12

/** Finds the cause in the client's last lines: the module's own words where it said some, else Dagger's error. */
export function explain({ code, tail }: Ended): Explanation {
  const lines = tail.map((line) => stripAnsi(line).replace(PREFIX, "").replace(TRACE, "").trimEnd())
  const own = faultLines(lines)
  const exitCode = code !== 0 && RUN_CODES.has(code) ? code : UNEXPLAINED
  if (own)
    return {
      text: `slipway: ${own.join("\n  ")}`,
      exitCode: exitCode === UNEXPLAINED ? CAUSES.errored.code : exitCode,
    }
  const [first = `dagger ended with exit code ${code} and said nothing`, ...rest] = errorLines(lines)
  return {
    text: [`slipway: dagger failed: ${first}`, ...rest.map((line) => `  ${line}`)].join("\n"),
    exitCode,
  }
}

/** The last explanation of the module: from its `what` to its `To fix it:`. */
function faultLines(lines: readonly string[]): readonly string[] | null {
  const end = lines.findLastIndex((line) => line.startsWith(FAULT_FIX))
  if (end === -1) return null
  const before = lines.slice(0, end)
  const start = before.findLastIndex((line) => line === "" || /^(!|Error:|✘|Error logs:)/.test(line))
  const said = before.slice(/^(!|Error:)/.test(before[start] ?? "") ? start : start + 1)
  return [...said.map((line) => line.replace(/^(!|Error:)\s*/, "")), lines[end] ?? ""].filter(
    (line) => line !== "",
  )
}

/** From the last line that Dagger calls an error; or the last lines. */
function errorLines(lines: readonly string[]): readonly string[] {
  const said = lines.filter((line) => line !== "")
  const at = said.findLastIndex((line) => /^(!|Error:)/.test(line))
  const shown = at === -1 ? said.slice(-5) : said.slice(at, at + SHOWN_LINES)
  return shown.map((line) => line.replace(/^(!|Error:)\s*/, ""))
}
