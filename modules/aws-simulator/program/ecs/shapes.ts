/** Response shapes of ECS. */
import type { Fields } from "../fields.ts"
import { arn } from "../ids.ts"
import { when } from "../operation.ts"
import { deploymentsOf, underWay, wanted } from "../rollout/find.ts"
import type { Deployment, Service, State, TaskDefinition } from "../state.ts"
import { filled } from "./definition-defaults.ts"

/** Returns the ARN of the world's only cluster. */
export const clusterArn = (state: State): string => arn(state.world, "ecs", `cluster/${state.world.cluster}`)

/** Returns a TaskDefinition as DescribeTaskDefinition answers it. */
export const taskDefinitionShape = (definition: TaskDefinition): Fields => ({
  ...filled(definition.registered),
  taskDefinitionArn: definition.arn,
  family: definition.family,
  revision: definition.revision,
  status: definition.inactive ? "INACTIVE" : "ACTIVE",
  compatibilities: ["EC2", "FARGATE"],
  registeredAt: when(definition.registeredAt),
  registeredBy: definition.registeredBy,
})

/** Members that ECS answers for everything on Fargate. */
export const FARGATE = { launchType: "FARGATE", platformVersion: "1.4.0", platformFamily: "Linux" } as const

interface Counts {
  readonly running: number
  readonly pending: number
}

/** Draining tasks count as running. */
export function counts(state: State, deployment: string): Counts {
  const tasks = state.tasks.filter((task) => task.deployment === deployment)
  return {
    running: tasks.filter(({ status }) => status === "RUNNING" || status === "DEACTIVATING").length,
    pending: tasks.filter(({ status }) => ["PROVISIONING", "PENDING", "ACTIVATING"].includes(status)).length,
  }
}

function deploymentShape(state: State, service: Service, entry: Deployment, primary: boolean): Fields {
  const { running, pending } = counts(state, entry.id)
  return {
    id: entry.id,
    status: primary ? "PRIMARY" : "ACTIVE",
    taskDefinition: entry.taskDefinition,
    desiredCount: primary ? service.desired : wanted(state, entry.id).length,
    runningCount: running,
    pendingCount: pending,
    failedTasks: entry.failed,
    createdAt: when(entry.createdAt),
    updatedAt: when(entry.updatedAt),
    ...FARGATE,
    networkConfiguration: service.network,
    rolloutState: entry.state,
    rolloutStateReason: entry.reason,
  }
}

/** Returns the LoadBalancer members of a service; none where it has no target group. */
export const loadBalancers = (service: Service): readonly Fields[] =>
  service.targetGroup === null
    ? []
    : [
        {
          targetGroupArn: service.targetGroup,
          containerName: service.container,
          containerPort: service.port,
          advancedConfiguration:
            service.alternateTargetGroup === null
              ? null
              : {
                  alternateTargetGroupArn: service.alternateTargetGroup,
                  productionListenerRule: service.rule,
                  ...(service.testRule === null ? {} : { testListenerRule: service.testRule }),
                  roleArn: service.infrastructureRole,
                },
        },
      ]

const SETTINGS = {
  healthCheckGracePeriodSeconds: 0,
  schedulingStrategy: "REPLICA",
  enableECSManagedTags: true,
  propagateTags: "SERVICE",
  enableExecuteCommand: false,
}

/** @param fresh includes deployments that are not visible yet, as in the response of UpdateService. */
export function serviceShape(state: State, service: Service, fresh = false): Fields {
  const visible = deploymentsOf(state, service.name).filter((entry) => fresh || entry.visibleAt <= state.now)
  // The newest deployment is primary. Until it is visible, the previous one appears as primary.
  const primary = visible.at(-1)
  const all = deploymentsOf(state, service.name).map(({ id }) => counts(state, id))
  const current = underWay(state, service.name)
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: clusterArn(state),
    status: "ACTIVE",
    loadBalancers: loadBalancers(service),
    serviceRegistries: [],
    desiredCount: service.desired,
    runningCount: all.reduce((sum, { running }) => sum + running, 0),
    pendingCount: all.reduce((sum, { pending }) => sum + pending, 0),
    ...FARGATE,
    taskDefinition: primary?.taskDefinition ?? service.taskDefinition,
    deploymentConfiguration: service.configuration,
    deploymentController: { type: "ECS" },
    deployments: [...visible]
      .reverse()
      .map((entry) => deploymentShape(state, service, entry, entry === primary)),
    currentServiceDeployment: current !== null && current.visibleAt <= state.now ? current.arn : null,
    currentServiceRevisions: visible.map((entry) => ({
      arn: entry.revision,
      requestedTaskCount: entry === primary ? service.desired : wanted(state, entry.id).length,
      runningTaskCount: counts(state, entry.id).running,
      pendingTaskCount: counts(state, entry.id).pending,
    })),
    events: service.events.map(({ id, at, message }) => ({ id, createdAt: when(at), message })),
    createdAt: when(service.createdAt),
    networkConfiguration: service.network,
    ...SETTINGS,
    ...service.described,
  }
}
