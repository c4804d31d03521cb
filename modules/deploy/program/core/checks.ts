/** Judges URL checks, metrics and alarms. */
import type { Bound, Metric, UrlCheck } from "../environment.ts"

/** One HTTP response; `status` is null without one. */
export interface Answer {
  readonly status: number | null
  readonly body: string
  readonly error: string
}

/** Returns what is wrong with a response, or null. */
export function wrongAnswer(check: UrlCheck, { status, body, error }: Answer): string | null {
  if (status === null) return error === "" ? "no answer" : error
  if (status !== check.status) return `answers ${status} instead of ${check.status}`
  return check.contains === null || body.includes(check.contains)
    ? null
    : `answers without the text "${check.contains}"`
}

/** The three phases of Argo Rollouts' analysis (https://argo-rollouts.readthedocs.io/en/stable/features/analysis/). */
type Judgement = "successful" | "failed" | "inconclusive"

/** The result of a check. */
export interface Judged {
  readonly name: string
  readonly judgement: Judgement
  readonly note: string
}

const holds = (bound: Bound, value: number): boolean =>
  "below" in bound ? value < bound.below : value > bound.above

const boundText = (bound: Bound): string =>
  "below" in bound ? `below ${bound.below}` : `above ${bound.above}`

/** @param value the metric over the bake time; null: CloudWatch has no data. */
export function judgeMetric(metric: Metric, value: number | null): Judged {
  const { name, good, bad } = metric
  if (value === null) return { name, judgement: "inconclusive", note: "has no data in CloudWatch" }
  const note = `is ${value}; good is ${boundText(good)}`
  if (holds(good, value)) return { name, judgement: "successful", note }
  const failed = bad === null || holds(bad, value)
  return { name, judgement: failed ? "failed" : "inconclusive", note }
}

/** An alarm that was already active before the deployment says nothing about the release. */
export function judgeAlarm(name: string, state: string, activeBefore: boolean): Judged {
  if (state === "OK") return { name, judgement: "successful", note: "OK" }
  if (state === "ALARM")
    return activeBefore
      ? { name, judgement: "inconclusive", note: "was active before the deployment" }
      : { name, judgement: "failed", note: "went off" }
  return {
    name,
    judgement: "inconclusive",
    note: state === "" ? "not found" : "has no data (INSUFFICIENT_DATA)",
  }
}

/** Replaces the prefix of a URL for a rehearsal. The longest prefix wins. */
export function rewritten(url: string, endpoints: Readonly<Record<string, string>>): string {
  const from = Object.keys(endpoints)
    .filter((prefix) => url.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0]
  return from === undefined ? url : `${endpoints[from]}${url.slice(from.length)}`
}
