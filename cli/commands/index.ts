import { split } from "../args.js"
import { innerFunctions, type ModuleDescription, mainFunctions } from "../module/description.js"
import { moduleDescription } from "../module/load.js"
import { approvals } from "./approvals.js"
import { approve } from "./approve.js"
import { ci } from "./ci.js"
import type { Command } from "./command.js"
import { completionOf } from "./completion.js"
import { doctor } from "./doctor.js"
import { durations } from "./durations.js"
import { engine } from "./engine.js"
import { env } from "./env.js"
import { callFunction, daggerCommands } from "./functions.js"
import { helpOn, unknown } from "./help.js"
import { init } from "./init.js"
import { merge } from "./merge.js"
import { metrics } from "./metrics.js"
import { mirror } from "./mirror.js"
import { notify } from "./notify.js"
import { release } from "./release.js"
import { shell } from "./shell.js"
import { test } from "./test.js"
import { version } from "./version.js"
import { wrappers } from "./wrappers.js"

const others: readonly Command[] = [
  ci,
  shell,
  merge,
  durations,
  init,
  wrappers,
  mirror,
  metrics,
  notify,
  release,
  approve,
  approvals,
  ...daggerCommands,
  env,
  engine,
  doctor,
  version,
  test,
]

const completion = completionOf(() => commands)

/** Every command of its own, in the order of the help. Functions of the module are commands as well. */
export const commands: readonly Command[] = [...others, completion, helpOn([...others, completion])]

/**
 * Runs a command line: a command, or else a function of the module.
 *
 * @returns the exit code.
 * @throws CommandFault `usage` for an unknown word.
 */
export async function run(line: readonly string[]): Promise<number> {
  const [name = "help", ...args] = line
  const command = commands.find((candidate) => candidate.name === name)
  if (command && command !== test) return command.run(args)
  const module = await moduleDescription()
  if (isFunction(module, line)) return callFunction(line)
  if (command) return command.run(args)
  throw unknown(name, commands, module)
}

/** True for a function of the module; for a name that is also a command's, only with one of its functions. */
export function isFunction(module: ModuleDescription, [name = "", ...args]: readonly string[]): boolean {
  const found = mainFunctions(module).find((one) => one.name === name)
  if (!found || !commands.some((command) => command.name === name)) return found !== undefined
  const inner = innerFunctions(module, found).map((one) => one.name)
  const [own] = split(args)
  // `slipway test rare load` names a suite of Slipway's own tests, as `slipway test load` a function.
  return own[0] !== "rare" && own.some((word) => inner.includes(word))
}
