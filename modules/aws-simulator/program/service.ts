/** A service and its deployments in the state. Times are milliseconds since the epoch. */
import type { Fields } from "./fields.ts"

/** A line in the events of a service, as people read them in the console. */
export interface ServiceEvent {
  readonly id: string
  readonly at: number
  readonly message: string
}

/** A service of ECS. */
export interface Service {
  readonly name: string
  readonly arn: string
  readonly createdAt: number
  readonly taskDefinition: string
  readonly desired: number
  /** DeploymentConfiguration of AWS. */
  readonly configuration: Fields
  readonly network: Fields
  readonly container: string
  readonly port: number
  /** Null: no load balancer. */
  readonly targetGroup: string | null
  readonly alternateTargetGroup: string | null
  readonly rule: string | null
  /** The rule of its test listener; null: none. */
  readonly testRule: string | null
  /** ARN of the role with which ECS shifts traffic. */
  readonly infrastructureRole: string
  /** Members of DescribeServices that the world sets. */
  readonly described: Fields
  readonly events: readonly ServiceEvent[]
}

/** A version of a service's settings, which never changes. */
export interface ServiceRevision {
  readonly arn: string
  readonly service: string
  readonly taskDefinition: string
  readonly createdAt: number
  /** Whether a deployment of it was completed, so that it is a rollback target. */
  readonly proven: boolean
}

/** ECS's states of a deployment in DescribeServices. */
export type RolloutState = "IN_PROGRESS" | "COMPLETED" | "FAILED"

/** A deployment of DescribeServices: the tasks of one revision. */
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
  /** No task starts earlier: failed tasks are replaced after a while. */
  readonly startAfter: number
}

/** ECS's states of a service deployment. */
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

/** A pause of a service deployment. `expiresAt` is in milliseconds of the virtual clock. */
export interface Hook {
  readonly id: string
  readonly stage: string
  readonly status: "AWAITING_ACTION" | "SUCCEEDED" | "FAILED" | "TIMED_OUT"
  readonly expiresAt: number
  readonly timeoutAction: "CONTINUE" | "ROLLBACK"
}

/** A service deployment of ListServiceDeployments: from one revision to another, and possibly back. */
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
  /** End of the stage; null: it waits for tasks or for an answer. */
  readonly stageEndsAt: number | null
  /** Number of traffic shifts so far, for canary and linear. */
  readonly shifts: number
  /** Percentage of production traffic on the target revision. */
  readonly weight: number
  readonly hooks: readonly Hook[]
  readonly failures: number
  readonly triggeredAlarms: readonly string[]
  readonly rollback: { readonly reason: string; readonly at: number; readonly revision: string } | null
}
