/** Operations of clusters and services. */
import { AwsError } from "../error.ts"
import { type Fields, fieldsOf, flag, numberOr, text, textOr, texts } from "../fields.ts"
import { arn, nameIn } from "../ids.ts"
import { looks, mutates, type Operations } from "../operation.ts"
import { changeService } from "../rollout/find.ts"
import { startDeployment } from "../rollout/start.ts"
import type { Service, State } from "../state.ts"
import { definitionFor } from "./definitions.ts"
import { checkDeployable, checkUpdatable } from "./prerequisites.ts"
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

/** @throws AwsError for a revision that somebody deregistered. */
function startable(state: State, name: string): string {
  const { arn, inactive } = definitionFor(state, name)
  if (inactive) throw new AwsError("ClientException", "TaskDefinition is inactive")
  return arn
}

function updated(state: State, service: Service, input: Fields): State {
  const definition = textOr(input, "taskDefinition", null)
  const taskDefinition = definition === null ? service.taskDefinition : startable(state, definition)
  const desired = numberOr(input, "desiredCount", service.desired)
  // Members that UpdateService omits keep their values.
  const configuration = { ...service.configuration, ...fieldsOf(input, "deploymentConfiguration") }
  const starts = taskDefinition !== service.taskDefinition || flag(input, "forceNewDeployment")
  const update = { taskDefinition, desired, configuration }
  checkDeployable(state, { ...service, ...update })
  if (starts) return startDeployment(state, service, update)
  return changeService(state, service.name, (entry) => ({ ...entry, ...update }))
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
    checkUpdatable(service, input)
    const after = updated(state, service, input)
    const now = after.services.find((entry) => entry.name === name) ?? service
    return { state: after, output: { service: serviceShape(after, now, true) } }
  }),
}
