/** Calls that change ECS services. */
import {
  ContinueServiceDeploymentCommand,
  type DeploymentConfiguration,
  type DeploymentLifecycleHook,
  DescribeServiceDeploymentsCommand,
  type ECSClient,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from "@aws-sdk/client-ecs"
import type { Clock } from "../core/clock.ts"
import { Fault } from "../core/fault.ts"
import type { Service } from "../environment.ts"
import { AwsFault, call, isRejected } from "./retry.ts"

/** The lifecycle stages of ECS at which a deployment may pause, by their names in slipway.yaml. */
export const STAGES = {
  "test-traffic": "POST_TEST_TRAFFIC_SHIFT",
  "production-traffic": "PRE_PRODUCTION_TRAFFIC_SHIFT",
  "clean-up": "POST_PRODUCTION_TRAFFIC_SHIFT",
} as const

const ANSWERS = { continue: "CONTINUE", rollback: "ROLLBACK" } as const

function strategyOf({ strategy }: Service): DeploymentConfiguration {
  switch (strategy.kind) {
    case "rolling":
      return {
        strategy: "ROLLING",
        minimumHealthyPercent: strategy.minimumHealthyPercent,
        maximumPercent: strategy.maximumPercent,
      }
    case "blue-green":
      return { strategy: "BLUE_GREEN", bakeTimeInMinutes: strategy.bakeMinutes }
    case "canary":
      return {
        strategy: "CANARY",
        bakeTimeInMinutes: strategy.bakeMinutes,
        canaryConfiguration: {
          canaryPercent: strategy.percent,
          canaryBakeTimeInMinutes: strategy.canaryBakeMinutes,
        },
      }
    case "linear":
      return {
        strategy: "LINEAR",
        bakeTimeInMinutes: strategy.bakeMinutes,
        linearConfiguration: {
          stepPercent: strategy.stepPercent,
          stepBakeTimeInMinutes: strategy.stepBakeMinutes,
        },
      }
  }
}

/** Returns the hooks that others have set: they stay. */
const othersOf = ({ lifecycleHooks = [] }: DeploymentConfiguration): DeploymentLifecycleHook[] =>
  lifecycleHooks.filter(({ targetType }) => targetType !== "PAUSE")

/** Returns the stages in which a service waits: for a person, or for the deployer. */
const pausesOf = ({ pause, analysis, testTraffic }: Service) => [
  ...(pause === null ? [] : [pause]),
  ...(testTraffic === null
    ? []
    : [{ ...testTraffic, before: "test-traffic" as const, otherwise: "rollback" as const }]),
  ...(analysis === null
    ? []
    : [{ ...analysis, before: "production-traffic" as const, otherwise: "rollback" as const }]),
]

/** Returns the hooks of a service: our pauses are added to those of others. */
const hooksOf = (
  service: Service,
  back: boolean,
  others: DeploymentLifecycleHook[],
): DeploymentLifecycleHook[] => [
  ...others,
  ...pausesOf(service).map(
    ({ before, timeoutMinutes, otherwise }): DeploymentLifecycleHook => ({
      targetType: "PAUSE",
      lifecycleStages: [STAGES[before]],
      timeoutConfiguration: {
        timeoutInMinutes: timeoutMinutes,
        // A pause that times out must not roll back where nothing else may.
        action: ANSWERS[back ? otherwise : "continue"],
      },
    }),
  ),
]

/**
 * Returns the deployment configuration of a service. Every setting is sent, also an empty one: ECS keeps what is left out.
 *
 * @param back whether ECS may roll back by itself: by its circuit breaker, alarms, and pauses that time out.
 * @param has the configuration that the service has: hooks of others stay.
 */
export const configurationOf = (
  service: Service,
  back: boolean,
  alarms: readonly string[],
  has: DeploymentConfiguration,
): DeploymentConfiguration => ({
  ...strategyOf(service),
  deploymentCircuitBreaker: { enable: true, rollback: back },
  alarms: { alarmNames: [...alarms], enable: alarms.length > 0, rollback: alarms.length > 0 && back },
  lifecycleHooks: hooksOf(service, back, othersOf(has)),
})

/**
 * Returns the deployment configuration of a rollback: without pause, bake time and alarms. Hooks of others stay. The
 * configured settings return once the rollback is live.
 */
export const rollbackConfigurationOf = (
  service: Service,
  has: DeploymentConfiguration,
): DeploymentConfiguration => ({
  ...(service.strategy.kind === "rolling"
    ? strategyOf(service)
    : { strategy: "BLUE_GREEN", bakeTimeInMinutes: 0 }),
  deploymentCircuitBreaker: { enable: true, rollback: false },
  alarms: { alarmNames: [], enable: false, rollback: false },
  lifecycleHooks: othersOf(has),
})

/** What ECS says of a task definition that somebody deregistered, and what that means. */
const INACTIVE = /TaskDefinition is inactive/i
const DEREGISTERED = {
  what: ": somebody deregistered the revision",
  fix: "keep the revisions of releases: ECS starts nothing from one that is deregistered",
}

/** Thrown if ECS answered an update of a service, and refused it: nothing was changed. */
export class RefusedUpdate extends Fault {
  constructor(service: string, { kind, message, fix }: AwsFault) {
    const known = INACTIVE.test(message) ? DEREGISTERED : { what: "", fix }
    super(kind, message, { what: `ECS rejected the update of ${service}${known.what}`, fix: known.fix })
    this.name = "RefusedUpdate"
  }
}

/** @throws {RefusedUpdate} */
async function updated(ecs: ECSClient, clock: Clock, update: UpdateServiceCommandInput) {
  const { service: name = "" } = update
  try {
    return await call(clock, `ECS UpdateService ${name}`, () => ecs.send(new UpdateServiceCommand(update)))
  } catch (error) {
    throw isRejected(error) ? new RefusedUpdate(name, error) : error
  }
}

/** Changes the deployment configuration alone: ECS starts no deployment. @throws {RefusedUpdate} */
export async function configure(
  ecs: ECSClient,
  clock: Clock,
  cluster: string,
  service: string,
  configuration: DeploymentConfiguration,
): Promise<void> {
  await updated(ecs, clock, { cluster, service, deploymentConfiguration: configuration })
}

/** Starts a deployment. @returns its ID in ECS, if the response has it. @throws {RefusedUpdate} */
export async function updateService(
  ecs: ECSClient,
  clock: Clock,
  cluster: string,
  update: {
    readonly service: string
    readonly revision: string
    readonly configuration: DeploymentConfiguration
    /** Whether the service has this revision, and ECS gave it up. */
    readonly again: boolean
  },
): Promise<string | null> {
  const { service } = await updated(ecs, clock, {
    cluster,
    service: update.service,
    taskDefinition: update.revision,
    deploymentConfiguration: update.configuration,
    ...(update.again ? { forceNewDeployment: true } : {}),
  })
  const primary = service?.deployments?.find(({ status }) => status === "PRIMARY")
  return primary?.taskDefinition === update.revision ? (primary.id ?? null) : null
}

/** A lifecycle hook that waits. */
interface PauseOf {
  readonly serviceDeployment: string
  readonly hookId: string
}

/** Returns whether a lifecycle hook still waits for an answer. */
async function waits(ecs: ECSClient, clock: Clock, { serviceDeployment, hookId }: PauseOf): Promise<boolean> {
  const { serviceDeployments = [] } = await call(clock, "ECS DescribeServiceDeployments", () =>
    ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeployment] })),
  )
  return serviceDeployments
    .flatMap(({ lifecycleHookDetails = [] }) => lifecycleHookDetails)
    .some((hook) => hook.hookId === hookId && hook.status === "AWAITING_ACTION")
}

