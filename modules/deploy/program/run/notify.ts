/** Notifies people of the result, the outcome first. A failed notification does not change the outcome. */
import { publish } from "../aws/topic.ts"
import { rewritten } from "../core/checks.ts"
import { OUTCOMES } from "../core/outcome.ts"
import type { Result } from "../core/result.ts"
import { messageOf, oneLine } from "../core/text.ts"
import type { Context } from "../ecs/context.ts"
import type { Notification } from "../environment.ts"

type Notice = Omit<Result, "audit">

const PAGERDUTY = "https://events.pagerduty.com/v2/enqueue"
const TIMEOUT_MS = 10_000
const ATTEMPTS = 3
const RETRY_MS = 2_000
/** Length limit of a summary in PagerDuty. */
const SUMMARY = 1024

interface Post {
  readonly url: string
  readonly body: object
}

const headline = ({ outcome, environment, what }: Notice): string => `${outcome}: ${environment}: ${what}`

const postOf = (kind: "slack" | "pagerduty" | "webhook", secret: string, notice: Notice): Post => {
  switch (kind) {
    case "slack":
      return { url: secret, body: { text: `*${headline(notice)}*\n\`\`\`\n${notice.text}\n\`\`\`` } }
    case "webhook":
      return { url: secret, body: notice }
    case "pagerduty":
      return {
        url: PAGERDUTY,
        body: {
          routing_key: secret,
          event_action: OUTCOMES[notice.outcome].urgent ? "trigger" : "resolve",
          dedup_key: `slipway-${notice.environment}`,
          payload: {
            summary: oneLine(headline(notice), SUMMARY),
            severity: notice.outcome === "rollback-failed" ? "critical" : "error",
            source: `slipway ${notice.environment}`,
            custom_details: { text: notice.text, run: notice.run.url },
          },
        },
      }
  }
}

/** PagerDuty also receives successes: they resolve the incident of an earlier failure. */
function isWanted({ kind, when }: Notification, { outcome }: Notice, cancelled: boolean): boolean {
  const urgent = OUTCOMES[outcome].urgent && !cancelled
  if (when === "always") return kind !== "pagerduty" || outcome === "succeeded" || urgent
  if (when === "succeeded") return outcome === "succeeded"
  return urgent || (kind === "pagerduty" && outcome === "succeeded")
}

async function post(context: Context, { url, body }: Post): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const wrong = await fetch(rewritten(url, context.request.endpoints), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).then(async (answer) => {
      await answer.arrayBuffer()
      return answer.ok ? null : `answers ${answer.status}`
    }, messageOf)
    if (wrong === null) return
    if (attempt === ATTEMPTS) throw new Error(wrong)
    await context.clock.sleep(RETRY_MS)
  }
}

async function send(context: Context, notification: Notification, notice: Notice): Promise<void> {
  if (notification.kind === "email") {
    const message = { topic: notification.topic, subject: headline(notice), text: notice.text }
    await publish(context.aws.access, context.clock, message)
    return
  }
  const secret = context.notify[notification.name]
  if (secret === undefined) throw new Error(`the notifications secret has no key ${notification.name}`)
  await post(context, postOf(notification.kind, secret, notice))
}

/**
 * @param cancelled whether someone stopped the run: that pages nobody.
 * @returns the notifications that failed.
 */
export async function notifyAll(
  context: Context,
  notice: Notice,
  cancelled: boolean,
): Promise<readonly string[]> {
  const remarks: string[] = []
  for (const notification of context.request.environment.notifications) {
    if (!isWanted(notification, notice, cancelled)) continue
    const name = "name" in notification ? notification.name : notification.topic
    try {
      await send(context, notification, notice)
      context.reporter.audit("notified", { kind: notification.kind, name })
    } catch (error) {
      const why = oneLine(messageOf(error))
      context.reporter.audit("not notified", { kind: notification.kind, name, why })
      remarks.push(`notification failed: ${notification.kind} ${name}: ${why}`)
    }
  }
  return remarks
}
