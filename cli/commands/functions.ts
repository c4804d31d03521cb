import * as fs from "node:fs"
import { repository } from "../../engine/host/repository.js"
import { usage } from "../args.js"
import { parseCall } from "../module/call.js"
import { moduleDescription } from "../module/load.js"
import { passThrough } from "../passthrough.js"
import { requestOptions } from "../request.js"
import { storeOf, withStore } from "../results.js"
import { openSession, withSlowImages } from "../session.js"
import type { Command } from "./command.js"

const isFolder = (word: string): boolean =>
  fs.statSync(word, { throwIfNoEntry: false })?.isDirectory() ?? false

/** Has tools built that take minutes. A function called by name does so anyway; the whole check leaves them out. */
const MAKE = "--make"
const WHOLE_CHECK = "report"

/**
 * Calls a function of the module with an app's folder, git history and run context.
 *
 * @param line the function's words, the folder, options: see {@link parseCall}.
 * @param onOutput gets what the function returns, which is printed otherwise.
 * @returns the exit code.
 */
export async function callFunction(
  line: readonly string[],
  onOutput?: (chunk: Buffer) => void,
): Promise<number> {
  const rest = line.filter((word) => word !== MAKE)
  const { folder, options, words } = parseCall(await moduleDescription(), rest, isFolder)
  const app = folder ?? "."
  const own = options.some((word) => /^--(source|results|results-login)(=|$)/.test(word))
  const store = own ? null : storeOf(app, {})
  const session = withStore(await openSession(), store)
  const makes = words[0] !== WHOLE_CHECK || rest.length < line.length
  const call = [
    "call",
    "-m",
    repository(),
    ...requestOptions(app, [...(store?.options ?? []), ...options]),
    ...words,
  ]
  return withSlowImages(session, makes, () => passThrough(session, call, onOutput))
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
