import type { Config } from "../config/config.js"
import { Fault } from "../run/fault.js"
import type { Action } from "./request.js"
import type { Waves } from "./waves.js"

/** Actions that go over waves. The others are about one environment. */
const OVER: ReadonlySet<Action> = new Set(["deploy", "plan", "status", "health", "rollback"])

/** What of a call is about one environment. */
interface Options {
  readonly env: string
  readonly action: Action
  readonly answer?: string
  readonly infrastructure?: unknown
  readonly repair?: boolean
  readonly to?: number
  readonly app?: boolean
}

/**
 * Returns the waves that a call names; null: it names an environment.
 *
 * @throws {Fault} `configuration` for a call that is about one environment.
 */
export function wavesOf({ waves: named }: Pick<Config, "waves">, options: Options): Waves | null {
  const { env, action, answer, infrastructure, repair, to, app } = options
  const waves = Object.hasOwn(named, env) ? named[env] : undefined
  if (waves === undefined) return null
  if (OVER.has(action) && !answer && infrastructure === undefined && !repair && !to && !app) return waves
  throw new Fault("configuration", {
    what: `waves.${env} is several environments, and this is about one`,
    where: "slipway.yaml",
    fix: `name one of ${waves.order.flat().join(", ")}; then run the waves again`,
  })
}
