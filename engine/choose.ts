import { execFile } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { DAGGER_VERSION } from "./binaries.js"

/** What this machine has, as far as the choice of an engine needs it. */
export interface Offer {
  /** `$_EXPERIMENTAL_DAGGER_RUNNER_HOST`, or null. */
  readonly address: string | null
  /** The dagger command on the PATH and its version. */
  readonly dagger: { readonly path: string; readonly version: string } | null
  /** The container runtime that answers, or null. */
  readonly runtime: string | null
}

/** The engine to use, and the reason: "using …: because …". */
export type Choice =
  | { readonly kind: "named"; readonly address: string; readonly because: string }
  | { readonly kind: "stock"; readonly dagger: string; readonly because: string }
  | { readonly kind: "embedded"; readonly because: string; readonly warning: string | null }

/** Chooses the engine: the named one, else the stock one where it can run, else the embedded one. */
export function choose({ address, dagger, runtime }: Offer): Choice {
  if (address) return { kind: "named", address, because: `_EXPERIMENTAL_DAGGER_RUNNER_HOST is ${address}` }
  if (!dagger) return { kind: "embedded", because: "dagger is not on the PATH", warning: null }
  if (dagger.version !== DAGGER_VERSION)
    return {
      kind: "embedded",
      because: `${dagger.path} is ${dagger.version}, not ${DAGGER_VERSION}`,
      warning: `install dagger ${DAGGER_VERSION} to use the stock engine`,
    }
  if (!runtime) return { kind: "embedded", because: "no container runtime answers", warning: null }
  return {
    kind: "stock",
    dagger: dagger.path,
    because: `dagger ${dagger.version} and ${runtime} are available`,
  }
}

const NAMES = {
  named: "the engine that you named",
  stock: "the stock engine",
  embedded: "the embedded engine",
} as const

/** Describes the choice in one line. */
export const describe = (choice: Choice): string => `using ${NAMES[choice.kind]}: because ${choice.because}`

/** The container runtimes that the stock client can start an engine with. */
const RUNTIMES = ["docker", "podman", "nerdctl"]

/** Milliseconds for a command to answer. */
const PATIENCE_MS = 3000

/**
 * Inspects this machine for {@link choose}.
 *
 * @param without a folder of the PATH that is ignored: the one of the wrapper from `slipway env`.
 */
export async function probe(env: NodeJS.ProcessEnv, without: string): Promise<Offer> {
  const address = env._EXPERIMENTAL_DAGGER_RUNNER_HOST || null
  const file = address ? null : findCommand("dagger", env.PATH ?? "", without)
  if (!file) return { address, dagger: null, runtime: null }
  const version = daggerVersion(await answerOf(file, ["version"], env)) ?? "of an unknown version"
  const runtime = version === DAGGER_VERSION ? await findRuntime(env) : null
  return { address, dagger: { path: file, version }, runtime }
}

/** Reads the version from the output of `dagger version`, or null. */
export function daggerVersion(output: string | null): string | null {
  return /^dagger (v\S+)/m.exec(output ?? "")?.[1] ?? null
}

/** Returns the path of a command on the PATH, or null. */
export function findCommand(name: string, search: string, without = ""): string | null {
  const folders = search
    .split(path.delimiter)
    .filter((folder) => folder !== "" && path.resolve(folder) !== without)
  return folders.map((folder) => path.join(folder, name)).find(isExecutable) ?? null
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

async function findRuntime(env: NodeJS.ProcessEnv): Promise<string | null> {
  const here = RUNTIMES.filter((name) => findCommand(name, env.PATH ?? "") !== null)
  const answers = await Promise.all(here.map((name) => answerOf(name, ["info"], env)))
  return here.find((_, index) => answers[index] !== null) ?? null
}

/** Returns the output of a command; null when it fails or times out. */
function answerOf(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { env, timeout: PATIENCE_MS, killSignal: "SIGKILL" } as const
    execFile(file, args, options, (error, stdout) => resolve(error ? null : stdout))
  })
}
