import { HostFault } from "../cli/fault.js"
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

function missingOnHost(program: HostProgram): string | null {
  try {
    hostProgram(program)
    return null
  } catch (error) {
    if (!(error instanceof HostFault)) throw error
    return [error.message, error.fix].filter(Boolean).join(": ")
  }
}
