import { commands } from "./commands.js"
import { HostFault } from "./fault.js"

const [name = "help", ...args] = process.argv.slice(2)
try {
  process.exitCode = await commands(name, args)
} catch (error) {
  if (!(error instanceof HostFault)) throw error
  process.stderr.write(`${error.render()}\n`)
  process.exitCode = error.exitCode
}
