import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { $, type ProcessOutput, type ProcessPromise } from "zx"
import { home } from "../../engine/host/home.js"
import { repository } from "../../engine/host/repository.js"

/** A state folder of its own, as a machine has that ran Slipway before, and the launcher on it. */
export interface Machine {
  readonly home: string
  /** Runs the launcher; never throws. */
  readonly slipway: (args: readonly string[], env?: NodeJS.ProcessEnv) => ProcessPromise
  /** Stops its engine and takes its state away. */
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** What the launcher runs, for tests that signal it: a shell between would take the signal. */
export const launcher = path.join(repository(), "slipway")

const PARTS = /^(binaries|engine-root|base-root|debian-tools|sdk)-[0-9a-f]+$/

/** Whole parts of today's Slipway, linked from this machine's own state folder. */
const partNames = (): readonly string[] =>
  fs
    .readdirSync(home())
    .filter((name) => PARTS.test(name) && fs.existsSync(path.join(home(), name, ".whole.json")))

/**
 * A machine for a test.
 *
 * @param options.parts whether what a first start builds is there already.
 * @param options.images whether the images that were made so far are there as well.
 */
export async function machine(
  options: { readonly parts?: boolean; readonly images?: boolean } = {},
): Promise<Machine> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-install-"))
  if (options.parts !== false) for (const name of partNames()) await link(path.join(home(), name), folder)
  if (options.images) {
    fs.mkdirSync(path.join(folder, "engine"))
    for (const name of ["registry", "images"])
      if (fs.existsSync(path.join(home(), "engine", name)))
        await link(path.join(home(), "engine", name), path.join(folder, "engine"))
  }
  const slipway = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    $({
      nothrow: true,
      quiet: true,
      env: { ...plainEnvironment(), SLIPWAY_HOME: folder, ...env },
    })`${launcher} ${args}`
  return {
    home: folder,
    slipway,
    async [Symbol.asyncDispose]() {
      await slipway(["engine", "stop"])
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Hard links: nothing but time stamps is shared that a test could change, as long as it replaces files. */
const link = (from: string, into: string): Promise<ProcessOutput> =>
  $({ quiet: true })`cp -al ${from} ${into}/ 2>/dev/null || cp -a ${from} ${into}/`

/** This process's environment without what would name another engine. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const hidden = ["_EXPERIMENTAL_DAGGER_RUNNER_HOST", "_EXPERIMENTAL_DAGGER_CLI_BIN", "DAGGER_SESSION_PORT"]
  const shown = Object.entries(process.env).filter(([name]) => !hidden.includes(name))
  // A first shell whose input is a socket, as Node's pipes are, takes itself for a remote one and reads ~/.bashrc.
  return { ...Object.fromEntries(shown), SHLVL: "2" }
}

/** Sends a query to the engine of a machine, through the wrapper that `slipway env` makes. Never throws. */
export async function query({ home: folder, slipway }: Machine, text: string): Promise<ProcessOutput> {
  await slipway(["env"])
  const options = { nothrow: true, quiet: true, env: plainEnvironment(), cwd: folder, input: text }
  return await $(options)`${folder}/bin/dagger query --no-mod`
}

/** The version that the engine of a machine says it has. */
export const version = async (own: Machine): Promise<string> => (await query(own, "{version}")).stdout.trim()

/** A folder for the PATH with every command of this one but some, which may be replaced by shell scripts. */
export function commandsWithout(folder: string, without: Readonly<Record<string, string | null>>): string {
  fs.mkdirSync(folder, { recursive: true })
  for (const from of (process.env.PATH ?? "").split(path.delimiter).filter((name) => fs.existsSync(name)))
    for (const name of fs.readdirSync(from))
      if (!(name in without) && !fs.existsSync(path.join(folder, name)))
        fs.symlinkSync(path.join(from, name), path.join(folder, name))
  for (const [name, script] of Object.entries(without))
    if (script !== null) fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return folder
}
