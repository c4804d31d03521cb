import { split } from "./args.js"
import { run } from "./commands/index.js"
import { HostFault } from "./fault.js"
import { crashLog } from "./logs.js"

const isHelp = (word: string): boolean => word === "--help" || word === "-h"

/** `slipway deploy --help` is `slipway help deploy`, and `slipway --version` is `slipway version`. For `slipway call … --help`, the client answers. */
function withHelp(line: readonly string[]): readonly string[] {
  if (line[0] === "--version") return ["version"]
  const [own] = split(line)
  if (line[0] === "call" || !own.some(isHelp)) return line
  return ["help", ...own.filter((word) => !word.startsWith("-"))]
}

try {
  process.exitCode = await run(withHelp(process.argv.slice(2)))
} catch (error) {
  const fault = error instanceof HostFault ? error : internalFault(error)
  process.stderr.write(`${fault.render()}\n`)
  process.exitCode = fault.exitCode
}

function internalFault(error: unknown): HostFault {
  const message = error instanceof Error ? error.message : String(error)
  return new HostFault(
    "internal",
    `a fault in Slipway itself: ${message}`,
    "report it and attach the log",
    crashLog(error),
  )
}
