/** A task, as the simulator keeps it. Times are milliseconds since 1970. */
import type { Fields } from "./fields.ts"

export type TaskStatus =
  | "PROVISIONING"
  | "PENDING"
  | "ACTIVATING"
  | "RUNNING"
  | "DEACTIVATING"
  | "STOPPING"
  | "DEPROVISIONING"
  | "STOPPED"

export interface Container {
  readonly name: string
  readonly image: string
  readonly digest: string | null
  readonly exitCode: number | null
  readonly reason: string | null
}

/** One step of a task's way, with the time at which it is taken. */
export interface Step {
  readonly at: number
  readonly to: TaskStatus | "HEALTHY" | "UNHEALTHY" | "ENDED" | "NEVER_STARTED"
  /** With ENDED: the exit codes of its containers. With NEVER_STARTED: why. */
  readonly exitCodes?: Readonly<Record<string, number>>
  readonly reason?: string
}

export interface Task {
  readonly arn: string
  readonly id: string
  /** `service:api` or `family:migrate`. */
  readonly group: string
  /** The service's deployment that started it, or what RunTask was given. */
  readonly startedBy: string | null
  readonly service: string | null
  /** The deployment that it now counts for: a rollback takes over what still runs of the revision. */
  readonly deployment: string | null
  readonly taskDefinition: string
  readonly status: TaskStatus
  readonly wanted: "RUNNING" | "STOPPED"
  readonly health: "UNKNOWN" | "HEALTHY" | "UNHEALTHY"
  readonly createdAt: number
  readonly pullStartedAt: number | null
  readonly pullStoppedAt: number | null
  readonly startedAt: number | null
  readonly stoppingAt: number | null
  readonly stoppedAt: number | null
  readonly visibleAt: number
  readonly stopCode: string | null
  readonly stoppedReason: string | null
  readonly containers: readonly Container[]
  readonly plan: readonly Step[]
  readonly targetGroup: string | null
  readonly ip: string
  readonly overrides: Fields
  readonly tags: readonly Fields[]
  readonly clientToken: string | null
  /** It failed by itself, and the scheduler has not yet taken note. */
  readonly failedUnseen: boolean
  /** Its command runs for real: only the end of the process moves it on. */
  readonly executes: boolean
}
