/** Operations of clusters and services. */
import { AwsError } from "../error.ts"
import { type Fields, fieldsOf, flag, isFields, numberOr, text, textOr, texts } from "../fields.ts"
import { arn, nameIn } from "../ids.ts"
import { looks, mutates, type Operations } from "../operation.ts"
import { changeService } from "../rollout/find.ts"
import { startDeployment } from "../rollout/start.ts"
import type { Service, State } from "../state.ts"
import { definitionFor } from "./definitions.ts"
import { clusterArn, serviceShape } from "./shapes.ts"

/** @throws AwsError for an unknown cluster. */
export function checkCluster(state: State, input: Fields): void {
  if (nameIn(textOr(input, "cluster", "default")) !== state.world.cluster) {
    throw new AwsError("ClusterNotFoundException", "Cluster not found.")
  }
}

const missing = (arnOf: string): Fields => ({ arn: arnOf, reason: "MISSING" })

function clusterShape(state: State): Fields {
  const running = state.tasks.filter(({ status }) => status === "RUNNING").length
  return {
    clusterArn: clusterArn(state),
    clusterName: state.world.cluster,
    status: "ACTIVE",
    registeredContainerInstancesCount: 0,
    runningTasksCount: running,
    pendingTasksCount: 0,
    activeServicesCount: state.services.length,
    capacityProviders: ["FARGATE", "FARGATE_SPOT"],
  }
}

function updated(state: State, service: Service, input: Fields): State {
  const definition = textOr(input, "taskDefinition", null)
  const taskDefinition = definition === null ? service.taskDefinition : definitionFor(state, definition).arn
  const desired = numberOr(input, "desiredCount", service.desired)
  // Members that UpdateService omits keep their values.
  const configuration = { ...service.configuration, ...fieldsOf(input, "deploymentConfiguration") }
  const alarmed = knowAlarms(state, configuration)
  const starts = taskDefinition !== service.taskDefinition || flag(input, "forceNewDeployment")
  const update = { taskDefinition, desired, configuration }
  if (starts) return startDeployment(alarmed, service, update)
  return changeService(alarmed, service.name, (entry) => ({ ...entry, ...update }))
}

/** Creates alarms that a service watches and the world does not name. */
function knowAlarms(state: State, configuration: Fields): State {
  const names = texts(fieldsOf(configuration, "alarms"), "alarmNames").filter(
    (name) => !(name in state.alarms),
  )
  if (names.length === 0) return state
  return {
    ...state,
    alarms: { ...Object.fromEntries(names.map((name) => [name, "OK"] as const)), ...state.alarms },
  }
}

function checkConfiguration(configuration: Fields): void {
  const minutes = numberOr(configuration, "bakeTimeInMinutes", 0)
  if (minutes < 0 || minutes > 1440) {
    throw new AwsError("InvalidParameterException", "bakeTimeInMinutes must be between 0 and 1440.")
  }
}

export const services: Operations = {
  DescribeClusters: looks((state, input) => {
    const requested = texts(input, "clusters")
    const known = requested.filter((name) => nameIn(name) === state.world.cluster)
    const unknown = requested.filter((name) => nameIn(name) !== state.world.cluster)
    return {
      clusters: known.length > 0 ? [clusterShape(state)] : [],
      failures: unknown.map((name) => missing(arn(state.world, "ecs", `cluster/${nameIn(name)}`))),
    }
  }),
  DescribeServices: looks((state, input) => {
    checkCluster(state, input)
    const requested = texts(input, "services").map(nameIn)
    const found = state.services.filter(({ name }) => requested.includes(name))
    const unknown = requested.filter((name) => !found.some((service) => service.name === name))
    return {
      services: found.map((service) => serviceShape(state, service)),
      failures: unknown.map((name) =>
        missing(arn(state.world, "ecs", `service/${state.world.cluster}/${name}`)),
      ),
    }
  }),
  ListServices: looks((state, input) => {
    checkCluster(state, input)
    return { serviceArns: state.services.map((service) => service.arn) }
  }),
  UpdateService: mutates((state, input) => {
    checkCluster(state, input)
    const name = nameIn(text(input, "service"))
    const service = state.services.find((entry) => entry.name === name)
    if (service === undefined) throw new AwsError("ServiceNotFoundException", "Service not found.")
    if (isFields(input.deploymentConfiguration)) checkConfiguration(input.deploymentConfiguration)
    const after = updated(state, service, input)
    const now = after.services.find((entry) => entry.name === name) ?? service
    return { state: after, output: { service: serviceShape(after, now, true) } }
  }),
}
