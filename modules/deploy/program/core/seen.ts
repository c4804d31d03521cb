/** What decisions are made from. */
import type { Leaving } from "./leaving.ts"
import type { Done, StepName } from "./step.ts"

/** What a service runs. */
export interface ServiceNow {
  readonly revision: string
  /** Whether nothing changes it. */
  readonly steady: boolean
}

/** How a step ended; a bad release with its likely cause. */
export type Last =
  | Done
  | { readonly bad: string; readonly cause: string | null; readonly fixes: readonly string[] }

/** What this run has seen so far. */
export interface Seen {
  readonly now: number
  /** Whether the request's release is open in this run. */
  readonly open: boolean
  /** Steps of this run that are over. */
  readonly passed: ReadonlySet<StepName>
  readonly last: Last | null
  /** What a rollback was to leave when the run began, before it waited for the lease; null: nothing was live. */
  readonly leaves: Leaving | null
  /** People whose approval the gate counted. */
  readonly approvers: readonly string[]
  /** Services by name; null: not looked yet. */
  readonly services: Readonly<Record<string, ServiceNow>> | null
}
