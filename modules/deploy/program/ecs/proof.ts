/** Proves that the intended release is live: by revision, digests and targets. */

import { digestOf, digestsOf } from "../aws/images.ts"
import { describeServices, seeServices } from "../aws/services.ts"
import { targetsOf } from "../aws/targets.ts"
import { tasksOf } from "../aws/tasks.ts"
import { nameOf, plural } from "../core/text.ts"
import { minutes, until } from "../core/wait.ts"
import type { Service } from "../environment.ts"
import type { Context } from "./context.ts"
import { liveRevision } from "./progress.ts"

/** What a service must run. */
export interface Expected {
  readonly service: Service
  readonly revision: string
  /** Reference with digest; null: not in the ledger, not checked. */
  readonly image: string | null
}

/** Checks the running tasks. @returns what is wrong, or null. */
async function wrongTasks(
  context: Context,
  { service, revision, image }: Expected,
  desired: number,
): Promise<string | null> {
  const { aws, clock, request } = context
  const tasks = await tasksOf(aws.ecs, clock, request.environment.cluster, service.name, "RUNNING")
  const ours = tasks.filter(
    ({ taskDefinitionArn, lastStatus }) => taskDefinitionArn === revision && lastStatus === "RUNNING",
  )
  if (ours.length < desired)
    return `only ${ours.length} of ${plural(desired, "task")} of ${service.name} run ${nameOf(revision)}`
  if (image === null) return null
  const digests = ours.flatMap(({ containers = [] }) =>
    containers.filter(({ name }) => name === service.container).map(({ imageDigest }) => imageDigest),
  )
  const strange = digests.filter((digest) => digest !== undefined && digest !== digestOf(image))
  if (strange.length === 0) return null
  const allowed = await digestsOf(aws.ecr, clock, image)
  const wrong = strange.find((digest) => digest !== undefined && !allowed.includes(digest))
  return wrong === undefined ? null : `${service.name} runs image ${wrong} instead of ${digestOf(image)}`
}

/** Checks the targets of a load balancer. @returns what is wrong, or null. */
async function wrongTargets(
  context: Context,
  groups: readonly string[],
  desired: number,
): Promise<string | null> {
  const { aws, clock } = context
  const seen = await Promise.all(groups.map((group) => targetsOf(aws.elb, clock, group)))
  const all = seen.flat()
  context.found.bundle = { ...context.found.bundle, targets: all }
  const healthy = all.filter(({ state }) => state === "healthy").length
  const bad = all.find(({ state }) => state === "unhealthy")
  if (healthy >= desired && !bad) return null
  const why = bad ? `; ${bad.target} is unhealthy: ${bad.reason}` : ""
  return `only ${healthy} of ${plural(desired, "target")} are healthy${why}`
}

async function wrongNow(context: Context, meant: Expected): Promise<string | null> {
  const { cluster } = context
  const { service, revision } = meant
  const described = (await describeServices(cluster, [service.name])).get(service.name)
  const primary = described?.deployments?.find(({ status }) => status === "PRIMARY")
  if (primary?.taskDefinition !== revision)
    return `${service.name} runs ${nameOf(primary?.taskDefinition ?? "nothing")} instead of ${nameOf(revision)}`
  const desired = described?.desiredCount ?? 0
  // With blue/green, the old targets are in the other group: one of the two has healthy targets.
  const own = (described?.loadBalancers ?? []).flatMap(({ targetGroupArn, advancedConfiguration }) =>
    [targetGroupArn, advancedConfiguration?.alternateTargetGroupArn].filter((arn) => arn !== undefined),
  )
  const groups = service.targetGroup === null ? own : [service.targetGroup]
  return (
    (await wrongTasks(context, meant, desired)) ??
    (groups.length === 0 || desired === 0 ? null : await wrongTargets(context, groups, desired))
  )
}

/** How long targets may take after ECS reports success. */
const SETTLE_MINUTES = 5

/** Checks every service, for some minutes each. @returns what stays wrong, or null. */
export async function wrongLive(context: Context, set: readonly Expected[]): Promise<string | null> {
  for (const meant of set) {
    let wrong: string | null = null
    const right = await until(context.clock, minutes(SETTLE_MINUTES), async () => {
      wrong = await wrongNow(context, meant)
      return wrong === null ? true : null
    })
    if (right === null) return wrong
  }
  return null
}

/** Returns the live revisions by service. */
export async function liveRevisions(context: Context): Promise<ReadonlyMap<string, string>> {
  const names = context.request.environment.services.map(({ name }) => name)
  const seen = await seeServices(context.cluster, names, null)
  const entries = [...seen].flatMap(([name, service]) => {
    const revision = liveRevision(service)
    return revision === null ? [] : [[name, revision] as const]
  })
  return new Map(entries)
}

/** Returns the services that run no task, because none is desired. */
export async function idleOf({ request, cluster }: Context): Promise<readonly string[]> {
  const names = request.environment.services.map(({ name }) => name)
  const described = await describeServices(cluster, names)
  return names.filter((name) => (described.get(name)?.desiredCount ?? 0) === 0)
}

/** Notes the services that run no task: nothing about them is proven. */
export async function noteIdle(context: Context): Promise<void> {
  const { book } = context
  const idle = [...(await idleOf(context))]
  if (idle.join() !== book.journal().idle.join()) await book.note({ idle })
}
