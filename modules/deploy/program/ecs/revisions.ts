/** Registers the next revision of each service, rendered from the live one. */
import { findDefinition, register } from "../aws/task-definitions.ts"
import { NOT_ROLLED } from "../core/journal.ts"
import { Ended, end } from "../core/outcome.ts"
import { type Done, did, type Step } from "../core/step.ts"
import { nameOf } from "../core/text.ts"
import type { Service } from "../environment.ts"
import type { Context } from "./context.ts"
import { type Change, render, revisionDiff } from "./render.ts"

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

/** Returns the live task definition and its successor. @throws {Ended} `refused` if it cannot be rendered. */
export async function nextOf(context: Context, service: Service, liveRevision: string | undefined) {
  const live = liveRevision ? await findDefinition(context.aws.ecs, context.clock, liveRevision) : null
  if (live === null)
    throw refused(
      `service ${service.name} has no live revision: nothing to render the next one from`,
      "create the service with Terraform first; nothing was changed",
    )
  const change = changeOf(context, service)
  const rendered = render(live, change)
  if (!rendered.ok)
    throw refused(
      rendered.problem,
      `correct \`container\` of service ${service.name} in slipway.yaml; nothing was changed`,
    )
  return { live, next: rendered.next, same: rendered.same, diff: revisionDiff(live, rendered.next, change) }
}

/** Registers missing revisions. A rollback uses those of the ledger. */
async function run(context: Context): Promise<Done> {
  const { request, aws, clock, book } = context
  const names: string[] = []
  for (const service of request.environment.services) {
    const rolled = book.journal().services[service.name] ?? NOT_ROLLED
    if (rolled.revision !== null) {
      names.push(nameOf(rolled.revision))
      continue
    }
    const { live, next, same } = await nextOf(context, service, book.journal().before[service.name]?.revision)
    const revision =
      same && live.taskDefinitionArn
        ? live.taskDefinitionArn
        : await register(aws.ecs, clock, next, tagsOf(context))
    await book.note({ services: { [service.name]: { ...rolled, revision } } })
    names.push(nameOf(revision))
  }
  return did(names.join(", "))
}

export const revisions: Step<Context> = { name: "revisions", minutes: 10, once: false, run }
