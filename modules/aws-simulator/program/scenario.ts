/** The settings of a scenario file. Times are seconds of the virtual clock. */
import type { Fields } from "./fields.ts"

/** Someone else deploys a newer revision of the service. */
interface NewerDeployment {
  readonly kind: "newer-deployment"
}

/** Someone else calls StopServiceDeployment. */
export interface StopDeployment {
  readonly kind: "stop-deployment"
  readonly stopType: "ROLLBACK" | "ABORT"
}

/** An alarm, or every alarm (`*`), changes to this state. */
export interface Alarm {
  readonly kind: "alarm"
  readonly alarm: string
  readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA"
}

/** All sessions issued so far expire. */
interface ExpireCredentials {
  readonly kind: "expire-credentials"
}

/** What an event does. */
export type Happening = NewerDeployment | StopDeployment | Alarm | ExpireCredentials

/** Moments of a rehearsal that events can follow. */
export const TRIGGERS = [
  "start",
  "rollout",
  "baking",
  "finished",
  "rollback",
  "run-task",
  "snapshot",
] as const

/** Something that happens during the rehearsal, some time after a trigger. */
export interface ScenarioEvent {
  /** The trigger: the first rollout, its bake time, its end and so on. */
  readonly on: (typeof TRIGGERS)[number]
  /** Seconds after the trigger. */
  readonly after: number
  /** The service; null: the one whose rollout came first. */
  readonly service: string | null
  readonly does: Happening
}

/** How new tasks fail. */
export interface Failure {
  /** crash: the container exits. image: the pull fails. placement: no capacity. health: checks never pass. */
  readonly how: "crash" | "image" | "placement" | "health"
  /** Seconds from the container's start until it exits. */
  readonly after: number
  readonly exitCode: number
  /** The services that fail, `last` for the last one of the world; null: all. */
  readonly services: readonly string[] | null
  /** How many service deployments fail, counted from the first; null: all. */
  readonly deployments: number | null
  /** What a container writes before it exits. */
  readonly log: readonly string[]
}

/** HTTP status of new revisions although their targets are healthy. */
export interface HttpFailure {
  readonly status: number
  /** Null: all. */
  readonly services: readonly string[] | null
}

/** How AWS behaves in a rehearsal: times, failures, events, refusals. */
export interface Scenario {
  readonly title: string
  readonly whatHappens: string
  /** start: ISO 8601, null: now. factor: speed of a running clock; null: virtual time. */
  readonly clock: { readonly start: string | null; readonly factor: number | null }
  readonly seconds: {
    readonly provision: number
    readonly pull: number
    readonly start: number
    /** From RUNNING until the load balancer or the scheduler reports it as healthy. */
    readonly healthy: number
    readonly stop: number
    /** Before a failed task is replaced. */
    readonly retry: number
    /** Deregistration delay; null: that of the target group. */
    readonly drain: number | null
    /** Length of a stage of blue/green, canary or linear that waits for nothing. */
    readonly stage: number
  }
  readonly failure: Failure | null
  /** fails: the old revision's tasks fail too once a rollback begins. */
  readonly rollback: "succeeds" | "fails"
  /** DeploymentConfiguration of every service at the start, as if set by Terraform. */
  readonly deploymentConfiguration: Fields
  readonly http: HttpFailure | null
  readonly runTask: {
    readonly seconds: number
    /** Exit codes by container; `main` is the first, `*` all others. */
    readonly exitCodes: Readonly<Record<string, number>>
    /** refused: RunTask returns failures. stuck: the task stays in PROVISIONING. */
    readonly placement: "placed" | "refused" | "stuck"
    /** The task never ends by itself. */
    readonly hangs: boolean
    /** False: the task has stopped before anyone can see it. */
    readonly seen: boolean
    readonly log: readonly string[]
    /** Folder in which the container's command really runs; null: simulated. */
    readonly exec: { readonly folder: string } | null
  }
  /** busy: seconds from the start in which the database takes no snapshot: InvalidDBInstanceState. */
  readonly snapshot: { readonly seconds: number; readonly fails: boolean; readonly busy?: number }
  readonly events: readonly ScenarioEvent[]
  /** Values by metric name; `*` for all others; null: no data. */
  readonly metrics: Readonly<Record<string, number | null>>
  /** The same for the target group of new tasks, while a deployment shifts traffic to it. */
  readonly canaryMetrics: Readonly<Record<string, number | null>>
  /** Seconds until new tasks and deployments are visible. */
  readonly visibleAfter: number
  /** Throttles every n-th call; 0: none. */
  readonly throttleOneIn: number
  /** Answers every n-th conditional write to S3 with a conflict (409); 0: none. */
  readonly conflictOneIn: number
  /** Every n-th answer of DescribeServices has no service, as if there were none; 0: none. */
  readonly oddOneIn: number
  /** Denied actions: `ecs:UpdateService`, `rds:*`. */
  readonly denied: readonly string[]
  /** Account of the credentials; null: that of the world. */
  readonly callerAccount: string | null
  /** Images missing in the registry, by parts of digests or tags; `*` for all. */
  readonly missingImages: readonly string[]
  /** False: no deployment of the services was ever completed. */
  readonly deployedBefore: boolean
}

export const SUCCESS: Scenario = {
  title: "success",
  whatHappens: "",
  clock: { start: null, factor: null },
  seconds: { provision: 5, pull: 10, start: 5, healthy: 20, stop: 5, retry: 10, drain: null, stage: 5 },
  failure: null,
  rollback: "succeeds",
  deploymentConfiguration: {},
  http: null,
  runTask: {
    seconds: 20,
    exitCodes: { "*": 0 },
    placement: "placed",
    hangs: false,
    seen: true,
    log: [],
    exec: null,
  },
  snapshot: { seconds: 120, fails: false },
  events: [],
  metrics: { "*": 0 },
  canaryMetrics: {},
  visibleAfter: 0,
  throttleOneIn: 0,
  conflictOneIn: 0,
  oddOneIn: 0,
  denied: [],
  callerAccount: null,
  missingImages: [],
  deployedBefore: true,
}
