import { AwsError } from "../error.ts"
import { fieldsOf, numberOr, textOr } from "../fields.ts"
import { hex } from "../ids.ts"
import type {
  Deployment,
  Service,
  ServiceDeployment,
  ServiceEvent,
  ServiceRevision,
  State,
  Task,
} from "../state.ts"
import { change } from "../state.ts"

/** Returns a service. @throws AwsError ServiceNotFoundException. */
export function serviceNamed(state: State, name: string): Service {
  const service = state.services.find((entry) => entry.name === name)
  if (service === undefined) throw new AwsError("ServiceNotFoundException", "Service not found.")
  return service
}

/** Returns a service revision. @throws AwsError ClientException for an ARN that is unknown. */
export function revisionAt(state: State, arn: string): ServiceRevision {
  const revision = state.revisions.find((entry) => entry.arn === arn)
  if (revision === undefined) throw new AwsError("ClientException", `Service revision not found: ${arn}`)
  return revision
}

/** Returns the deployments of a service: of what it runs, and of what it ran until now. */
export const deploymentsOf = (state: State, service: string): readonly Deployment[] =>
  state.deployments.filter((entry) => entry.service === service)

/** Returns the deployment whose tasks a service is to run. */
export const primaryOf = (state: State, service: string): Deployment | null =>
  state.deployments.find((entry) => entry.service === service && entry.primary) ?? null

const UNDER_WAY = new Set([
  "PENDING",
  "IN_PROGRESS",
  "STOP_REQUESTED",
  "ROLLBACK_REQUESTED",
  "ROLLBACK_IN_PROGRESS",
])

/** Returns whether a service deployment has not ended, forward or back. */
export const isUnderWay = (entry: ServiceDeployment): boolean => UNDER_WAY.has(entry.status)

/** Returns the service deployment that has not ended, or null. */
export const underWay = (state: State, service: string): ServiceDeployment | null =>
  state.serviceDeployments.find((entry) => entry.service === service && isUnderWay(entry)) ?? null

/** Returns the tasks of a deployment that should run. */
export const wanted = (state: State, deployment: string): readonly Task[] =>
  state.tasks.filter((task) => task.deployment === deployment && task.wanted === "RUNNING")

/** Returns the tasks that run, are healthy, and are not asked to stop. */
export const healthy = (tasks: readonly Task[]): readonly Task[] =>
  tasks.filter((task) => task.health === "HEALTHY" && task.status === "RUNNING" && task.wanted === "RUNNING")

/** Returns the tasks of a deployment that have not stopped, including draining ones. */
export const remaining = (state: State, deployment: string): readonly Task[] =>
  state.tasks.filter((task) => task.deployment === deployment && task.status !== "STOPPED")

/** Returns the state with one service changed. */
export const changeService = (state: State, name: string, to: (service: Service) => Service): State => ({
  ...state,
  services: change(state.services, (entry) => entry.name === name, to),
})

/** Returns the state with one deployment changed, as of now. */
export const changeDeployment = (state: State, id: string, to: Partial<Deployment>): State => ({
  ...state,
  deployments: change(
    state.deployments,
    (entry) => entry.id === id,
    (entry) => ({ ...entry, ...to, updatedAt: state.now }),
  ),
})

/** Returns the state with one service deployment changed, as of now. */
export const changeServiceDeployment = (
  state: State,
  arn: string,
  to: Partial<ServiceDeployment>,
): State => ({
  ...state,
  serviceDeployments: change(
    state.serviceDeployments,
    (entry) => entry.arn === arn,
    (entry) => ({ ...entry, ...to, updatedAt: state.now }),
  ),
})

/** AWS keeps the last hundred events of a service, the newest first. */
const EVENTS_KEPT = 100

/** Adds an event to a service in the words of ECS: `(service api) has reached a steady state.` */
export const say = (state: State, name: string, message: string): State =>
  changeService(state, name, (service) => {
    const id = hex(`${name}/${state.now}/${service.events.length}/${message}`, 32)
    const event: ServiceEvent = { id, at: state.now, message: `(service ${name}) ${message}` }
    return { ...service, events: [event, ...service.events].slice(0, EVENTS_KEPT) }
  })

/** Notes the first time of a trigger, for the scenario's events. */
export const happen = (state: State, what: string): State =>
  what in state.happened ? state : { ...state, happened: { ...state.happened, [what]: state.now } }

/** Returns the largest number of tasks and the smallest number of healthy ones, rounded as in ECS. */
export function limits(service: Service): { readonly most: number; readonly fewest: number } {
  const most = Math.floor((service.desired * numberOr(service.configuration, "maximumPercent", 200)) / 100)
  const fewest = Math.ceil(
    (service.desired * numberOr(service.configuration, "minimumHealthyPercent", 100)) / 100,
  )
  return { most: Math.max(most, 1), fewest }
}

/** Returns ECS's name of a service's strategy; ROLLING by default, as at AWS. */
export const strategyOf = (service: Service): string => textOr(service.configuration, "strategy", "ROLLING")

/** Returns the threshold of the circuit breaker: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html */
export function threshold(service: Service): number {
  const settings = fieldsOf(
    fieldsOf(service.configuration, "deploymentCircuitBreaker"),
    "thresholdConfiguration",
  )
  const value = numberOr(settings, "value", 50)
  const share = Math.ceil((service.desired * value) / 100)
  const kinds: Readonly<Record<string, number>> = {
    COUNT: value,
    UNBOUNDED_PERCENT: share,
    BOUNDED_PERCENT: Math.max(3, Math.min(200, share)),
  }
  return kinds[textOr(settings, "type", "BOUNDED_PERCENT")] ?? Math.max(3, Math.min(200, share))
}
