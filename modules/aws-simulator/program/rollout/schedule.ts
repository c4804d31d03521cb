/** The service scheduler: starts missing tasks and stops surplus ones, within the service's limits. */

import { records, textOr } from "../fields.ts"
import type { Deployment, Service, State, Task } from "../state.ts"
import { second } from "../state.ts"
import { fate } from "./fate.ts"
import {
  changeDeployment,
  deploymentsOf,
  healthy,
  limits,
  primaryOf,
  say,
  serviceNamed,
  underWay,
  wanted,
} from "./find.ts"
import { addTask, planFor, stopTask } from "./tasks.ts"
import { groupFor } from "./weights.ts"

const named = (tasks: readonly Task[]): string => tasks.map(({ id }) => `(task ${id})`).join(" ")

function startTasks(state: State, service: Service, deployment: Deployment, count: number): State {
  const definition = state.taskDefinitions.find(({ arn }) => arn === deployment.taskDefinition)
  if (definition === undefined || count <= 0) return state
  const destiny = fate(state, deployment)
  if (destiny?.how === "placement") return unplaced(state, service, deployment)
  const image = textOr(records(definition.registered, "containerDefinitions")[0] ?? {}, "image", "")
  const targetGroup = groupFor(state, service, underWay(state, service.name))
  const started: Task[] = []
  let so = state
  for (let index = 0; index < count; index += 1) {
    const [task, added] = addTask(so, {
      definition,
      group: `service:${service.name}`,
      service: service.name,
      startedBy: deployment.id,
      targetGroup,
      plan: planFor(so.scenario, so.now, destiny, image),
      overrides: {},
      tags: [],
      clientToken: null,
      executes: false,
    })
    started.push(task)
    so = added
  }
  return say(so, service.name, `has started ${count} tasks: ${named(started)}.`)
}

const UNPLACED =
  "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."

/** ECS retries, with an event each time. The circuit breaker does not count this. */
function unplaced(state: State, service: Service, deployment: Deployment): State {
  const later = state.now + 6 * state.scenario.seconds.retry * second
  return changeDeployment(say(state, service.name, UNPLACED), deployment.id, { startAfter: later })
}

function stopTasks(state: State, service: Service, tasks: readonly Task[]): State {
  if (tasks.length === 0) return state
  const stopped = tasks.reduce(
    (so, task) =>
      stopTask(so, task, {
        code: "ServiceSchedulerInitiated",
        reason: `Scaling activity initiated by (deployment ${task.deployment})`,
      }),
    state,
  )
  const noted = say(stopped, service.name, `has stopped ${tasks.length} running tasks: ${named(tasks)}.`)
  return tellDraining(noted, service, tasks)
}

function tellDraining(state: State, service: Service, tasks: readonly Task[]): State {
  const draining = tasks.filter((task) => task.targetGroup !== null && task.health === "HEALTHY")
  const [first] = draining
  if (first === undefined) return state
  const begun = say(state, service.name, `has begun draining connections on ${draining.length} tasks.`)
  return say(
    begun,
    service.name,
    `deregistered ${draining.length} targets in (target-group ${first.targetGroup})`,
  )
}

/** Returns old tasks that may stop: unhealthy ones at once, healthy ones while enough others are healthy. */
function expendable(state: State, service: Service, old: readonly Task[]): readonly Task[] {
  const all = deploymentsOf(state, service.name).flatMap(({ id }) => wanted(state, id))
  const spare = Math.max(0, healthy(all).length - limits(service).fewest)
  const well = healthy(old)
  return [...old.filter((task) => !well.includes(task)), ...well.slice(0, spare)]
}

/** Returns whether old tasks must keep running in this stage. */
const keepsOld = (state: State, service: Service): boolean => {
  const rollout = underWay(state, service.name)
  if (rollout === null || rollout.strategy === "ROLLING" || rollout.status === "ROLLBACK_IN_PROGRESS")
    return false
  return rollout.stage !== "CLEAN_UP"
}

/** Returns whether new tasks may start in this stage. */
const startsNew = (state: State, service: Service): boolean => {
  const rollout = underWay(state, service.name)
  if (rollout === null || rollout.status === "ROLLBACK_IN_PROGRESS") return true
  if (rollout.status !== "IN_PROGRESS") return false
  return (
    rollout.strategy === "ROLLING" ||
    !["RECONCILE_SERVICE", "PRE_SCALE_UP"].includes(rollout.stage ?? "PRE_SCALE_UP")
  )
}

/** Returns the old tasks to stop now. While old tasks are kept, only those in the new tasks' target group stop. */
function leaving(state: State, service: Service, old: readonly Task[]): readonly Task[] {
  if (!keepsOld(state, service)) return expendable(state, service, old)
  const group = groupFor(state, service, underWay(state, service.name))
  return group === null ? [] : old.filter(({ targetGroup }) => targetGroup === group)
}

/** Starts and stops tasks of a service, within the limits of its strategy. */
export function place(state: State, name: string): State {
  const service = serviceNamed(state, name)
  const primary = primaryOf(state, name)
  if (primary === null) return state
  const mine = wanted(state, primary.id)
  const old = deploymentsOf(state, name)
    .filter(({ id }) => id !== primary.id)
    .flatMap(({ id }) => wanted(state, id))
  const room = keepsOld(state, service)
    ? service.desired - mine.length
    : Math.min(service.desired - mine.length, limits(service).most - mine.length - old.length)
  const starts = primary.state !== "FAILED" && startsNew(state, service) && state.now >= primary.startAfter
  const started = starts ? startTasks(state, service, primary, room) : state
  const surplus = mine.slice(service.desired)
  const gone = primary.state === "FAILED" ? [] : leaving(started, service, old)
  return stopTasks(started, service, [...surplus, ...gone])
}
