import { find } from "./commands/help.js"
import { commands } from "./commands/index.js"
import { HostFault } from "./fault.js"
import { crashLog } from "./logs.js"

const ALIASES: Readonly<Record<string, string>> = { "--help": "help", "-h": "help" }

const [given = "help", ...args] = process.argv.slice(2)
try {
  const asksHelp = given !== "call" && (args[0] === "--help" || args[0] === "-h")
  const [name, ...rest] = asksHelp ? ["help", given] : [ALIASES[given] ?? given, ...args]
  process.exitCode = await find(commands, name).run(rest)
} catch (error) {
  const fault = error instanceof HostFault ? error : ownFault(error)
  process.stderr.write(`${fault.render()}\n`)
  process.exitCode = fault.exitCode
}

function ownFault(error: unknown): HostFault {
  const said = error instanceof Error ? error.message : String(error)
  return new HostFault(
    "internal",
    `a fault of Slipway's own: ${said}`,
    "please report it, with the log",
    crashLog(error),
  )
}
