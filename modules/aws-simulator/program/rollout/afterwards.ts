/** What follows from the steps that tasks took: events of their services, lines in their logs. */
import { fieldsOf } from "../fields.ts"
import { append } from "../logs.ts"
import type { State, Task } from "../state.ts"
import { fate } from "./fate.ts"
import { changeServiceDeployment, say, underWay } from "./find.ts"

/** Pairs of what was and what is, of the tasks that changed. */
type Taken = readonly (readonly [before: Task, after: Task])[]

const taken = (before: State, after: State): Taken =>
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

/** The container that failed, or the first one. */
function writer(task: Task): string {
  const failed = task.containers.find(({ exitCode }) => exitCode !== null && exitCode !== 0)
  return (failed ?? task.containers[0])?.name ?? ""
}

function writeLast(state: State, task: Task): State {
  const deployment = state.deployments.find(({ id }) => id === task.deployment)
  const lines = deployment === undefined ? [] : (fate(state, deployment)?.log ?? [])
  return append(state, task, writer(task), lines.join("\n"))
}

/** A task that becomes healthy sets the circuit breaker's count back, unless the service says otherwise. */
function resetBreaker(state: State, task: Task): State {
  const rollout = task.service === null ? null : underWay(state, task.service)
  const deployment = state.deployments.find(({ id }) => id === task.deployment)
  if (rollout === null || rollout.failures === 0 || deployment?.revision !== rollout.target) return state
  const breaker = fieldsOf(rollout.configuration, "deploymentCircuitBreaker")
  return breaker.resetOnHealthyTask === false
    ? state
    : changeServiceDeployment(state, rollout.arn, { failures: 0 })
}

/** Adds what the change from one state to the other, by steps of tasks alone, leaves behind. */
export function afterwards(before: State, after: State): State {
  const all = taken(before, after)
  const started = all
    .filter(([was, is]) => was.startedAt === null && is.startedAt !== null)
    .map(([, is]) => is)
  const ended = all
    .filter(([was, is]) => was.stoppedAt === null && is.stopCode === "EssentialContainerExited")
    .map(([, is]) => is)
  const errands = started.filter(({ service, executes }) => service === null && !executes)
  const log = after.scenario.runTask.log.join("\n")
  const told = tellRegistered(after, started)
  const begun = errands.reduce((so, task) => append(so, task, task.containers[0]?.name ?? "", log), told)
  const written = ended.filter(({ service }) => service !== null).reduce(writeLast, begun)
  return all
    .filter(([was, is]) => was.health !== "HEALTHY" && is.health === "HEALTHY")
    .reduce((so, [, task]) => resetBreaker(so, task), written)
}
