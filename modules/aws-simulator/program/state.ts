/**
 * The state of the simulated account at one moment. It is pure data: transitions are functions of the state, the event
 * and the virtual time. Times are milliseconds since the epoch.
 */
import type { Fields } from "./fields.ts"
import type { LoadBalancing } from "./load-balancing.ts"
import type { Scenario } from "./scenario.ts"
import type { Deployment, Service, ServiceDeployment, ServiceRevision } from "./service.ts"
import type { Task } from "./task.ts"
import type { World } from "./world.ts"

export type * from "./service.ts"
export type * from "./task.ts"

/** A revision of a family, as it was registered. */
export interface TaskDefinition {
  readonly arn: string
  readonly family: string
  readonly revision: number
  readonly registeredAt: number
  readonly registeredBy: string
  readonly tags: readonly Fields[]
  /** The registered members: containerDefinitions, roles, cpu, memory and so on. */
  readonly registered: Fields
  /** Somebody deregistered it: it can be described and keeps running, but nothing new starts from it. */
  readonly inactive?: true
}

/** A snapshot of a database. It is available from `readyAt` on, unless it fails. */
export interface Snapshot {
  readonly id: string
  readonly arn: string
  /** The instance, or the cluster. */
  readonly database: string
  readonly of: "instance" | "cluster"
  readonly createdAt: number
  readonly readyAt: number
  readonly fails: boolean
  readonly tags: readonly Fields[]
}

/** A version of an object in S3. */
export interface StoredObject {
  readonly bucket: string
  readonly key: string
  readonly body: Buffer
  readonly etag: string
  readonly type: string
  readonly metadata: Readonly<Record<string, string>>
  readonly modifiedAt: number
}

/** What an object was from a moment on. */
export interface ObjectVersion {
  readonly id: string
  /** Counts the versions of the key. */
  readonly number: number
  readonly at: number
  /** Null: it was deleted. */
  readonly object: StoredObject | null
}

/** A line in CloudWatch Logs. */
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

/** The account at a moment. Each change makes a new state. Times are milliseconds of the virtual clock. */
export interface State {
  readonly world: World
  readonly scenario: Scenario
  /** The time up to which everything has happened. */
  readonly now: number
  /** A counter for IDs, so that rehearsals are repeatable. */
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
  /** Versions by bucket and key, the newest first. */
  readonly versions: Readonly<Record<string, readonly ObjectVersion[]>>
  readonly logs: readonly LogLine[]
  readonly alarms: Readonly<Record<string, "OK" | "ALARM" | "INSUFFICIENT_DATA">>
  readonly metricAlarms: readonly Fields[]
  readonly anomalyDetectors: readonly Fields[]
  /** Tags by ARN. */
  readonly tags: Readonly<Record<string, readonly Fields[]>>
  readonly sessions: Readonly<Record<string, Session>>
  /** Sessions issued before this time have expired. */
  readonly expiredBefore: number | null
  /** First time of each trigger, for the scenario's events. */
  readonly happened: Readonly<Record<string, number>>
  /** Indexes of the scenario's events that have happened. */
  readonly passed: readonly number[]
}

/** Returns the next sequence number, and the state that has used it. */
export const next = (state: State): readonly [number, State] => [
  state.sequence + 1,
  { ...state, sequence: state.sequence + 1 },
]

/** Replaces matching entries. Returns the same list if nothing changes: that is how settling ends. */
export function change<T>(
  list: readonly T[],
  test: (entry: T) => boolean,
  to: (entry: T) => T,
): readonly T[] {
  const changed = list.map((entry) => (test(entry) ? to(entry) : entry))
  return changed.every((entry, index) => entry === list[index]) ? list : changed
}

/** A second, in milliseconds. */
export const second = 1000
/** A minute, in milliseconds. */
export const minute = 60 * second
