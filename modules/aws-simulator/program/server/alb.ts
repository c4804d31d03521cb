/** The load balancer: answers `/_alb/<host>/<path>`. */
import { setTimeout } from "node:timers/promises"
import { hex, nameIn } from "../ids.ts"
import type { Rule } from "../load-balancing.ts"
import { httpStatus, isOld } from "../rollout/fate.ts"
import type { State, Task } from "../state.ts"
import { json, type Request, type Response } from "./http.ts"
import type { Rehearsal } from "./rehearsal.ts"

const PREFIX = "/_alb/"

/** Returns whether a path asks an app through the simulated load balancer. */
export const isAlb = (path: string): boolean => path.startsWith(PREFIX)

/** Chooses a target group by weight, exactly over every hundred calls. */
function groupBy(rule: Rule, count: number): string | null {
  const total = rule.forward.reduce((sum, { weight }) => sum + weight, 0)
  const point = (count * 61) % Math.max(total, 1)
  let passed = 0
  for (const { targetGroup, weight } of rule.forward) {
    passed += weight
    if (point < passed) return targetGroup
  }
  return null
}

function answered(state: State, task: Task): Response {
  const status = httpStatus(state, task.service ?? "", task.taskDefinition)
  const revision = nameIn(task.taskDefinition)
  const image = task.containers[0]?.image ?? ""
  const body = { status: status < 400 ? "ok" : "error", revision, image, task: task.id }
  return {
    ...json(body, status),
    headers: { "content-type": "application/json", "x-revision": revision, "x-request-id": hex(task.id, 16) },
  }
}

const failed = (status: number, message: string): Response => json({ status: "error", message }, status)

/** How long an app may take to start, and the time between two attempts, in real milliseconds. */
const STARTS_WITHIN = 45_000
const AGAIN = 250

/** Statuses of a proxy whose backend does not listen yet. */
const NOT_UP = [502, 503]

/** Forwards a request to the app. Virtual time leaps over its start, so early requests wait in real time. */
async function fetchFromApp(url: string, { method, headers, body, gone }: Request): Promise<Response> {
  const until = Date.now() + STARTS_WITHIN
  for (;;) {
    const response = await fetch(url, {
      method,
      headers: { accept: headers.accept ?? "*/*" },
      redirect: "manual",
      signal: gone,
      ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
    }).catch(() => null)
    const up = response !== null && !NOT_UP.includes(response.status)
    if (!up && Date.now() < until && !gone.aborted) {
      await setTimeout(AGAIN)
      continue
    }
    if (response === null) return failed(502, `no response from ${url}`)
    const type = response.headers.get("content-type") ?? "text/plain"
    return {
      status: response.status,
      headers: { "content-type": type },
      body: Buffer.from(await response.arrayBuffer()),
    }
  }
}

/** Healthy targets answer. Without any: 502 with running targets, 503 without. */
export async function alb(rehearsal: Rehearsal, request: Request): Promise<Response> {
  const state = rehearsal.look()
  const [host = "", ...path] = request.path.slice(PREFIX.length).split("/")
  const rule = state.balancing.rules.find(({ hosts }) => hosts.includes(host))
  if (rule === undefined) return failed(404, `no rule for ${host}`)
  const count = rehearsal.count()
  const group = groupBy(rule, count)
  const targets = state.tasks.filter((task) => task.targetGroup === group && task.status === "RUNNING")
  const healthy = targets.filter(({ health }) => health === "HEALTHY")
  const chosen = healthy[count % Math.max(healthy.length, 1)]
  if (chosen !== undefined) {
    const answer = answered(state, chosen)
    const { app } = state.world
    if (app === null || answer.status !== 200 || isOld(state, chosen.taskDefinition)) return answer
    const query = request.query.size > 0 ? `?${request.query}` : ""
    const { headers, ...rest } = await fetchFromApp(`${app}/${path.join("/")}${query}`, request)
    return { ...rest, headers: { ...answer.headers, ...headers } }
  }
  return targets.length > 0 ? failed(502, "Bad Gateway") : failed(503, "Service Temporarily Unavailable")
}
