/** What the roles that ECS assumes must be allowed to do, or a deployment fails after it has begun. */
import type { Service as Described, RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs"
import { ecrImage } from "../aws/images.ts"
import { partitionOf } from "../aws/partition.ts"
import { secretOf } from "../aws/prerequisites.ts"
import { mayDo, type Right } from "../aws/rights.ts"
import { listed, nameOf } from "../core/text.ts"
import type { Service } from "../environment.ts"
import type { Context } from "./context.ts"
import { functionName, type Question } from "./requirements.ts"

/** The service principal of tasks. */
export const TASKS = "ecs-tasks.amazonaws.com"

/** @param of what the right is needed for. */
const question = (
  { aws, clock }: Context,
  right: Right,
  { on, of }: { readonly on: string; readonly of: string },
): Question => ({
  what: `right ${listed(right.actions)} on ${on} of role ${nameOf(right.role)} (${of})`,
  ask: () => mayDo(aws, clock, right),
})

/** Returns the rights to call the functions of lifecycle hooks, also those of others. */
export const toCall = (
  context: Context,
  { name }: Service,
  described: Described | undefined,
): readonly Question[] =>
  (described?.deploymentConfiguration?.lifecycleHooks ?? []).flatMap(({ hookTargetArn, roleArn }) =>
    hookTargetArn?.includes(":lambda:") && roleArn
      ? [
          question(
            context,
            { role: roleArn, actions: ["lambda:InvokeFunction"], resource: hookTargetArn },
            { on: functionName(hookTargetArn), of: `lifecycle hook of ${name}` },
          ),
        ]
      : [],
  )

/** A listener has a rule of its own, or is changed itself (Network Load Balancer). */
const changeOf = (listener: string): string =>
  `elasticloadbalancing:${listener.includes(":listener-rule/") ? "ModifyRule" : "ModifyListener"}`

const TARGETS = ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"]

/** `app/clinic/50dc6c495c0c9188/…` of a listener or a rule, `clinic-web` of a target group. */
const shortOf = (arn: string): string => arn.split("/").slice(1, 3).join("/")

/** Returns the rights to shift the traffic of a service, where its strategy does. */
export function toShift(
  context: Context,
  { name, strategy }: Service,
  described: Described | undefined,
): readonly Question[] {
  if (strategy.kind === "rolling") return []
  return (described?.loadBalancers ?? []).flatMap(({ targetGroupArn, advancedConfiguration: advanced }) => {
    const role = advanced?.roleArn
    if (role === undefined) return []
    const listeners = [advanced?.productionListenerRule, advanced?.testListenerRule]
    const groups = [targetGroupArn, advanced?.alternateTargetGroupArn]
    const rights = [
      ...listeners.flatMap((arn) => (arn ? [{ resource: arn, actions: [changeOf(arn)] }] : [])),
      ...groups.flatMap((arn) => (arn ? [{ resource: arn, actions: TARGETS }] : [])),
    ]
    return rights.map((right) =>
      question(context, { role, ...right }, { on: shortOf(right.resource), of: `load balancer of ${name}` }),
    )
  })
}

/** Returns the ARN of an image's repository; null: it is not in ECR. */
function repositoryOf({ request }: Context, image: string): string | null {
  const found = ecrImage(image)
  if (found === null) return null
  const [host = ""] = image.split("/")
  const region = host.split(".")[3] ?? request.environment.region
  return `arn:${partitionOf(region)}:ecr:${region}:${found.registryId}:repository/${found.repositoryName}`
}

/** Returns the right of a role to read a secret or a parameter, by what a container's `valueFrom` names. */
function toRead({ aws, clock }: Context, role: string, from: string, of: string): Question {
  const action = from.includes(":secretsmanager:") ? "secretsmanager:GetSecretValue" : "ssm:GetParameters"
  const on = from.split(":").slice(5, 7).join(":") || from
  return {
    what: `right ${action} on ${on} of role ${nameOf(role)} (${of})`,
    ask: async () => {
      const resource = await secretOf(aws, clock, from)
      // That it is missing is another question.
      return resource === null || mayDo(aws, clock, { role, actions: [action], resource })
    },
  }
}

/** Returns the rights to start the tasks of a revision: to pull its images and read its secrets. */
export function toStart(context: Context, next: RegisterTaskDefinitionRequest): readonly Question[] {
  const role = next.executionRoleArn
  if (role === undefined) return []
  const containers = next.containerDefinitions ?? []
  const repositories = containers
    .map(({ image = "" }) => repositoryOf(context, image))
    .filter((arn) => arn !== null)
  const secrets = containers.flatMap(({ secrets = [] }) => secrets.map(({ valueFrom = "" }) => valueFrom))
  const of = "start of tasks"
  return [
    ...(repositories.length === 0
      ? []
      : [
          question(
            context,
            { role, actions: ["ecr:GetAuthorizationToken"], resource: "*" },
            { on: "every registry", of },
          ),
        ]),
    ...repositories.map((resource) =>
      question(
        context,
        { role, actions: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], resource },
        { on: resource.slice(resource.indexOf("/") + 1), of },
      ),
    ),
    ...secrets.map((from) => toRead(context, role, from, of)),
  ]
}
