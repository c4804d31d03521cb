/** What every step on ECS receives. */
import type { Aws } from "../aws/clients.ts"
import type { Cluster } from "../aws/services.ts"
import type { Clock } from "../core/clock.ts"
import type { RunContext } from "../core/context.ts"

/** What the steps of a run on ECS share. */
export interface Context extends RunContext {
  readonly aws: Aws
  readonly cluster: Cluster
}

/** Returns the context with another clock. */
export const withClock = (context: Context, clock: Clock): Context => ({
  ...context,
  clock,
  cluster: { ...context.cluster, clock },
})
