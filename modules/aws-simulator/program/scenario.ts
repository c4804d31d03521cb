/** What will happen: the settings that a scenario file can make. Times are seconds of the virtual clock. */
import type { Fields } from "./fields.ts"

/** Somebody else deploys a newer revision of the service. */
interface NewerDeployment {
  readonly kind: "newer-deployment"
}

/** Somebody else calls StopServiceDeployment. */
export interface StopDeployment {
  readonly kind: "stop-deployment"
  readonly stopType: "ROLLBACK" | "ABORT"
}

/** The alarm, or every one (`*`), goes into this state. */
export interface Alarm {
  readonly kind: "alarm"
  readonly alarm: string
  readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA"
}

/** Every session issued until now is expired. */
interface ExpireCredentials {
  readonly kind: "expire-credentials"
}

export type Happening = NewerDeployment | StopDeployment | Alarm | ExpireCredentials

export const TRIGGERS = [
  "start",
  "rollout",
  "baking",
  "finished",
  "rollback",
  "run-task",
  "snapshot",
] as const

export interface ScenarioEvent {
  /** What it waits for: the first rollout, its bake time, its end and so on. */
  readonly on: (typeof TRIGGERS)[number]
  /** Seconds after that. */
  readonly after: number
  /** Only for this service; null: for the one whose rollout came first. */
  readonly service: string | null
  readonly does: Happening
}

export interface Failure {
  /** crash: the container exits. image: it can't be pulled. placement: no room. health: checks never pass. */
  readonly how: "crash" | "image" | "placement" | "health"
  /** Seconds from the container's start until it exits. */
  readonly after: number
  readonly exitCode: number
  /** The services that it strikes, `last` for the last of the world's; null: all. */
  readonly services: readonly string[] | null
  /** How many service deployments it strikes, counted from the first; null: every one. */
  readonly deployments: number | null
  /** What a container writes before it exits. */
  readonly log: readonly string[]
}

/** What new revisions answer over HTTP though their targets are healthy. */
export interface HttpFailure {
  readonly status: number
  /** Null: all. */
  readonly services: readonly string[] | null
}

export interface Scenario {
  readonly title: string
  readonly whatHappens: string
  /** start: an ISO 8601 time, null is now. factor: null is virtual time, else the clock runs so many times faster. */
  readonly clock: { readonly start: string | null; readonly factor: number | null }
  readonly seconds: {
    readonly provision: number
    readonly pull: number
    readonly start: number
    /** From RUNNING until the load balancer, or the scheduler, believes it. */
    readonly healthy: number
    readonly stop: number
    /** Before a failed task is tried again. */
    readonly retry: number
    /** Of the target group's deregistration delay's place; null: the target group's own. */
    readonly drain: number | null
    /** A stage of blue/green, canary or linear that waits for nothing. */
    readonly stage: number
  }
  readonly failure: Failure | null
  /** fails: once a rollback begins, the old revision's tasks die as well. */
  readonly rollback: "succeeds" | "fails"
  /** DeploymentConfiguration, as AWS writes it, that every service has at the start, as if Terraform had set it. */
  readonly deploymentConfiguration: Fields
  readonly http: HttpFailure | null
  readonly runTask: {
    readonly seconds: number
    /** Exit codes by container; `main` for the first, `*` for every one not named. */
    readonly exitCodes: Readonly<Record<string, number>>
    /** refused: RunTask answers with failures. stuck: PROVISIONING for ever. */
    readonly placement: "placed" | "refused" | "stuck"
    /** It never ends by itself. */
    readonly hangs: boolean
    /** False: stopped before anybody can look. */
    readonly seen: boolean
    readonly log: readonly string[]
    /** Runs the container's command for real, here, in this folder; null: only told. */
    readonly exec: { readonly folder: string } | null
  }
  readonly snapshot: { readonly seconds: number; readonly fails: boolean }
  readonly events: readonly ScenarioEvent[]
  /** Values by metric name; `*` for every other one; null is no data. */
  readonly metrics: Readonly<Record<string, number | null>>
  /** Seconds until what was just made can be seen. */
  readonly visibleAfter: number
  /** One call in so many is throttled; 0: none. */
  readonly throttleOneIn: number
  /** One conditional write to S3 in so many conflicts with another that is under way (409); 0: none. */
  readonly conflictOneIn: number
  /** `ecs:UpdateService`, `rds:*`. */
  readonly denied: readonly string[]
  /** The account that the credentials belong to; null: the world's. */
  readonly callerAccount: string | null
  /** Images that the registry does not have: parts of digests or tags; `*` for all. */
  readonly missingImages: readonly string[]
  /** False: the services were created but no deployment of theirs was ever completed. */
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
  visibleAfter: 0,
  throttleOneIn: 0,
  conflictOneIn: 0,
  denied: [],
  callerAccount: null,
  missingImages: [],
  deployedBefore: true,
}
