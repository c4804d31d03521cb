/** Tells people how it ended, the outcome first. A notification that fails changes nothing of the outcome. */
import { publish } from "../aws/topic.ts"
import type { Notification } from "../environment.ts"
import type { Given } from "../given.ts"
import { rewritten } from "../plan/checks.ts"
import { OUTCOMES } from "../plan/outcome.ts"
import { oneLine } from "../plan/text.ts"
import type { Result } from "../result.ts"

export type Told = Omit<Result, "audit">

const PAGERDUTY = "https://events.pagerduty.com/v2/enqueue"
const TIMEOUT_MS = 10_000
const ATTEMPTS = 3
const RETRY_MS = 2_000
/** PagerDuty's limit of a summary. */
const SUMMARY = 1024

interface Post {
  readonly url: string
  readonly body: object
}

/** The first line of what people read. */
const headline = ({ outcome, environment, what }: Told): string => `${outcome}: ${environment}: ${what}`

const postOf = (kind: "slack" | "pagerduty" | "webhook", secret: string, told: Told): Post => {
  switch (kind) {
    case "slack":
      return { url: secret, body: { text: `*${headline(told)}*\n\`\`\`\n${told.text}\n\`\`\`` } }
    case "webhook":
      return { url: secret, body: told }
    case "pagerduty":
      return {
        url: PAGERDUTY,
        body: {
          routing_key: secret,
          event_action: OUTCOMES[told.outcome].urgent ? "trigger" : "resolve",
          dedup_key: `slipway-${told.environment}`,
          payload: {
            summary: oneLine(headline(told), SUMMARY),
            severity: told.outcome === "rollback-failed" ? "critical" : "error",
            source: `slipway ${told.environment}`,
            custom_details: { text: told.text, run: told.run.url },
          },
        },
      }
  }
}

/** PagerDuty also hears of success: it closes what an earlier failure opened. */
function wanted({ kind, when }: Notification, { outcome }: Told): boolean {
  if (when === "always") return kind !== "pagerduty" || outcome === "succeeded" || OUTCOMES[outcome].urgent
  if (when === "succeeded") return outcome === "succeeded"
  return OUTCOMES[outcome].urgent || (kind === "pagerduty" && outcome === "succeeded")
}

async function post(given: Given, { url, body }: Post): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const wrong = await fetch(rewritten(url, given.request.endpoints), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).then(
      async (answer) => {
        await answer.arrayBuffer()
        return answer.ok ? null : `answers ${answer.status}`
      },
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    if (wrong === null) return
    if (attempt === ATTEMPTS) throw new Error(wrong)
    await given.clock.sleep(RETRY_MS)
  }
}

async function tell(given: Given, notification: Notification, told: Told): Promise<void> {
  if (notification.kind === "email") {
    const message = { topic: notification.topic, subject: headline(told), text: told.text }
    await publish(given.aws.access, given.clock, message)
    return
  }
  const secret = given.notify[notification.name]
  if (secret === undefined) throw new Error(`the secret of notifications has no ${notification.name}`)
  await post(given, postOf(notification.kind, secret, told))
}

/** @returns what did not get through, in words. */
export async function notifyAll(given: Given, told: Told): Promise<readonly string[]> {
  const remarks: string[] = []
  for (const notification of given.request.environment.notifications) {
    if (!wanted(notification, told)) continue
    const name = "name" in notification ? notification.name : notification.topic
    try {
      await tell(given, notification, told)
      given.reporter.audit("notified", { kind: notification.kind, name })
    } catch (error) {
      const why = oneLine(error instanceof Error ? error.message : String(error))
      given.reporter.audit("not notified", { kind: notification.kind, name, why })
      remarks.push(`${notification.kind} ${name} was not told: ${why}`)
    }
  }
  return remarks
}
