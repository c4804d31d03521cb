/** A task in the state. Times are milliseconds since the epoch. */
import type { Fields } from "./fields.ts"

/**
 * ECS's states of a task, in their order:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
export type TaskStatus =
  | "PROVISIONING"
  | "PENDING"
  | "ACTIVATING"
  | "RUNNING"
  | "DEACTIVATING"
  | "STOPPING"
  | "DEPROVISIONING"
  | "STOPPED"

/** A container of a task. It has an exit code once it has ended. */
export interface Container {
  readonly name: string
  readonly image: string
  readonly digest: string | null
  readonly exitCode: number | null
  readonly reason: string | null
}

/** One step in the life of a task, with its time. */
export interface Step {
  readonly at: number
  readonly to: TaskStatus | "HEALTHY" | "UNHEALTHY" | "ENDED" | "NEVER_STARTED"
  /** With ENDED: exit codes by container. */
  readonly exitCodes?: Readonly<Record<string, number>>
  readonly reason?: string
}

/** A task, of a service or one-off. */
export interface Task {
  readonly arn: string
  readonly id: string
  /** `service:api` or `family:migrate`. */
  readonly group: string
  /** The service's deployment, or `startedBy` of RunTask. */
  readonly startedBy: string | null
  readonly service: string | null
  /** The deployment that it counts for. A rollback adopts running tasks of its revision. */
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
  /** Whether it failed and the scheduler has not seen it yet. */
  readonly failedUnseen: boolean
  /** Whether its command really runs, so that only the end of the process ends it. */
  readonly executes: boolean
}
