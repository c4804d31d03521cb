/** Registers the next revision of each service. */
import { describeServices, seeServices } from "../aws/services.ts"
import { isActive, register } from "../aws/task-definitions.ts"
import { NOT_ROLLED, type Rolled } from "../core/journal.ts"
import { Ended, end } from "../core/outcome.ts"
import { type Done, did, type Step } from "../core/step.ts"
import { nameOf } from "../core/text.ts"
import type { Service } from "../environment.ts"
import type { Context } from "./context.ts"
import { isSteady, liveRevision } from "./progress.ts"
import { type Change, render, revisionDiff, sameContent } from "./render.ts"
import { sourceOf } from "./source.ts"

/** Returns the tags of a revision. */
export function tagsOf({ request, book }: Context): Record<string, string> {
  const { number, commit } = book.journal()
  return {
    "slipway:environment": request.environment.name,
    "slipway:commit": commit,
    "slipway:release": String(number),
  }
}

const changeOf = ({ request }: Context, service: Service): Change => ({
  container: service.container,
  image: request.release.images[service.image] ?? null,
  flags: request.environment.featureFlags,
})

const refused = (what: string, todo: string) => new Ended(end("refused", what, { todo: [todo] }))

/** Returns the revision that a service runs now, and whether nothing changes it: Terraform may have changed it in this run. */
async function liveOf({ cluster }: Context, { name }: Service) {
  const described = await describeServices(cluster, [name])
  const seen = (await seeServices(cluster, [name], null, { described })).get(name)
  const primary = seen === undefined ? null : liveRevision(seen)
  return {
    running: primary ?? described.get(name)?.taskDefinition ?? null,
    steady: seen !== undefined && isSteady(seen),
  }
}

/** Returns the live task definition and its successor. @throws {Ended} `refused` if it cannot be rendered. */
export async function nextOf(context: Context, service: Service) {
  const { running, steady } = await liveOf(context, service)
  const { container, taskDefinition: rule } = service
  if (running === null)
    throw refused(
      `ECS has no service ${service.name} with a revision: nothing to render the next one from`,
      "create the service with Terraform first; nothing was changed",
    )
  const source = await sourceOf(context, running, { container, rule })
  if (source === null)
    throw refused(
      `ECS does not know ${nameOf(running)}, which ${service.name} runs: nothing to render the next one from`,
      "register a revision of its family, and give it to the service; nothing was changed",
    )
  const change = changeOf(context, service)
  const { live, base, notes, tags } = source
  const rendered = render(base, change)
  if (!rendered.ok)
    throw refused(
      rendered.problem,
      `correct \`container\` of service ${service.name} in slipway.yaml; nothing was changed`,
    )
  const { next } = rendered
  const same = sameContent(live, next)
  // What is not complete is replaced like what differs: only a new revision is certain to start a deployment.
  const stays = same && steady && service.rollout === "changed"
  return { live, next, tags, notes, same, stays, diff: revisionDiff(live, next, change) }
}

/** A service and its next revision. */
export type Next = { readonly service: Service } & Awaited<ReturnType<typeof nextOf>>

/** Returns the next revision of each service. @throws {Ended} as {@link nextOf}. */
export async function nextsOf(context: Context): Promise<readonly Next[]> {
  const nexts: Next[] = []
  for (const service of context.request.environment.services)
    nexts.push({ service, ...(await nextOf(context, service)) })
  return nexts
}

/** Prints what the next revision is made from, and adds it to the result. */
function tell({ reporter, found }: Context, { name }: Service, notes: readonly string[]): void {
  const [first, ...fields] = notes
  if (first === undefined) return
  for (const line of [`  ${name}: ${first}`, ...fields.map((field) => `  ${field}`)]) reporter.say(line)
  found.remarks = [
    ...(found.remarks ?? []),
    `${name} is ${first} ${fields.map((field) => field.trim()).join(", ")}`,
  ]
}

/** Returns whether a revision that an earlier run chose can still be started, or is being started. Somebody may have deregistered it. */
async function isUsable(context: Context, service: Service, { revision, intent }: Rolled): Promise<boolean> {
  if (revision === null || intent !== null) return revision !== null
  return (
    (await isActive(context.aws.ecs, context.clock, revision)) ||
    (await liveOf(context, service)).running === revision
  )
}

/** Registers missing revisions; a service that stays keeps its own. A rollback uses those of the ledger. */
async function run(context: Context): Promise<Done> {
  const { request, aws, clock, book } = context
  const names: string[] = []
  for (const service of request.environment.services) {
    const rolled = book.journal().services[service.name] ?? NOT_ROLLED
    if (rolled.revision !== null && (await isUsable(context, service, rolled))) {
      names.push(nameOf(rolled.revision))
      continue
    }
    const { live, next, stays, tags, notes } = await nextOf(context, service)
    tell(context, service, notes)
    const revision =
      stays && live.taskDefinitionArn
        ? live.taskDefinitionArn
        : await register(aws.ecs, clock, next, {
            tags: { ...tagsOf(context), ...tags },
            not: live.taskDefinitionArn,
          })
    await book.note({ services: { [service.name]: { ...rolled, revision } } })
    names.push(nameOf(revision))
  }
  return did(names.join(", "))
}

export const revisions: Step<Context> = { name: "revisions", minutes: 10, once: false, run }
