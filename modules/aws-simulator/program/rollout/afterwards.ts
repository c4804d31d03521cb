/** Adds the consequences of task steps: events of services, log lines, resets of the circuit breaker. */
import { fieldsOf } from "../fields.ts"
import { append } from "../logs.ts"
import type { State, Task } from "../state.ts"
import { fate } from "./fate.ts"
import { changeServiceDeployment, say, underWay } from "./find.ts"

/** The changed tasks, before and after. */
type Changes = readonly (readonly [before: Task, after: Task])[]

const changedTasks = (before: State, after: State): Changes =>
  after.tasks.flatMap((task, index) => {
    const was = before.tasks[index]
    return was === undefined || was === task ? [] : [[was, task] as const]
  })

function tellRegistered(state: State, started: readonly Task[]): State {
  const groups = [...new Set(started.map(({ targetGroup }) => targetGroup).filter((group) => group !== null))]
  return groups.reduce((so, group) => {
    const own = started.filter(({ targetGroup }) => targetGroup === group)
    const service = own[0]?.service ?? null
    return service === null
      ? so
      : say(so, service, `registered ${own.length} targets in (target-group ${group})`)
  }, state)
}

/** Returns the name of the failed container, or of the first one. */
function writer(task: Task): string {
  const failed = task.containers.find(({ exitCode }) => exitCode !== null && exitCode !== 0)
  return (failed ?? task.containers[0])?.name ?? ""
}

function writeLast(state: State, task: Task): State {
  const deployment = state.deployments.find(({ id }) => id === task.deployment)
  const lines = deployment === undefined ? [] : (fate(state, deployment)?.log ?? [])
  return append(state, task, writer(task), lines.join("\n"))
}

/** A healthy task resets the circuit breaker, unless `resetOnHealthyTask` is false. */
function resetBreaker(state: State, task: Task): State {
  const rollout = task.service === null ? null : underWay(state, task.service)
  const deployment = state.deployments.find(({ id }) => id === task.deployment)
  if (rollout === null || rollout.failures === 0 || deployment?.revision !== rollout.target) return state
  const breaker = fieldsOf(rollout.configuration, "deploymentCircuitBreaker")
  return breaker.resetOnHealthyTask === false
    ? state
    : changeServiceDeployment(state, rollout.arn, { failures: 0 })
}

/** Adds the consequences of a change between two states that differ in task steps alone. */
export function afterwards(before: State, after: State): State {
  const all = changedTasks(before, after)
  const started = all
    .filter(([was, is]) => was.startedAt === null && is.startedAt !== null)
    .map(([, is]) => is)
  const ended = all
    .filter(([was, is]) => was.stoppedAt === null && is.stopCode === "EssentialContainerExited")
    .map(([, is]) => is)
  const errands = started.filter(({ service, executes }) => service === null && !executes)
  const log = after.scenario.runTask.log.join("\n")
  const registered = tellRegistered(after, started)
  const begun = errands.reduce(
    (so, task) => append(so, task, task.containers[0]?.name ?? "", log),
    registered,
  )
  const written = ended.filter(({ service }) => service !== null).reduce(writeLast, begun)
  return all
    .filter(([was, is]) => was.health !== "HEALTHY" && is.health === "HEALTHY")
    .reduce((so, [, task]) => resetBreaker(so, task), written)
}
