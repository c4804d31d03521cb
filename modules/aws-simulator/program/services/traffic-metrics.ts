/** Metrics of target groups: the traffic that their weight sends them. */
import { type Fields, records, textOr } from "../fields.ts"
import { underWay } from "../rollout/find.ts"
import { groupFor } from "../rollout/weights.ts"
import { SUCCESS } from "../scenario.ts"
import type { State } from "../state.ts"

/** What a load balancer reports in a minute with all of the traffic, unless the scenario says otherwise. */
const USUAL: Readonly<Record<string, number>> = { RequestCount: 1_000, TargetResponseTime: 0.08 }

/** Metrics that count: a target group has its share of them. */
const COUNTS: ReadonlySet<string> = new Set([
  ...["RequestCount", "HTTPCode_Target_2XX_Count", "HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count"],
])

const dimensionOf = (metric: Fields, name: string): string =>
  textOr(records(metric, "Dimensions").find((one) => one.Name === name) ?? {}, "Value", "")

/** Returns whether a metric is of a target group, and not of a load balancer as a whole or of an app's own. */
export const isOfGroup = (metric: Fields): boolean =>
  textOr(metric, "Namespace", "") === "AWS/ApplicationELB" && dimensionOf(metric, "TargetGroup") !== ""

/** Returns whether a deployment shifts traffic to a target group. */
const isCanary = (state: State, group: string): boolean =>
  state.services.some((service) => {
    const rollout = underWay(state, service.name)
    return rollout !== null && rollout.strategy !== "ROLLING" && groupFor(state, service, rollout) === group
  })

/** Returns a metric of a target group; null: the load balancer has reported nothing of it. */
export function trafficValue(state: State, metric: Fields, name: string): number | null {
  const { arn, rules, targetGroups } = state.balancing
  const group = targetGroups.find((one) => one.arn.endsWith(`:${dimensionOf(metric, "TargetGroup")}`))
  if (group === undefined || !arn.endsWith(`:loadbalancer/${dimensionOf(metric, "LoadBalancer")}`))
    return null
  const forward = rules.flatMap((rule) => rule.forward)
  const weight = forward.find(({ targetGroup }) => targetGroup === group.arn)?.weight ?? 0
  if (weight === 0) return null
  const { metrics, canaryMetrics } = state.scenario
  const own = isCanary(state, group.arn) ? canaryMetrics : {}
  const usual = metrics["*"] === SUCCESS.metrics["*"] ? USUAL[name] : undefined
  const value = [own[name], own["*"], metrics[name], usual, metrics["*"]].find((one) => one !== undefined)
  if (value === undefined || value === null) return null
  return COUNTS.has(name) ? Math.round((value * weight) / 100) : value
}
