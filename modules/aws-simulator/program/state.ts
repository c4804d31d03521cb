/**
 * What there is in the simulated account at one moment. All of it is data: every transition is a function of
 * the state, what happens, and the virtual time. Times are milliseconds since 1970.
 */
import type { Fields } from "./fields.ts"
import type { LoadBalancing } from "./load-balancing.ts"
import type { Scenario } from "./scenario.ts"
import type { Deployment, Service, ServiceDeployment, ServiceRevision } from "./service.ts"
import type { Task } from "./task.ts"
import type { World } from "./world.ts"

export type * from "./service.ts"
export type * from "./task.ts"

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

interface Session {
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

/** Returns the next sequence number, and the state that has used it. */
export const next = (state: State): readonly [number, State] => [
  state.sequence + 1,
  { ...state, sequence: state.sequence + 1 },
]

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
