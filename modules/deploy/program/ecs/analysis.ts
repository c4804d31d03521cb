/** Measures a canary against the release beside it, while ECS waits before the next step. */
import { dimensionsOf, type GroupDimensions, groupOf, trafficValue } from "../aws/traffic.ts"
import { intervalOf, judgeTraffic, type Measurement, type Traffic, verdictOf } from "../core/analysis.ts"
import type { Analysis, AnalysisMetric } from "../environment.ts"
import type { Context } from "./context.ts"
import type { Waiting } from "./progress.ts"
import type { ServiceDeploymentSeen } from "./service-seen.ts"

/** Measurements by hook, and when the last one was. A rerun begins anew. */
export type Measured = Map<string, { readonly at: number; readonly all: readonly Measurement[] }>

/** What an analysis says so far. */
export type Analysed =
  | { readonly kind: "measuring" }
  /** @param why in a few words. */
  | { readonly kind: "continue" | "rollback" | "ask"; readonly why: string }

/** Metrics of ELB that count responses. */
const ERRORS = { "5xx-rate": "HTTPCode_Target_5XX_Count", "4xx-rate": "HTTPCode_Target_4XX_Count" } as const

const NONE: Traffic = { requests: 0, value: null }

/** Returns what the targets of a group answered in the last interval. */
async function trafficOf(
  { aws, clock }: Context,
  { metric, statistic }: AnalysisMetric,
  dimensions: GroupDimensions | null,
  interval: number,
): Promise<Traffic> {
  if (dimensions === null) return NONE
  const range = { from: clock.now() - interval, to: clock.now() }
  const read = (name: string, of: string) =>
    trafficValue(aws.cloudwatch, clock, { metric: name, statistic: of, dimensions }, range)
  const requests = (await read("RequestCount", "Sum")) ?? 0
  if (metric === "latency") return { requests, value: await read("TargetResponseTime", statistic) }
  // ELB reports nothing where no response was of this kind.
  const errors = (await read(ERRORS[metric], "Sum")) ?? 0
  return { requests, value: requests === 0 ? null : (100 * errors) / requests }
}

async function sideOf(
  { aws, clock }: Context,
  revision: string | undefined,
): Promise<GroupDimensions | null> {
  const group = revision === undefined ? null : await groupOf(aws.ecs, clock, revision)
  return group === null ? null : dimensionsOf(aws.elb, clock, group)
}

async function measure(
  context: Context,
  analysis: Analysis,
  { target, sources }: ServiceDeploymentSeen,
): Promise<Measurement> {
  const [canary, baseline] = [await sideOf(context, target), await sideOf(context, sources[0])]
  const interval = intervalOf(analysis)
  const judged: Measurement[number][] = []
  for (const metric of analysis.metrics) {
    const ours = await trafficOf(context, metric, canary, interval)
    judged.push(judgeTraffic(metric, analysis, ours, await trafficOf(context, metric, baseline, interval)))
  }
  return judged
}

/** Measures once an interval, and judges the measurements so far. Nothing is measured before the first shift. */
export async function analysed(
  context: Context,
  name: string,
  { pause, deployment }: Waiting,
  measured: Measured,
): Promise<Analysed> {
  const { request, clock, reporter } = context
  const analysis = request.environment.services.find((one) => one.name === name)?.analysis ?? null
  if (analysis === null) throw new Error(`${name} has no analysis`)
  if (deployment.weight === 0) return { kind: "continue", why: "begins with the first shift" }
  const before = measured.get(pause.hookId) ?? { at: clock.now(), all: [] }
  measured.set(pause.hookId, before)
  if (clock.now() - before.at < intervalOf(analysis)) return { kind: "measuring" }
  const measurement = await measure(context, analysis, deployment)
  const all = [...before.all, measurement]
  measured.set(pause.hookId, { at: clock.now(), all })
  const texts = measurement.map((one) => `${one.name} ${one.note}`).join("; ")
  reporter.say(
    `  ${name}: measurement ${all.length} of ${analysis.count} at ${deployment.weight} %: ${texts}`,
  )
  const verdict = verdictOf(analysis, all)
  switch (verdict.kind) {
    case "measuring":
      return verdict
    case "successful":
      return { kind: "continue", why: `succeeded: ${verdict.note}` }
    case "failed":
      return { kind: "rollback", why: `failed: ${verdict.note}` }
    case "inconclusive":
      return { kind: "ask", why: `is inconclusive: ${verdict.note}` }
  }
}
