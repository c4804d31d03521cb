/** Whether what is live is what was meant: revision, digests, targets. */

import { digestOf, digestsOf } from "../aws/images.ts"
import { describeServices, seeServices } from "../aws/services.ts"
import { targetsOf } from "../aws/targets.ts"
import { tasksOf } from "../aws/tasks.ts"
import type { Service } from "../environment.ts"
import type { Given } from "../given.ts"
import { liveRevision } from "../plan/rollout.ts"
import { nameOf, plural } from "../plan/text.ts"
import { minutes, until } from "./wait.ts"

/** What a service is meant to run. */
export interface Meant {
  readonly service: Service
  readonly revision: string
  /** By digest; null where the ledger does not know it. */
  readonly image: string | null
}

/** What is wrong with the running tasks, or null. */
async function wrongTasks(
  given: Given,
  { service, revision, image }: Meant,
  desired: number,
): Promise<string | null> {
  const { aws, clock, request } = given
  const tasks = await tasksOf(aws.ecs, clock, request.environment.cluster, service.name, "RUNNING")
  const ours = tasks.filter(
    ({ taskDefinitionArn, lastStatus }) => taskDefinitionArn === revision && lastStatus === "RUNNING",
  )
  if (ours.length < desired)
    return `${ours.length} of ${plural(desired, "task")} of ${service.name} run ${nameOf(revision)}`
  if (image === null) return null
  const digests = ours.flatMap(({ containers = [] }) =>
    containers.filter(({ name }) => name === service.container).map(({ imageDigest }) => imageDigest),
  )
  const strange = digests.filter((digest) => digest !== undefined && digest !== digestOf(image))
  if (strange.length === 0) return null
  const allowed = await digestsOf(aws.ecr, clock, image)
  const wrong = strange.find((digest) => digest !== undefined && !allowed.includes(digest))
  return wrong === undefined
    ? null
    : `${service.name} runs the image ${wrong}, and ${digestOf(image)} was meant`
}

/** What is wrong with the targets, or null. A service behind no load balancer has none. */
async function wrongTargets(
  given: Given,
  groups: readonly string[],
  desired: number,
): Promise<string | null> {
  const { aws, clock } = given
  const seen = await Promise.all(groups.map((group) => targetsOf(aws.elb, clock, group)))
  const all = seen.flat()
  given.found.bundle = { ...given.found.bundle, targets: all }
  const healthy = all.filter(({ state }) => state === "healthy").length
  const bad = all.find(({ state }) => state === "unhealthy")
  if (healthy >= desired && !bad) return null
  const why = bad ? `; ${bad.target} is unhealthy: ${bad.reason}` : ""
  return `${healthy} of ${plural(desired, "target")} healthy${why}`
}

async function wrongNow(given: Given, meant: Meant): Promise<string | null> {
  const { cluster } = given
  const { service, revision } = meant
  const described = (await describeServices(cluster, [service.name])).get(service.name)
  const primary = described?.deployments?.find(({ status }) => status === "PRIMARY")
  if (primary?.taskDefinition !== revision)
    return `${service.name} runs ${nameOf(primary?.taskDefinition ?? "nothing")} instead of ${nameOf(revision)}`
  const desired = described?.desiredCount ?? 0
  // Of blue/green, the old targets are in the other group: the one in use has healthy ones.
  const own = (described?.loadBalancers ?? []).flatMap(({ targetGroupArn, advancedConfiguration }) =>
    [targetGroupArn, advancedConfiguration?.alternateTargetGroupArn].filter((arn) => arn !== undefined),
  )
  const groups = service.targetGroup === null ? own : [service.targetGroup]
  return (
    (await wrongTasks(given, meant, desired)) ??
    (groups.length === 0 || desired === 0 ? null : await wrongTargets(given, groups, desired))
  )
}

/** How long targets may take after ECS called a rollout successful. */
const SETTLE_MINUTES = 5

/** What stays wrong with one of the services, in words; null where all is as meant. */
export async function wrongLive(given: Given, set: readonly Meant[]): Promise<string | null> {
  for (const meant of set) {
    let wrong: string | null = null
    const right = await until(given.clock, minutes(SETTLE_MINUTES), async () => {
      wrong = await wrongNow(given, meant)
      return wrong === null ? true : null
    })
    if (right === null) return wrong
  }
  return null
}

/** The revisions that are in place now, by service. */
export async function liveRevisions(given: Given): Promise<ReadonlyMap<string, string>> {
  const names = given.request.environment.services.map(({ name }) => name)
  const seen = await seeServices(given.cluster, names, given.clock.now())
  const entries = [...seen].flatMap(([name, service]) => {
    const revision = liveRevision(service)
    return revision === null ? [] : [[name, revision] as const]
  })
  return new Map(entries)
}
