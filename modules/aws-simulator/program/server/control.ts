/** The simulator's own endpoints, below /_simulator. */
import { isFields, numberOr, textOr } from "../fields.ts"
import { json, type Request, type Response } from "./http.ts"
import type { Notification, Rehearsal } from "./rehearsal.ts"

type Handle = (rehearsal: Rehearsal, request: Request) => Promise<Response> | Response

const PREFIX = "/_simulator"

function bodyOf(request: Request): { readonly [key: string]: unknown } {
  try {
    const parsed: unknown = JSON.parse(request.body.toString() || "{}")
    return isFields(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

const clock = ({ clock: { now, participants } }: Rehearsal): Response =>
  json({ now: now(), iso: new Date(now()).toISOString(), participants: participants() })

const sleep: Handle = async (rehearsal, request) => {
  const body = bodyOf(request)
  const participant = textOr(body, "participant", null)
  const milliseconds = numberOr(body, "milliseconds", null)
  if (participant === null || milliseconds === null || milliseconds < 0) {
    return json({ error: 'sleep needs {"participant": "name", "milliseconds": 1000}' }, 400)
  }
  await rehearsal.clock.sleep(participant, milliseconds, request)
  return clock(rehearsal)
}

const join: Handle = (rehearsal, request) => {
  const body = bodyOf(request)
  const participant = textOr(body, "participant", null)
  if (participant === null) return json({ error: 'joining needs {"participant": "name"}' }, 400)
  rehearsal.clock.join(participant, request, numberOr(body, "timeoutMilliseconds", undefined))
  return clock(rehearsal)
}

const leave: Handle = (rehearsal, request) => {
  const named = textOr(bodyOf(request), "participant", request.query.get("participant"))
  const participant = named ?? decodeURIComponent(request.path.slice(`${PREFIX}/participants/`.length))
  rehearsal.clock.leave(participant)
  return clock(rehearsal)
}

const notify: Handle = (rehearsal, request) => {
  rehearsal.notifications.push({
    at: new Date(rehearsal.clock.now()).toISOString(),
    path: request.path.slice(`${PREFIX}/notifications`.length),
    body: request.body.toString(),
  })
  // The response of PagerDuty. Slack and webhooks read the status alone.
  return json({ status: "success", message: "Event processed", dedup_key: "simulator" }, 202)
}

/** Returns notifications received here and messages sent to SNS. */
function notificationsOf({ notifications, journal }: Rehearsal): readonly Notification[] {
  const published = journal
    .filter(({ service, result }) => service === "sns" && result === "ok")
    .map(({ at, parameters }) => ({
      at,
      path: `/sns/${String(parameters.TopicArn ?? "")}`,
      body: String(parameters.Message ?? ""),
    }))
  return [...notifications, ...published].toSorted((left, right) => left.at.localeCompare(right.at))
}

const HANDLERS: readonly (readonly [method: string, path: string, handle: Handle])[] = [
  ["GET", "/clock", clock],
  ["POST", "/sleep", sleep],
  ["POST", "/participants", join],
  ["DELETE", "/participants", leave],
  ["GET", "/journal", ({ journal }) => json(journal)],
  ["GET", "/notifications", (rehearsal) => json(notificationsOf(rehearsal))],
  ["POST", "/notifications", notify],
  ["PUT", "/notifications", notify],
  ["GET", "/scenario", (rehearsal) => json(rehearsal.look().scenario)],
]

/** Returns whether a path is one of the simulator's own endpoints. */
export const isControl = (path: string): boolean => path.startsWith(`${PREFIX}/`)

/** Answers the simulator's own endpoints; 404 for an unknown one. */
export function control(rehearsal: Rehearsal, request: Request): Promise<Response> | Response {
  const found = HANDLERS.find(
    ([method, path]) =>
      method === request.method &&
      (request.path === PREFIX + path || request.path.startsWith(`${PREFIX}${path}/`)),
  )
  return (
    found?.[2](rehearsal, request) ??
    json({ error: `unknown endpoint: ${request.method} ${request.path}` }, 404)
  )
}
