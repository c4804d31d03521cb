/** Tells the deaths of tasks that speak against a release from ends that do not. */
import type { Task } from "@aws-sdk/client-ecs"

/** Ends of tasks that the release did not cause: scale-in, a person's stop, a reclaimed Spot or container instance. */
const INNOCENT = new Set([
  "ServiceSchedulerInitiated",
  "UserInitiated",
  "SpotInterruption",
  "TerminationNotice",
])

/** A task that ECS stops because its health checks fail has died, whoever stopped it. */
export const isDeath = ({ stopCode, stoppedReason = "" }: Task): boolean =>
  !INNOCENT.has(stopCode ?? "") || /health check/.test(stoppedReason)

/** Of several tasks, a single death may be chance. */
const FEWEST = 2
const SHARE = 0.1

/**
 * Returns how many deaths make a release bad: one in ten tasks, and at least two; of a service's only task, its first, as
 * nobody was served then. ECS's circuit breaker counts them no more.
 */
export const deathsThatCount = (desired: number): number =>
  desired === 1 ? 1 : Math.max(FEWEST, Math.ceil(desired * SHARE))
