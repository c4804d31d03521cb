/**
 * Judges a canary by measurements against the release that runs beside it, as an analysis of Argo Rollouts does:
 * https://argo-rollouts.readthedocs.io/en/stable/features/analysis/
 */
import type { Analysis, AnalysisMetric } from "../environment.ts"
import type { Judged } from "./checks.ts"

/** What the targets of a release answered in an interval; null: no data. */
export interface Traffic {
  readonly requests: number
  /** In the metric's own unit. */
  readonly value: number | null
}

/** One measurement of all metrics. */
export type Measurement = readonly Judged[]

/** Returns the milliseconds between two measurements: of `5m` or `1h`. */
export const intervalOf = ({ interval }: Analysis): number =>
  Number(interval.slice(0, -1)) * (interval.endsWith("h") ? 3_600_000 : 60_000)

const rounded = (value: number): string => String(Number(value.toPrecision(3)))

/** Returns the limits of a metric that a baseline gives, and how each is named. */
function limitsOf(metric: AnalysisMetric, baseline: number | null): readonly (readonly [number, string])[] {
  const { below, ratio, margin } = metric
  const absolute = below === null ? [] : [[below, `${below}`] as const]
  if ((ratio === null && margin === null) || baseline === null) return absolute
  const limit = baseline * (ratio ?? 1) + (margin ?? 0)
  return [...absolute, [limit, `${rounded(limit)}, by the baseline's ${rounded(baseline)}`] as const]
}

/** Judges one metric of the canary against the baseline. Too few requests say nothing. */
export function judgeTraffic(
  metric: AnalysisMetric,
  { minRequests }: Analysis,
  canary: Traffic,
  baseline: Traffic,
): Judged {
  const name = metric.metric
  const few = (who: string, { requests }: Traffic): Judged => ({
    name,
    judgement: "inconclusive",
    note: `has no result: ${who} answered ${requests} of at least ${minRequests} requests`,
  })
  if (canary.requests < minRequests || canary.value === null) return few("the canary", canary)
  const compares = metric.ratio !== null || metric.margin !== null
  if (compares && (baseline.requests < minRequests || baseline.value === null))
    return few("the baseline", baseline)
  const { value } = canary
  const limits = limitsOf(metric, baseline.value)
  const over = limits.find(([limit]) => value > limit)
  const bound = over ?? limits[0]
  const note = `is ${rounded(value)}; good is up to ${bound?.[1] ?? "anything"}`
  return { name, judgement: over === undefined ? "successful" : "failed", note }
}

const isIn = (judgement: Judged["judgement"]) => (one: Measurement) =>
  one.some((judged) => judged.judgement === judgement)

/** What the measurements of a step say so far. `note` names the metric that decided. */
export type Verdict =
  | { readonly kind: "measuring" }
  | { readonly kind: "successful"; readonly note: string }
  | { readonly kind: "failed" | "inconclusive"; readonly note: string }

/** Judges the measurements of a step so far. More failures than `failureLimit` end it at once, as Argo does. */
export function verdictOf(
  { count, failureLimit, inconclusiveLimit }: Analysis,
  measurements: readonly Measurement[],
): Verdict {
  const failed = measurements.filter(isIn("failed"))
  const open = measurements.filter((one) => !isIn("failed")(one) && isIn("inconclusive")(one))
  const noteOf = (of: readonly Measurement[], judgement: Judged["judgement"]) =>
    (of.at(-1) ?? [])
      .filter((judged) => judged.judgement === judgement)
      .map(({ name, note }) => `${name} ${note}`)
      .join("; ")
  const share = (of: readonly Measurement[]) => `${of.length} of ${measurements.length} measurements`
  if (failed.length > failureLimit)
    return { kind: "failed", note: `${share(failed)} failed: ${noteOf(failed, "failed")}` }
  if (open.length > inconclusiveLimit)
    return { kind: "inconclusive", note: `${share(open)} inconclusive: ${noteOf(open, "inconclusive")}` }
  if (measurements.length < count) return { kind: "measuring" }
  return { kind: "successful", note: noteOf(measurements, "successful") }
}
