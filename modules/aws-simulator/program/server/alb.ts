/** The load balancer's front: what a host answers now, `GET /_alb/<host>/<path>`. */
import { hex, nameIn } from "../ids.ts"
import type { Rule } from "../load-balancing.ts"
import { httpStatus } from "../rollout/fate.ts"
import type { State, Task } from "../state.ts"
import { json, type Request, type Response } from "./http.ts"
import type { Rehearsal } from "./rehearsal.ts"

const PREFIX = "/_alb/"

export const isAlb = (path: string): boolean => path.startsWith(PREFIX)

/** Spreads calls over the weights so that every hundred of them come out exact. */
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

/** Healthy targets answer; where only others are left the load balancer gets no answer; without any there is none. */
export function alb(rehearsal: Rehearsal, request: Request): Response {
  const state = rehearsal.look()
  const [host = ""] = request.path.slice(PREFIX.length).split("/")
  const rule = state.balancing.rules.find(({ hosts }) => hosts.includes(host))
  if (rule === undefined) return failed(404, `no rule for ${host}`)
  const count = rehearsal.count()
  const group = groupBy(rule, count)
  const targets = state.tasks.filter((task) => task.targetGroup === group && task.status === "RUNNING")
  const healthy = targets.filter(({ health }) => health === "HEALTHY")
  const chosen = healthy[count % Math.max(healthy.length, 1)]
  if (chosen !== undefined) return answered(state, chosen)
  return targets.length > 0 ? failed(502, "Bad Gateway") : failed(503, "Service Temporarily Unavailable")
}
