import * as fs from "node:fs"
import * as path from "node:path"
import { HostFault } from "../cli/fault.js"
import { hostProgram } from "./host-program.js"
import { layout } from "./layout.js"
import type { HostProgram, Recipe } from "./recipes/index.js"
import { processStart } from "./running.js"

/** A file of this name says that a process wants images made that take minutes: its contents are when it started. */
const fileOf = (pid: number): string => path.join(layout().run, `makes-${pid}`)

/** Has pulls make images that take minutes, instead of refusing them, until `body` has ended. */
export async function makingOnDemand<T>(body: () => Promise<T>): Promise<T> {
  fs.writeFileSync(fileOf(process.pid), processStart(process.pid) ?? "")
  try {
    return await body()
  } finally {
    fs.rmSync(fileOf(process.pid), { force: true })
  }
}

/** True while a process wants it. One that was killed left its file. */
function isWanted(): boolean {
  return fs.readdirSync(layout().run).some((name) => {
    const pid = Number(/^makes-(\d+)$/.exec(name)?.[1])
    return Number.isInteger(pid) && processStart(pid) === fs.readFileSync(fileOf(pid), "utf8")
  })
}

/** Returns why the engine does not make an image now, with what to do; null where it does. */
export function refusal({ name, seconds, onDemand, standIn: { host } }: Recipe): string | null {
  if (host) return missingOnHost(host)
  if (!onDemand || isWanted()) return null
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
