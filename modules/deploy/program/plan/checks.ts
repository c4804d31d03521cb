/** URL checks and the metrics of the bake time. */
import type { Bound, Metric, UrlCheck } from "../environment.ts"

/** What one attempt gave; `status` null where there was no answer. */
export interface Answer {
  readonly status: number | null
  readonly body: string
  readonly error: string
}

/** What is wrong with an answer, or null. */
export function wrongAnswer(check: UrlCheck, { status, body, error }: Answer): string | null {
  if (status === null) return error === "" ? "no answer" : error
  if (status !== check.status) return `answers ${status} instead of ${check.status}`
  return check.contains === null || body.includes(check.contains)
    ? null
    : `answers without "${check.contains}"`
}

/** As Argo Rollouts has it: what could not be told is neither. */
export type Judgement = "successful" | "failed" | "inconclusive"

export interface Judged {
  readonly name: string
  readonly judgement: Judgement
  readonly note: string
}

const holds = (bound: Bound, value: number): boolean =>
  "below" in bound ? value < bound.below : value > bound.above

const boundText = (bound: Bound): string =>
  "below" in bound ? `below ${bound.below}` : `above ${bound.above}`

/** @param value over the bake time; null where CloudWatch has no data. */
export function judgeMetric(metric: Metric, value: number | null): Judged {
  const { name, good, bad } = metric
  if (value === null) return { name, judgement: "inconclusive", note: "CloudWatch has no data of it" }
  const note = `${value}; good is ${boundText(good)}`
  if (holds(good, value)) return { name, judgement: "successful", note }
  const failed = bad === null || holds(bad, value)
  return { name, judgement: failed ? "failed" : "inconclusive", note }
}

/** Alarms that were ringing before anything changed say nothing of the release until they were quiet once. */
export function judgeAlarm(name: string, state: string, rangBefore: boolean): Judged {
  if (state === "OK") return { name, judgement: "successful", note: "OK" }
  if (state === "ALARM")
    return rangBefore
      ? { name, judgement: "inconclusive", note: "rings since before the deployment" }
      : { name, judgement: "failed", note: "went off" }
  return {
    name,
    judgement: "inconclusive",
    note: state === "" ? "there is no such alarm" : "has no data (INSUFFICIENT_DATA)",
  }
}

/** The URL to ask, with the rehearsal's address in place of the real one. The longest beginning wins. */
export function rewritten(url: string, endpoints: Readonly<Record<string, string>>): string {
  const from = Object.keys(endpoints)
    .filter((beginning) => url.startsWith(beginning))
    .sort((a, b) => b.length - a.length)[0]
  return from === undefined ? url : `${endpoints[from]}${url.slice(from.length)}`
}
