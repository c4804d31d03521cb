/** Calls that change ECS services. */
import {
  ContinueServiceDeploymentCommand,
  type DeploymentConfiguration,
  type ECSClient,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs"
import type { Clock } from "../core/clock.ts"
import type { Service } from "../environment.ts"
import { AwsFault, call } from "./retry.ts"

const STAGES = {
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

/**
 * Returns the deployment configuration of a rollout.
 *
 * @param back whether ECS may roll back by itself. It must not after a contract migration.
 */
export function configurationOf(
  service: Service,
  back: boolean,
  alarms: readonly string[],
): DeploymentConfiguration {
  const { pause } = service
  return {
    ...strategyOf(service),
    deploymentCircuitBreaker: { enable: true, rollback: back },
    ...(alarms.length === 0 ? {} : { alarms: { alarmNames: [...alarms], enable: true, rollback: back } }),
    ...(pause === null
      ? {}
      : {
          lifecycleHooks: [
            {
              targetType: "PAUSE",
              lifecycleStages: [STAGES[pause.before]],
              timeoutConfiguration: {
                timeoutInMinutes: pause.timeoutMinutes,
                action: ANSWERS[pause.otherwise],
              },
            },
          ],
        }),
  }
}

/**
 * Returns the deployment configuration of a rollback: without pause, bake time and alarms. Lifecycle hooks that others
 * configured stay.
 *
 * @param alarms whether slipway.yaml configures alarms.
 */
export const rollbackConfigurationOf = (service: Service, alarms: boolean): DeploymentConfiguration => ({
  ...(service.strategy.kind === "rolling"
    ? strategyOf(service)
    : { strategy: "BLUE_GREEN", bakeTimeInMinutes: 0 }),
  deploymentCircuitBreaker: { enable: true, rollback: false },
  ...(alarms ? { alarms: { alarmNames: [], enable: false, rollback: false } } : {}),
  ...(service.pause === null ? {} : { lifecycleHooks: [] }),
})

/** Starts a deployment. @returns its ID in ECS, if the response has it. */
export async function updateService(
  ecs: ECSClient,
  clock: Clock,
  cluster: string,
  update: {
    readonly service: string
    readonly revision: string
    readonly configuration: DeploymentConfiguration
  },
): Promise<string | null> {
  const { service } = await call(clock, `ECS UpdateService ${update.service}`, () =>
    ecs.send(
      new UpdateServiceCommand({
        cluster,
        service: update.service,
        taskDefinition: update.revision,
        deploymentConfiguration: update.configuration,
      }),
    ),
  )
  const primary = service?.deployments?.find(({ status }) => status === "PRIMARY")
  return primary?.taskDefinition === update.revision ? (primary.id ?? null) : null
}

/** Answers a waiting lifecycle hook. */
export async function answerPause(
  ecs: ECSClient,
  clock: Clock,
  pause: {
    readonly serviceDeployment: string
    readonly hookId: string
    readonly answer: keyof typeof ANSWERS
  },
): Promise<void> {
  await call(clock, "ECS ContinueServiceDeployment", () =>
    ecs.send(
      new ContinueServiceDeploymentCommand({
        serviceDeploymentArn: pause.serviceDeployment,
        hookId: pause.hookId,
        action: ANSWERS[pause.answer],
      }),
    ),
  )
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
