import type { Config } from "../config/config.js"
import { Fault } from "../run/fault.js"
import { type Action, environmentOf } from "./request.js"
import type { Waves } from "./waves.js"

/** Actions that go over waves. The others are about one environment. */
const OVER: ReadonlySet<Action> = new Set(["deploy", "plan", "status", "health"])

/** What of a call is about one environment. */
interface Options {
  readonly env: string
  readonly action: Action
  readonly answer?: string
  readonly infrastructure?: unknown
  readonly repair?: boolean
}

/**
 * Returns the waves that a call names; null: it names an environment.
 *
 * @throws {Fault} `configuration` for waves that do not fit the environments, or a call that is about one environment.
 */
export function wavesOf(
  config: Config,
  { env, action, answer, infrastructure, repair }: Options,
): Waves | null {
  const waves = Object.hasOwn(config.waves, env) ? config.waves[env] : undefined
  if (waves === undefined) return null
  for (const name of waves.order.flat()) environmentOf(config, name)
  const all = waves.order.flat().join(", ")
  const refuse = (what: string, fix: string): never => {
    throw new Fault("configuration", { what, where: "slipway.yaml", fix })
  }
  if (Object.hasOwn(config.environments, env))
    return refuse(`waves.${env} has the name of an environment`, "give the waves another name")
  if (!OVER.has(action) || answer || infrastructure !== undefined || repair)
    return refuse(
      `waves.${env} is several environments, and this is about one`,
      `name one of ${all}; then run the waves again`,
    )
  return waves
}
