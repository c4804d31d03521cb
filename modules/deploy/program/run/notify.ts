/** Notifies people of the result, the outcome first. A failed notification does not change the outcome. */
import { publish } from "../aws/topic.ts"
import { deliver, type Message, nameOf, type Ways } from "../core/channels.ts"
import { OUTCOMES } from "../core/outcome.ts"
import type { Result } from "../core/result.ts"
import { messageOf, oneLine } from "../core/text.ts"
import type { Context } from "../ecs/context.ts"
import type { Notification } from "../environment.ts"

type Notice = Omit<Result, "audit">

const messageFor = (notice: Notice): Message => ({
  headline: `${notice.outcome}: ${notice.environment}: ${notice.what}`,
  text: notice.text,
  body: notice,
  incident: {
    action: OUTCOMES[notice.outcome].urgent ? "trigger" : "resolve",
    key: `slipway-${notice.environment}`,
    severity: notice.outcome === "rollback-failed" ? "critical" : "error",
    source: `slipway ${notice.environment}`,
  },
  url: notice.run.url,
})

/** PagerDuty also receives successes: they resolve the incident of an earlier failure. */
function isWanted({ kind, when }: Notification, { outcome }: Notice, cancelled: boolean): boolean {
  const urgent = OUTCOMES[outcome].urgent && !cancelled
  if (when === "always") return kind !== "pagerduty" || outcome === "succeeded" || urgent
  if (when === "succeeded") return outcome === "succeeded"
  return urgent || (kind === "pagerduty" && outcome === "succeeded")
}

const waysOf = ({ notify, request, clock, aws }: Context): Ways => ({
  addresses: notify,
  endpoints: request.endpoints,
  sleep: clock.sleep,
  publish: (message) => publish(aws.access, clock, message),
})

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
    const { kind } = notification
    const name = nameOf(notification)
    try {
      await deliver(waysOf(context), notification, messageFor(notice))
      context.reporter.audit("notified", { kind, name })
    } catch (error) {
      const why = oneLine(messageOf(error))
      context.reporter.audit("not notified", { kind, name, why })
      remarks.push(`notification failed: ${kind} ${name}: ${why}`)
    }
  }
  return remarks
}
