import * as fs from "node:fs"
import { usage } from "../args.js"
import { parseCall } from "../module/call.js"
import { moduleDescription } from "../module/load.js"
import { passThrough } from "../passthrough.js"
import { repository } from "../repository.js"
import { requestOptions } from "../request.js"
import { openSession } from "../session.js"
import type { Command } from "./command.js"

const isFolder = (word: string): boolean =>
  fs.statSync(word, { throwIfNoEntry: false })?.isDirectory() ?? false

/**
 * Calls a function of the module with an app's folder, git history and run context.
 *
 * @param line the function's words, the folder, options: see {@link parseCall}.
 * @returns the exit code.
 */
export async function callFunction(line: readonly string[]): Promise<number> {
  const { folder, options, words } = parseCall(await moduleDescription(), line, isFolder)
  const hasSource = options.some((word) => /^--source(=|$)/.test(word))
  const source = hasSource ? [] : requestOptions(folder ?? ".")
  return passThrough(await openSession(), ["call", "-m", repository(), ...source, ...options, ...words])
}

/** A command of the dagger client, on this module. */
const raw = (name: string, help: string, details: readonly string[]): Command => ({
  name,
  group: "Dagger",
  help,
  usage: [`${name} [ARGUMENTS]`],
  details,
  async run(args) {
    return passThrough(await openSession(), [name, "-m", repository(), ...args])
  },
})

const check: Command = {
  name: "check",
  group: "Dagger",
  help: "runs `dagger check` in an app whose dagger.json names Slipway",
  usage: ["check [ARGUMENTS]"],
  async run(args) {
    if (!fs.existsSync("dagger.json"))
      throw usage("check: no dagger.json in this folder. `slipway ci` works without one", "check")
    return passThrough(await openSession(), ["check", ...args])
  },
}

/** The commands of the dagger client that run on this module. */
export const daggerCommands: readonly Command[] = [
  raw("call", "runs `dagger call` on the module", [
    "No folder, git history or run context is added: pass `--source` and `--run` where a function needs them.",
  ]),
  raw("functions", "runs `dagger functions` on the module", []),
  check,
]
