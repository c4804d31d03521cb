import { type Env, titleOf } from "./found.js"
import type { Runs } from "./scripts.js"

/** One run of tests in the team's CI, as far as it decides what they do. */
export interface Entry {
  readonly runs: Runs
  readonly env: Env
  /** The variables whose value only the vendor knows. */
  readonly unknown: readonly string[]
  /** The images of its services, without their versions. */
  readonly services: readonly string[]
}

/** Names of variables whose values are not shown. */
const SECRET = /PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|DSN/i
/** Values that fit into the name of a stage. */
const SHORT = /^[\w./+-]{1,24}(?: ?[\w./+=-]{1,24})?$/

/** Variables that a name shows. */
const SHOWN = 2

/**
 * Returns how an environment differs from the usual one, in a few words: `TZ=Asia/Tokyo`. Of several variables, those that
 * no other environment has so; of none, its services, else its job.
 *
 * @param all the environments that it must be told from.
 */
export function labelOf(entry: Entry, usual: Entry, all: readonly Entry[] = []): string {
  const lost = entry.unknown.filter((name) => !usual.unknown.includes(name))
  if (lost.length > 0) return lost.join(", ")
  const others = all.filter((one) => one !== entry)
  const names = [...Object.keys(entry.env), ...Object.keys(usual.env)]
  const apart = [...new Set(names)].filter((name) => entry.env[name] !== usual.env[name])
  const shown = apart.flatMap((name): readonly (readonly [string, string])[] => {
    const value = entry.env[name]
    if (value === undefined) return [[name, `no ${name}`]]
    return SECRET.test(name) || !SHORT.test(value) ? [] : [[name, `${name}=${value}`]]
  })
  const own = shown.find(([name]) => others.every(({ env }) => env[name] !== entry.env[name]))
  if (own !== undefined) return own[1]
  if (shown.length > 0)
    return shown
      .slice(0, SHOWN)
      .map(([, text]) => text)
      .join(" ")
  const services = entry.runs.job.services.filter(
    (one) => !usual.runs.job.services.some(({ image }) => image === one.image),
  )
  return services.length > 0 ? services.map(titleOf).join(" and ") : entry.runs.job.name
}
