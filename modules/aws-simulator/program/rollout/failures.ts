/** Handles failed tasks: the circuit breaker and alarms. */
import { fieldsOf, flag, texts } from "../fields.ts"
import { change, type Service, type ServiceDeployment, type State, second, type Task } from "../state.ts"
import {
  changeDeployment,
  changeServiceDeployment,
  primaryOf,
  say,
  serviceNamed,
  threshold,
  underWay,
} from "./find.ts"
import { failRollback, giveUp } from "./rollback.ts"
import { stopTask } from "./tasks.ts"

function stopUnhealthy(state: State, task: Task, service: Service): State {
  const reason =
    task.targetGroup === null
      ? "Task failed container health checks"
      : `Task failed ELB health checks in (target-group ${task.targetGroup})`
  const cause =
    task.targetGroup === null
      ? `(task ${task.id}) failed container health checks.`
      : `(port ${service.port}) is unhealthy in (target-group ${task.targetGroup}) due to (reason Health checks failed with these codes: [503]).`
  const noted = say(state, service.name, cause)
  const stopped = stopTask(noted, task, { code: "ServiceSchedulerInitiated", reason })
  return say(count(stopped, task), service.name, `has stopped 1 running tasks: (task ${task.id}).`)
}

/** The circuit breaker counts only tasks that failed before they were healthy. */
function count(state: State, task: Task): State {
  const deployment = state.deployments.find(({ id }) => id === task.deployment)
  if (deployment === undefined) return state
  const startAfter = state.now + state.scenario.seconds.retry * second
  const countsFor = task.health === "HEALTHY" || !deployment.primary ? 0 : 1
  const failed = deployment.failed + countsFor
  const counted = changeDeployment(state, deployment.id, { failed, startAfter })
  const rollout = underWay(state, deployment.service)
  if (rollout === null || rollout.target !== deployment.revision) return counted
  return changeServiceDeployment(counted, rollout.arn, { failures: rollout.failures + countsFor })
}

function noteEnded(state: State, task: Task, service: Service): State {
  const seen: State = {
    ...state,
    tasks: change(
      state.tasks,
      ({ arn }) => arn === task.arn,
      (entry) => ({ ...entry, failedUnseen: false }),
    ),
  }
  const counted = count(seen, task)
  const before = state.deployments.find(({ id }) => id === task.deployment)?.failed ?? 0
  const impaired = before + 1 === 3
  const deregistered =
    task.health === "HEALTHY" && task.targetGroup !== null
      ? say(counted, service.name, `deregistered 1 targets in (target-group ${task.targetGroup})`)
      : counted
  return impaired
    ? say(
        deregistered,
        service.name,
        "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
      )
    : deregistered
}

/** Counts tasks of a service that failed since the last look, and stops those that are unhealthy. */
export function noteFailures(state: State, name: string): State {
  const service = serviceNamed(state, name)
  const own = state.tasks.filter((task) => task.service === name)
  const ended = own.filter((task) => task.failedUnseen)
  const unhealthy = own.filter((task) => task.health === "UNHEALTHY" && task.wanted === "RUNNING")
  const noted = ended.reduce((so, task) => noteEnded(so, task, service), state)
  return unhealthy.reduce((so, task) => stopUnhealthy(so, task, service), noted)
}

const CIRCUIT_BREAKER = {
  classic: "ECS deployment circuit breaker",
  reason: "Service deployment rolled back because the circuit breaker threshold was exceeded.",
  cause: "tasks failed to start.",
}

const ALARMS = {
  classic: "ECS deployment alarms",
  reason: "Service deployment rolled back because a CloudWatch alarm was triggered.",
  cause: "alarm detected.",
}

function breakCircuit(state: State, service: Service, rollout: ServiceDeployment): State {
  const breaker = fieldsOf(rollout.configuration, "deploymentCircuitBreaker")
  const goesBack = rollout.status === "ROLLBACK_IN_PROGRESS"
  const failed = goesBack ? (primaryOf(state, service.name)?.failed ?? 0) : rollout.failures
  if (failed < threshold(service)) return state
  if (goesBack) return failRollback(state, rollout)
  return flag(breaker, "enable")
    ? giveUp(state, rollout, { ...CIRCUIT_BREAKER, rollback: flag(breaker, "rollback") })
    : state
}

function heedAlarms(state: State, rollout: ServiceDeployment): State {
  const alarms = fieldsOf(rollout.configuration, "alarms")
  const triggered = texts(alarms, "alarmNames").filter((name) => state.alarms[name] === "ALARM")
  if (!flag(alarms, "enable") || triggered.length === 0 || rollout.status !== "IN_PROGRESS") return state
  const noted = changeServiceDeployment(state, rollout.arn, { triggeredAlarms: triggered })
  return giveUp(noted, rollout, { ...ALARMS, rollback: flag(alarms, "rollback") })
}

/** Rolls a deployment back if its circuit breaker opens or one of its alarms is active. */
export function watch(state: State, name: string): State {
  const rollout = underWay(state, name)
  if (rollout === null) return state
  const broken = breakCircuit(state, serviceNamed(state, name), rollout)
  const still = underWay(broken, name)
  return still === null ? broken : heedAlarms(broken, still)
}
