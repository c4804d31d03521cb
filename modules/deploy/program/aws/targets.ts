/** Reads targets of load balancers. */
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  type TargetGroup,
} from "@aws-sdk/client-elastic-load-balancing-v2"
import type { Clock } from "../core/clock.ts"
import { call, callIfThere } from "./retry.ts"

interface TargetSeen {
  readonly target: string
  /** `healthy`, `initial`, `unhealthy`, `draining`, `unused`, … */
  readonly state: string
  readonly reason: string
}

/** Returns the health of all targets of a target group. */
export async function targetsOf(
  elb: ElasticLoadBalancingV2Client,
  clock: Clock,
  targetGroup: string,
): Promise<readonly TargetSeen[]> {
  const { TargetHealthDescriptions = [] } = await call(clock, "ELB DescribeTargetHealth", () =>
    elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup })),
  )
  return TargetHealthDescriptions.map(({ Target, TargetHealth }) => ({
    target: [Target?.Id ?? "?", Target?.Port].filter((part) => part !== undefined).join(":"),
    state: TargetHealth?.State ?? "",
    reason: [TargetHealth?.Reason, TargetHealth?.Description].filter(Boolean).join(": "),
  }))
}

/** Returns a target group; null if it does not exist. */
export async function targetGroupOf(
  elb: ElasticLoadBalancingV2Client,
  clock: Clock,
  arn: string,
): Promise<TargetGroup | null> {
  const answer = await callIfThere(clock, "ELB DescribeTargetGroups", () =>
    elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] })),
  )
  return answer?.TargetGroups?.[0] ?? null
}