/**
 * Answers a waiting lifecycle hook.
 *
 * @returns false if it does not wait any more: the reply to an earlier attempt was lost, or somebody else was faster.
 */
export async function answerPause(
  ecs: ECSClient,
  clock: Clock,
  pause: PauseOf & { readonly answer: keyof typeof ANSWERS },
): Promise<boolean> {
  const input = {
    serviceDeploymentArn: pause.serviceDeployment,
    hookId: pause.hookId,
    action: ANSWERS[pause.answer],
  }
  try {
    await call(clock, "ECS ContinueServiceDeployment", () =>
      ecs.send(new ContinueServiceDeploymentCommand(input)),
    )
    return true
  } catch (error) {
    if (isRejected(error) && !(await waits(ecs, clock, pause))) return false
    throw error
  }
}

/** Makes ECS roll back a deployment in progress. @returns false if it is no longer in progress. */
export async function stopDeployment(
  ecs: ECSClient,
  clock: Clock,
  serviceDeployment: string,
): Promise<boolean> {
  try {
    await call(clock, "ECS StopServiceDeployment", () =>
      ecs.send(
        new StopServiceDeploymentCommand({ serviceDeploymentArn: serviceDeployment, stopType: "ROLLBACK" }),
      ),
    )
    return true
  } catch (error) {
    if (error instanceof AwsFault && !["credentials", "denied", "busy", "unreachable"].includes(error.kind))
      return false
    throw error
  }
}
