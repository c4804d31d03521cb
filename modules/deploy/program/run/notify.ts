/** Notifies people: of the result, the outcome first; and where they want it, of a start and a wait. A failed notification does not change the outcome. */
import { publish } from "../aws/topic.ts"
import { deliver, type Message, nameOf, type Ways } from "../core/channels.ts"
import { OUTCOMES } from "../core/outcome.ts"
import type { Pace } from "../core/paces.ts"
import type { Result } from "../core/result.ts"
import { messageOf, oneLine } from "../core/text.ts"
import type { Context } from "../ecs/context.ts"
import type { Notification } from "../environment.ts"

type Notice = Omit<Result, "audit">

const headlineOf = ({ ask, outcome, environment, what }: Notice): string =>
  `${ask === null ? outcome : "waits for you"}: ${environment}: ${what}`

const messageFor = (notice: Notice): Message => ({
  headline: headlineOf(notice),
  text: notice.text,
  body: { event: "ended", ...notice },
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

const waysOf = ({ notify, request, clock, aws }: Context, pace: Pace): Ways => ({
  addresses: notify,
  endpoints: request.endpoints,
  sleep: clock.sleep,
  pace,
  publish: (message) => publish(aws.access, clock, message, pace),
})

/** @returns why a message did not arrive; null: it did. */
async function sent(
  context: Context,
  notification: Notification,
  message: Message,
  pace: Pace,
): Promise<string | null> {
  const { kind } = notification
  const name = nameOf(notification)
  try {
    await deliver(waysOf(context, pace), notification, message)
    context.reporter.audit("notified", { kind, name })
    return null
  } catch (error) {
    const why = oneLine(messageOf(error))
    context.reporter.audit("not notified", { kind, name, why })
    return `notification failed: ${kind} ${name}: ${why}`
  }
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
  const remarks: (string | null)[] = []
  for (const notification of context.request.environment.notifications)
    if (isWanted(notification, notice, cancelled))
      remarks.push(await sent(context, notification, messageFor(notice), "patient"))
  return remarks.filter((remark) => remark !== null)
}

/** Something before the end that people may want to know. */
export interface Early {
  readonly event: "started" | "waiting"
  /** One sentence without a full stop. */
  readonly what: string
  /** The release, or null before there is one. */
  readonly release: number | null
}

const hears = (notification: Notification, event: Early["event"]): boolean =>
  notification.kind !== "pagerduty" && notification.on.includes(event)

/** Whether somebody wants to know. */
export const isHeard = ({ request }: Context, event: Early["event"]): boolean =>
  request.environment.notifications.some((one) => hears(one, event))

/** Tells the channels that want to know, all at once and within seconds: the deployment does not wait for them. */
export async function tellEarly(context: Context, { event, what, release }: Early): Promise<void> {
  const { environment, action, release: of, run } = context.request
  const headline = `${event}: ${environment.name}: ${what}`
  const message = context.reporter.cleaned<Message>({
    headline,
    text: [headline, `run ${run.url ?? run.id}`].join("\n"),
    body: {
      event,
      version: 1,
      environment: environment.name,
      action,
      commit: of.commit,
      release,
      what,
      run: { id: run.id, url: run.url, actor: run.actor },
    },
    incident: {
      action: "trigger",
      key: `slipway-${environment.name}`,
      severity: "info",
      source: `slipway ${environment.name}`,
    },
    url: run.url,
  })
  const failed = await Promise.all(
    environment.notifications
      .filter((one) => hears(one, event))
      .map((one) => sent(context, one, message, "quick")),
  )
  const { found } = context
  found.remarks = [...(found.remarks ?? []), ...failed.filter((one) => one !== null)]
}
