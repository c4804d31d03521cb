import { DAGGER_VERSION } from "./binaries.js"
import { ask, findCommand } from "./commands.js"
import { findRuntime, type Runtime } from "./runtime.js"

/** The dagger command on the PATH. */
export interface Dagger {
  readonly path: string
  readonly version: string
  /** The image that it starts its engine from; null where it names none. */
  readonly image: string | null
}

/** What this machine has, as far as the choice of an engine needs it. */
export interface Offer {
  /** `$_EXPERIMENTAL_DAGGER_RUNNER_HOST`, or null. */
  readonly address: string | null
  readonly dagger: Dagger | null
  readonly runtime: Runtime | null
}

/** The engine to use, and the reason: "using …: because …". */
export type Choice = { readonly because: string; readonly warning: string | null } & (
  | { readonly kind: "named"; readonly address: string }
  | { readonly kind: "stock"; readonly dagger: Dagger; readonly runtime: Runtime }
  | { readonly kind: "embedded" }
)

const embedded = (because: string, warning: string | null): Choice => ({ kind: "embedded", because, warning })

/** Chooses the engine: the named one, else the stock one where it can run, else the embedded one. */
export function choose({ address, dagger, runtime }: Offer): Choice {
  if (address) {
    const because = `_EXPERIMENTAL_DAGGER_RUNNER_HOST is ${address}`
    return { kind: "named", address, because, warning: null }
  }
  if (!dagger) return embedded("dagger is not on the PATH", null)
  if (dagger.version !== DAGGER_VERSION)
    return embedded(`${dagger.path} is ${dagger.version}, not ${DAGGER_VERSION}`, DAGGER_FIX)
  if (!runtime) return embedded("no container runtime is on the PATH", null)
  if (runtime.fitness === "unfit") return embedded(runtime.text, runtime.fix)
  return {
    kind: "stock",
    dagger,
    runtime,
    because: `dagger ${dagger.version} and ${runtime.text}`,
    warning: runtime.fitness === "risky" ? runtime.fix : null,
  }
}

/** The fix for a dagger command of another version. */
export const DAGGER_FIX = `install dagger ${DAGGER_VERSION} to use the stock engine`

const NAMES = {
  named: "the engine that you named",
  stock: "the stock engine",
  embedded: "the embedded engine",
} as const

/** Describes the choice in one line. */
export const describe = (choice: Choice): string => `using ${NAMES[choice.kind]}: because ${choice.because}`

/**
 * Inspects this machine for {@link choose}, no further than the choice needs.
 *
 * @param without a folder of the PATH that is ignored: the one of the wrapper from `slipway env`.
 */
export async function probe(env: NodeJS.ProcessEnv, without: string): Promise<Offer> {
  const address = env._EXPERIMENTAL_DAGGER_RUNNER_HOST || null
  const dagger = address ? null : await findDagger(env, without)
  const runtime = dagger?.version === DAGGER_VERSION ? await findRuntime(env) : null
  return { address, dagger, runtime }
}

/** Finds the dagger command on the PATH; null without one. */
export async function findDagger(env: NodeJS.ProcessEnv, without: string): Promise<Dagger | null> {
  const file = findCommand("dagger", env.PATH ?? "", without)
  return file === null ? null : readDagger(file, (await ask(file, ["version"], env)).stdout)
}

/** Reads the output of `dagger version`. */
export function readDagger(file: string, output: string): Dagger {
  const [, version = "of an unknown version"] = /^dagger (v\S+)/m.exec(output) ?? []
  const [, image = null] = /\((?:docker-)?image:\/\/([^)]+)\)/.exec(output) ?? []
  return { path: file, version, image }
}
