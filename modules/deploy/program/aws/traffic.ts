/** Traffic by target group: what serves a service revision, and what its targets answered. */
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch"
import { DescribeServiceRevisionsCommand, type ECSClient } from "@aws-sdk/client-ecs"
import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2"
import type { Clock } from "../core/clock.ts"
import { metricValue } from "./cloudwatch.ts"
import { call } from "./retry.ts"
import { targetGroupOf } from "./targets.ts"

/** The dimensions of a target group's metrics. */
export type GroupDimensions = Readonly<Record<"LoadBalancer" | "TargetGroup", string>>

/** Returns the target group that ECS uses for a service revision; null: none. */
export async function groupOf(ecs: ECSClient, clock: Clock, revision: string): Promise<string | null> {
  const { serviceRevisions } = await call(clock, "ECS DescribeServiceRevisions", () =>
    ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: [revision] })),
  )
  return serviceRevisions?.[0]?.resolvedConfiguration?.loadBalancers?.[0]?.targetGroupArn ?? null
}

/** Returns what stands behind the resource type of an ARN, as CloudWatch's dimensions have it. */
const dimensionOf = (arn: string): string =>
  arn.slice(arn.lastIndexOf(":") + 1).replace(/^loadbalancer\//, "")

/** Returns the dimensions of a target group; null: no load balancer uses it. */
export async function dimensionsOf(
  elb: ElasticLoadBalancingV2Client,
  clock: Clock,
  group: string,
): Promise<GroupDimensions | null> {
  const balancer = (await targetGroupOf(elb, clock, group))?.LoadBalancerArns?.[0]
  return balancer === undefined
    ? null
    : { LoadBalancer: dimensionOf(balancer), TargetGroup: dimensionOf(group) }
}

/** Returns a metric of a target group; null: no data. */
export const trafficValue = (
  cloudwatch: CloudWatchClient,
  clock: Clock,
  series: { readonly metric: string; readonly statistic: string; readonly dimensions: GroupDimensions },
  range: { readonly from: number; readonly to: number },
): Promise<number | null> =>
  metricValue(cloudwatch, clock, { namespace: "AWS/ApplicationELB", ...series }, range)
