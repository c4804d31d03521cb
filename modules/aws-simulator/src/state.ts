/**
 * What there is in the simulated account at one moment. All of it is data: every transition is a function of
 * the state, what happens, and the virtual time. Times are milliseconds since 1970.
 */
import type { Fields } from "./fields.ts"
import type { LoadBalancing } from "./load-balancing.ts"
import type { Scenario } from "./scenario.ts"
import type { World } from "./world.ts"

export interface TaskDefinition {
  readonly arn: string
  readonly family: string
  readonly revision: number
  readonly registeredAt: number
  readonly registeredBy: string
  readonly tags: readonly Fields[]
  /** The members as they were registered: containerDefinitions, roles, cpu, memory and so on. */
  readonly registered: Fields
}

export interface ServiceEvent {
  readonly id: string
  readonly at: number
  readonly message: string
}

export interface Service {
  readonly name: string
  readonly arn: string
  readonly createdAt: number
  readonly taskDefinition: string
  readonly desired: number
  /** DeploymentConfiguration as AWS writes it. */
  readonly configuration: Fields
  readonly network: Fields
  readonly container: string
  readonly port: number
  /** Null: a worker without a load balancer. */
  readonly targetGroup: string | null
  readonly alternateTargetGroup: string | null
  readonly rule: string | null
  readonly events: readonly ServiceEvent[]
}

export interface ServiceRevision {
  readonly arn: string
  readonly service: string
  readonly taskDefinition: string
  readonly createdAt: number
  /** A deployment of it has once been completed: it can be rolled back to. */
  readonly proven: boolean
}

export type RolloutState = "IN_PROGRESS" | "COMPLETED" | "FAILED"

/** What DescribeServices calls a deployment: one revision's tasks, wanted or waning. */
export interface Deployment {
  readonly id: string
  readonly service: string
  readonly revision: string
  readonly taskDefinition: string
  readonly primary: boolean
  readonly state: RolloutState
  readonly reason: string
  readonly failed: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly visibleAt: number
  /** No task starts before: what failed is tried again after a while. */
  readonly startAfter: number
}

export type ServiceDeploymentStatus =
  | "PENDING"
  | "IN_PROGRESS"
  | "STOP_REQUESTED"
  | "STOPPED"
  | "SUCCESSFUL"
  | "ROLLBACK_REQUESTED"
  | "ROLLBACK_IN_PROGRESS"
  | "ROLLBACK_SUCCESSFUL"
  | "ROLLBACK_FAILED"

export interface Hook {
  readonly id: string
  readonly stage: string
  readonly status: "AWAITING_ACTION" | "SUCCEEDED" | "FAILED" | "TIMED_OUT"
  readonly expiresAt: number
  readonly timeoutAction: "CONTINUE" | "ROLLBACK"
}

/** What ListServiceDeployments calls a service deployment: the way from one revision to another, and perhaps back. */
export interface ServiceDeployment {
  readonly arn: string
  readonly service: string
  readonly target: string
  readonly sources: readonly string[]
  readonly status: ServiceDeploymentStatus
  readonly reason: string | null
  readonly createdAt: number
  readonly startedAt: number | null
  readonly updatedAt: number
  readonly finishedAt: number | null
  readonly stoppedAt: number | null
  readonly visibleAt: number
  readonly configuration: Fields
  readonly strategy: string
  readonly stage: string | null
  /** When the stage ends by itself; null where it waits for tasks or for a person. */
  readonly stageEndsAt: number | null
  /** How often traffic has been shifted: for canary and linear. */
  readonly shifts: number
  /** Per cent of production traffic on the target revision. */
  readonly weight: number
  readonly hooks: readonly Hook[]
  readonly failures: number
  readonly triggeredAlarms: readonly string[]
  readonly rollback: { readonly reason: string; readonly at: number; readonly revision: string } | null
}

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

export interface Snapshot {
  readonly id: string
  readonly arn: string
  readonly database: string
  readonly createdAt: number
  readonly readyAt: number
  readonly fails: boolean
  readonly tags: readonly Fields[]
}

export interface StoredObject {
  readonly bucket: string
  readonly key: string
  readonly body: Buffer
  readonly etag: string
  readonly type: string
  readonly metadata: Readonly<Record<string, string>>
  readonly modifiedAt: number
}

export interface LogLine {
  readonly group: string
  readonly stream: string
  readonly at: number
  readonly message: string
}

export interface Session {
  readonly arn: string
  readonly issuedAt: number
}

export interface State {
  readonly world: World
  readonly scenario: Scenario
  /** Up to when everything has happened. */
  readonly now: number
  /** Counts up: ids are made from it, so that a rehearsal repeats itself exactly. */
  readonly sequence: number
  readonly taskDefinitions: readonly TaskDefinition[]
  readonly services: readonly Service[]
  readonly revisions: readonly ServiceRevision[]
  readonly deployments: readonly Deployment[]
  readonly serviceDeployments: readonly ServiceDeployment[]
  readonly tasks: readonly Task[]
  readonly balancing: LoadBalancing
  readonly snapshots: readonly Snapshot[]
  readonly objects: readonly StoredObject[]
  readonly logs: readonly LogLine[]
  readonly alarms: Readonly<Record<string, "OK" | "ALARM" | "INSUFFICIENT_DATA">>
  readonly metricAlarms: readonly Fields[]
  readonly anomalyDetectors: readonly Fields[]
  /** Tags by ARN. */
  readonly tags: Readonly<Record<string, readonly Fields[]>>
  readonly sessions: Readonly<Record<string, Session>>
  /** Sessions that were issued before are expired. */
  readonly expiredBefore: number | null
  /** When something was first seen to happen, for the events of the scenario that wait for it. */
  readonly happened: Readonly<Record<string, number>>
  /** The events of the scenario, by index, that have come to pass. */
  readonly passed: readonly number[]
}

/** What a test names is replaced by its change. The same list where nothing changes: settling ends by that. */
export function change<T>(
  list: readonly T[],
  test: (entry: T) => boolean,
  to: (entry: T) => T,
): readonly T[] {
  const changed = list.map((entry) => (test(entry) ? to(entry) : entry))
  return changed.every((entry, index) => entry === list[index]) ? list : changed
}

export const second = 1000
export const minute = 60 * second
