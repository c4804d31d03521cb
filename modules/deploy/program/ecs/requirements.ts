/** What a run will use besides the revisions' own needs: database, migration, alarms, metrics, and each strategy's needs. */
import type { Service as Described } from "@aws-sdk/client-ecs"
import { alarmStates, metricValue } from "../aws/cloudwatch.ts"
import { functionWorks } from "../aws/prerequisites.ts"
import { AwsFault } from "../aws/retry.ts"
import { roleServes } from "../aws/rights.ts"
import { databaseOf } from "../aws/snapshots.ts"
import { targetGroupOf } from "../aws/targets.ts"
import { nameOf } from "../core/text.ts"
import type { Service } from "../environment.ts"
import type { Context } from "./context.ts"
import { networkFor } from "./migration-network.ts"

/** Something that a deployment needs, and how to ask whether it is there. */
export interface Question {
  readonly what: string
  readonly ask: () => Promise<boolean>
}

const HOUR_MS = 3_600_000
/** The service principal of ECS itself. */
const ECS = "ecs.amazonaws.com"

/** Returns the needs of the environment: its database, and what the bake time looks at. */
export function ofEnvironment({ request, aws, clock }: Context): readonly Question[] {
  const { database, bake } = request.environment
  const range = { from: clock.now() - HOUR_MS, to: clock.now() }
  return [
    ...(database === null
      ? []
      : [
          {
            what: `database ${database.instance}`,
            ask: async () => (await databaseOf(aws.rds, clock, database.instance)) !== null,
          },
        ]),
    ...(bake?.alarms ?? []).map((name) => ({
      what: `alarm ${name}`,
      ask: async () => (await alarmStates(aws.cloudwatch, clock, [name])).has(name),
    })),
    ...(bake?.metrics ?? []).map((metric) => ({
      what: `metric ${metric.name}`,
      // A metric that nothing has written yet may be right: it is not known.
      ask: async () => {
        if ((await metricValue(aws.cloudwatch, clock, metric, range)) !== null) return true
        throw new AwsFault("other", "", "CloudWatch GetMetricData", "no data in the last hour")
      },
    })),
  ]
}

/** Returns the needs of the migration's task. */
export function ofMigration(context: Context, networkMode: string | undefined): readonly Question[] {
  const { migration } = context.request.environment
  if (migration === null || networkMode !== "awsvpc") return []
  return [
    {
      what: "subnets of the migration",
      ask: async () => (await networkFor(context, migration)) !== null,
    },
  ]
}

/** Whether ECS can replace tasks one by one within the percentages. */
function hasRoom({ strategy }: Service, desired: number): boolean {
  if (strategy.kind !== "rolling" || desired === 0) return true
  const most = Math.floor((desired * strategy.maximumPercent) / 100)
  const least = Math.ceil((desired * strategy.minimumHealthyPercent) / 100)
  return most > desired || least < desired
}

/** `audit`, or `audit:live` for a version or alias. */
export const functionName = (arn: string): string => arn.split(":function:")[1] ?? arn

/** Returns the functions that ECS calls at the lifecycle hooks of a service, also hooks of others. */
export const ofHooks = (
  { aws, clock }: Context,
  { name }: Service,
  described: Described | undefined,
): readonly Question[] =>
  (described?.deploymentConfiguration?.lifecycleHooks ?? []).flatMap(({ hookTargetArn: arn }) =>
    arn?.includes(":lambda:")
      ? [
          {
            what: `function ${functionName(arn)} of a lifecycle hook of ${name}`,
            ask: () => functionWorks(aws, clock, arn),
          },
        ]
      : [],
  )

/** Returns the roles with which ECS runs the hooks of a service, also hooks of others, and shifts its traffic. */
export function ofRoles({ aws, clock }: Context, { name }: Service, described: Described | undefined) {
  const hooks = described?.deploymentConfiguration?.lifecycleHooks ?? []
  const shifting = (described?.loadBalancers ?? []).map((one) => one.advancedConfiguration?.roleArn)
  return [
    ...hooks.map(({ roleArn }) => ["a lifecycle hook", roleArn] as const),
    ...shifting.map((roleArn) => ["the load balancer", roleArn] as const),
  ].flatMap(([of, arn]): readonly Question[] =>
    arn === undefined
      ? []
      : [
          {
            what: `role ${nameOf(arn)} of ${of} of ${name}, which ${ECS} may assume`,
            ask: () => roleServes(aws, clock, arn, ECS),
          },
        ],
  )
}

/** Returns a question where it is one, which what is known already answers. */
const when = (applies: boolean, what: string, holds: () => boolean): readonly Question[] =>
  applies ? [{ what, ask: async () => holds() }] : []

/** True for a service that others reach by Service Connect or VPC Lattice. */
const isConnected = (described: Described | undefined): boolean =>
  (described?.deployments ?? []).some(
    ({ serviceConnectConfiguration, vpcLatticeConfigurations = [] }) =>
      serviceConnectConfiguration?.enabled === true || vpcLatticeConfigurations.length > 0,
  )

/** Returns what a service must be so that ECS deploys it as it is asked to. */
function ofKind({ name, strategy }: Service, described: Described | undefined): readonly Question[] {
  const controller = described?.deploymentController?.type ?? "ECS"
  return [
    ...when(
      controller !== "ECS",
      `deployment controller ECS of ${name}, which ${controller} deploys`,
      () => false,
    ),
    ...when(
      described?.schedulingStrategy === "DAEMON" && strategy.kind === "rolling",
      `strategy of the daemon service ${name} (maximumPercent: 100)`,
      () => strategy.kind === "rolling" && strategy.maximumPercent <= 100,
    ),
  ]
}

/** Strategies that shift traffic in steps. */
const STEPS = new Set(["canary", "linear"])

/** Returns the needs of a service's strategy: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-implementation.html */
export function ofStrategy(
  { aws, clock }: Context,
  service: Service,
  described: Described | undefined,
): readonly Question[] {
  const { name, strategy, targetGroup } = service
  const balancers = described?.loadBalancers ?? []
  const advanced = balancers.map(({ advancedConfiguration }) => advancedConfiguration)
  const groups = [targetGroup, ...advanced.map((one) => one?.alternateTargetGroupArn)].filter(
    (arn) => typeof arn === "string",
  )
  const shifts = strategy.kind !== "rolling" && balancers.length > 0
  return [
    ...ofKind(service, described),
    ...when(true, `room to replace tasks of ${name} (minimumHealthyPercent, maximumPercent)`, () =>
      hasRoom(service, described?.desiredCount ?? 0),
    ),
    ...when(
      STEPS.has(strategy.kind),
      `load balancer of ${name} for ${strategy.kind}`,
      () => balancers.length > 0 || isConnected(described),
    ),
    ...when(
      shifts,
      `alternate target group, listener rule and role of ${name} for ${strategy.kind} (advancedConfiguration)`,
      () =>
        advanced.every((one) => one?.alternateTargetGroupArn && one.productionListenerRule && one.roleArn),
    ),
    ...when(
      service.testTraffic !== null,
      `test listener rule of ${name} (advancedConfiguration.testListenerRule)`,
      () => advanced.length > 0 && advanced.every((one) => one?.testListenerRule),
    ),
    ...groups.map((arn) => ({
      what: `target group ${arn.split("/")[1] ?? arn} of ${name}`,
      ask: async () => (await targetGroupOf(aws.elb, clock, arn)) !== null,
    })),
  ]
}
