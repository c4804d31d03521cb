/** The state of an ECS service as the deployer reads it. */
import type { DeploymentConfiguration } from "@aws-sdk/client-ecs"

/** A deployment in the response of DescribeServices. */
export interface DeploymentSeen {
  readonly id: string
  readonly primary: boolean
  readonly revision: string
  readonly state: "COMPLETED" | "FAILED" | "IN_PROGRESS" | null
  readonly reason: string
  readonly created: number
  readonly desired: number
  readonly running: number
  readonly failed: number
}

/** A lifecycle hook that waits for an answer. */
export interface Pause {
  readonly hookId: string
  readonly stage: string
  readonly expires: number | null
  readonly otherwise: string
}

/** A service deployment, from ListServiceDeployments and DescribeServiceDeployments. */
export interface ServiceDeploymentSeen {
  readonly arn: string
  readonly status: string
  readonly reason: string
  readonly created: number
  /** Its task-definition revision; null: not reported yet. */
  readonly revision: string | null
  readonly stage: string
  readonly pause: Pause | null
  readonly alarms: readonly string[]
  readonly rollbackReason: string
  /** ARNs of the service revisions of the new tasks and of the old ones. */
  readonly target: string
  readonly sources: readonly string[]
  /** The task-definition revision that ECS returns to; null: unknown, or it is finished. */
  readonly returnsTo: string | null
  /** Percentage of the production traffic that the new tasks get; null: not reported. */
  readonly weight: number | null
}

/** A service at one moment. */
export interface ServiceSeen {
  readonly name: string
  readonly status: string
  readonly desired: number
  readonly running: number
  readonly deployments: readonly DeploymentSeen[]
  /** Recent service deployments, newest first. */
  readonly history: readonly ServiceDeploymentSeen[]
  readonly events: readonly string[]
  readonly configuration: DeploymentConfiguration
}
