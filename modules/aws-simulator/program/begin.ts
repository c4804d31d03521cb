/** Makes the account at the start of a rehearsal: every service is healthy on its earlier release. */
import { AGE, definitionOf, otherDefinitionOf } from "./begin-definitions.ts"
import { arn, digits, globalArn } from "./ids.ts"
import {
  balancingFor,
  canShift,
  hasTests,
  isBalanced,
  ruleArn,
  targetGroupArn,
  testRuleArn,
} from "./load-balancing.ts"
import { walk } from "./rollout/steps.ts"
import { addTask } from "./rollout/tasks.ts"
import type { Scenario } from "./scenario.ts"
import {
  type Deployment,
  minute,
  type Service,
  type ServiceDeployment,
  type ServiceRevision,
  type State,
} from "./state.ts"
import type { World, WorldService } from "./world.ts"

function serviceFor(world: World, scenario: Scenario, now: number, service: WorldService): Service {
  return {
    name: service.name,
    arn: arn(world, "ecs", `service/${world.cluster}/${service.name}`),
    createdAt: now - 30 * AGE,
    taskDefinition: arn(world, "ecs", `task-definition/${service.family}:${service.revision}`),
    desired: service.desired,
    configuration: { ...service.deploymentConfiguration, ...scenario.deploymentConfiguration },
    network: {
      awsvpcConfiguration: {
        subnets: world.subnets ?? ["subnet-0a", "subnet-0b"],
        securityGroups: world.securityGroups ?? ["sg-0a"],
        assignPublicIp: "DISABLED",
      },
    },
    container: service.container,
    port: service.port,
    targetGroup: isBalanced(service) ? targetGroupArn(world, service, "blue") : null,
    alternateTargetGroup: canShift(service) ? targetGroupArn(world, service, "green") : null,
    rule: isBalanced(service) ? ruleArn(world, service) : null,
    testRule: hasTests(service) ? testRuleArn(world, service) : null,
    infrastructureRole: globalArn(world, "iam", `role/${world.cluster}-load-balancing`),
    described: service.described,
    events: [],
  }
}

/** Returns the number of a service's first deployment. */
const firstNumber = ({ name }: WorldService): string => digits(`${name}/first`, 19)

const revisionArn = (world: World, service: WorldService): string =>
  arn(world, "ecs", `service-revision/${world.cluster}/${service.name}/${firstNumber(service)}`)

function revisionFor(world: World, scenario: Scenario, now: number, service: WorldService): ServiceRevision {
  return {
    arn: revisionArn(world, service),
    service: service.name,
    taskDefinition: arn(world, "ecs", `task-definition/${service.family}:${service.revision}`),
    createdAt: now - AGE,
    proven: scenario.deployedBefore,
  }
}

function deploymentFor(world: World, scenario: Scenario, now: number, service: WorldService): Deployment {
  const id = `ecs-svc/${firstNumber(service)}`
  return {
    id,
    service: service.name,
    revision: revisionArn(world, service),
    taskDefinition: arn(world, "ecs", `task-definition/${service.family}:${service.revision}`),
    primary: true,
    state: scenario.deployedBefore ? "COMPLETED" : "FAILED",
    reason: scenario.deployedBefore
      ? `ECS deployment ${id} completed.`
      : "ECS deployment circuit breaker: tasks failed to start.",
    failed: scenario.deployedBefore ? 0 : 3,
    createdAt: now - AGE,
    updatedAt: now - AGE,
    visibleAt: 0,
    startAfter: 0,
  }
}

function historyFor(world: World, scenario: Scenario, now: number, service: WorldService): ServiceDeployment {
  const started = now - AGE
  const ended = started + 5 * minute
  const strategy = service.deploymentConfiguration.strategy
  const number = digits(`${service.name}/first/way`, 21)
  return {
    arn: arn(world, "ecs", `service-deployment/${world.cluster}/${service.name}/${number}`),
    service: service.name,
    target: revisionArn(world, service),
    sources: [],
    status: scenario.deployedBefore ? "SUCCESSFUL" : "STOPPED",
    reason: scenario.deployedBefore ? null : "Service deployment failed: tasks failed to start.",
    createdAt: started,
    startedAt: started,
    updatedAt: ended,
    finishedAt: ended,
    stoppedAt: scenario.deployedBefore ? null : ended,
    visibleAt: 0,
    configuration: service.deploymentConfiguration,
    strategy: typeof strategy === "string" ? strategy : "ROLLING",
    stage: null,
    stageEndsAt: null,
    shifts: 0,
    weight: 100,
    hooks: [],
    failures: 0,
    triggeredAlarms: [],
    rollback: null,
  }
}

const IS_RUNNING = ["PENDING", "ACTIVATING", "RUNNING", "HEALTHY"] as const

function withRunning(state: State, deployment: Deployment): State {
  const service = state.services.find(({ name }) => name === deployment.service)
  const definition = state.taskDefinitions.find(({ arn }) => arn === deployment.taskDefinition)
  if (service === undefined || definition === undefined) return state
  return Array.from({ length: service.desired }).reduce<State>(
    (so) =>
      addTask(so, {
        definition,
        group: `service:${service.name}`,
        service: service.name,
        startedBy: deployment.id,
        targetGroup: service.targetGroup,
        plan: IS_RUNNING.map((to) => ({ at: so.now, to })),
        overrides: {},
        tags: [],
        clientToken: null,
        executes: false,
      })[1],
    state,
  )
}

/** @param now milliseconds since the epoch. */
export function begin(world: World, scenario: Scenario, now: number): State {
  const deployments = world.services.map((service) => deploymentFor(world, scenario, now, service))
  const state: State = {
    world,
    scenario,
    now: now - AGE,
    sequence: 0,
    taskDefinitions: [
      ...world.services.map((service) => definitionOf(world, now, service)),
      ...world.taskDefinitions.map((definition) => otherDefinitionOf(world, now, definition)),
    ],
    services: world.services.map((service) => serviceFor(world, scenario, now, service)),
    revisions: world.services.map((service) => revisionFor(world, scenario, now, service)),
    deployments,
    serviceDeployments: world.services.map((service) => historyFor(world, scenario, now, service)),
    tasks: [],
    balancing: balancingFor(world),
    snapshots: [],
    objects: [],
    versions: {},
    logs: [],
    alarms: Object.fromEntries(world.alarms.map((name) => [name, "OK"])),
    metricAlarms: [],
    anomalyDetectors: [],
    tags: {},
    sessions: {},
    expiredBefore: null,
    happened: { start: now },
    passed: [],
  }
  const running = scenario.deployedBefore ? deployments.reduce(withRunning, state) : state
  const walked = running.tasks.map((task) => walk(task, running))
  return { ...running, tasks: walked, now }
}
