import { oneLine, stripAnsi } from "../ci/src/formats/clean.js"
import { HostFault } from "./host/fault.js"
import { hostProgram } from "./host-program.js"
import type { HostProgram, Recipe } from "./recipes/index.js"
import { mark, marked, unmark } from "./users.js"

/** Has pulls make images that take minutes, instead of refusing them, until `body` has ended. */
export async function makingOnDemand<T>(body: () => Promise<T>): Promise<T> {
  mark("makes")
  try {
    return await body()
  } finally {
    unmark("makes")
  }
}

/** Returns why the engine does not make an image now, with what to do; null where it does. */
export function refusal({ name, seconds, onDemand, standIn: { host } }: Recipe): string | null {
  if (host) return missingOnHost(host)
  if (!onDemand || marked("makes").length > 0) return null
  const short = name.split("/").at(-1)
  return `${short} is not built on this engine. Build it once (about ${Math.ceil(seconds / 60)} min): \`./slipway engine make ${short}\``
}

/** What stands before a line of a container in the engine's progress: `12  : ┆ [24.8s] | `. */
const PROGRESS = /^\d+ +: (?:┆ )?(?:\[[\d.]+s\] *\| )?/
/** How package managers name an error, with more than its code. */
const TOOLS_ERROR = /^(?:npm (?:error|ERR!) (?!code |A complete log|\s*$)|E: |ERROR: |error: )\S/

/** Returns the line of a making's output that says why it failed: a package manager's, else the command's own. */
export function whyNotMade(output: string): string {
  const lines = stripAnsi(output)
    .split("\n")
    .map((line) => line.replace(PROGRESS, "").trim())
    .filter((line) => line !== "")
  const own = lines.find((line) => line.startsWith("slipway: "))
  const why = lines.find((line) => TOOLS_ERROR.test(line)) ?? own ?? lines.slice(-3).join(" ")
  return oneLine(why.replace(/^slipway: (?:a fault in Slipway itself: )?/, ""))
}

function missingOnHost(program: HostProgram): string | null {
  try {
    hostProgram(program)
    return null
  } catch (error) {
    if (!(error instanceof HostFault)) throw error
    return [error.message, error.fix].filter(Boolean).join(": ")
  }
}
