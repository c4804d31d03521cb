import { isMainThread } from "node:worker_threads"
import { Fault } from "../ci/src/run/fault.js"
import { CAUSES } from "../ci/src/settings.js"
import { HostFault } from "../engine/host/fault.js"
import { crashLog } from "../engine/host/logs.js"
import { split } from "./args.js"
import { run } from "./commands/index.js"
import type { Explanation } from "./explain.js"
import { CommandFault, exitCodeOf } from "./fault.js"
import { readShare } from "./metrics/threads.js"

const isHelp = (word: string): boolean => word === "--help" || word === "-h"

/** `slipway deploy --help` is `slipway help deploy`, and `slipway --version` is `slipway version`. For `slipway call … --help`, the client answers. */
function withHelp(line: readonly string[]): readonly string[] {
  if (line[0] === "--version") return ["version"]
  const [own] = split(line)
  if (line[0] === "call" || !own.some(isHelp)) return line
  return ["help", ...own.filter((word) => !word.startsWith("-"))]
}

try {
  process.exitCode = isMainThread ? await run(withHelp(process.argv.slice(2))) : readShare()
} catch (error) {
  const { text, exitCode } = explained(error)
  process.stderr.write(`${text}\n`)
  process.exitCode = exitCode
}

/** Explains why a command ended. A fault of the app, such as an invalid slipway.yaml, has the exit code of its cause. */
function explained(error: unknown): Explanation {
  if (error instanceof Fault) return { text: `slipway: ${error.message}`, exitCode: CAUSES[error.code].code }
  const isFault = error instanceof HostFault || error instanceof CommandFault
  const fault = isFault ? error : internalFault(error)
  return { text: fault.render(), exitCode: exitCodeOf(fault) }
}

function internalFault(error: unknown): CommandFault {
  const message = error instanceof Error ? error.message : String(error)
  return new CommandFault(
    "internal",
    `a fault in Slipway itself: ${message}`,
    "report it and attach the log",
    crashLog(error),
  )
}
