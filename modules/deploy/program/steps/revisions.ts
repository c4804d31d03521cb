/** The next revision of each service, rendered from the live one. */
import { findDefinition, register } from "../aws/task-definitions.ts"
import type { Service } from "../environment.ts"
import type { Given } from "../given.ts"
import { Ended, end } from "../plan/outcome.ts"
import { type Change, render, revisionDiff } from "../plan/revision.ts"
import { NOT_ROLLED } from "../plan/state.ts"
import { nameOf } from "../plan/text.ts"
import { type Done, did, type Step } from "./step.ts"

/** What a revision of ours is marked with. */
export function tagsOf({ request, book }: Given): Record<string, string> {
  const { number, commit } = book.journal()
  return {
    "slipway:environment": request.environment.name,
    "slipway:commit": commit,
    "slipway:release": String(number),
  }
}

export const changeOf = ({ request }: Given, service: Service): Change => ({
  container: service.container,
  image: request.release.images[service.image] ?? null,
  flags: request.environment.featureFlags,
})

const refused = (what: string, todo: string) => new Ended(end("refused", what, { todo: [todo] }))

/** The live revision's definition, and what would follow it. */
export async function nextOf(given: Given, service: Service, liveRevision: string | undefined) {
  const live = liveRevision ? await findDefinition(given.aws.ecs, given.clock, liveRevision) : null
  if (live === null)
    throw refused(
      `the service ${service.name} has no live revision to render the next one from`,
      "let Terraform create the service first; nothing was changed",
    )
  const change = changeOf(given, service)
  const rendered = render(live, change)
  if (!rendered.ok)
    throw refused(
      rendered.problem,
      `mend services.${service.name}.container in slipway.yaml; nothing was changed`,
    )
  return { live, next: rendered.next, same: rendered.same, diff: revisionDiff(live, rendered.next, change) }
}

/** Registers what is not there yet. A rollback has its revisions from the ledger. */
async function run(given: Given): Promise<Done> {
  const { request, aws, clock, book } = given
  const names: string[] = []
  for (const service of request.environment.services) {
    const rolled = book.journal().services[service.name] ?? NOT_ROLLED
    if (rolled.revision !== null) {
      names.push(nameOf(rolled.revision))
      continue
    }
    const { live, next, same } = await nextOf(given, service, book.journal().before[service.name]?.revision)
    const revision =
      same && live.taskDefinitionArn
        ? live.taskDefinitionArn
        : (await register(aws.ecs, clock, next, tagsOf(given))).arn
    await book.note({ services: { ...book.journal().services, [service.name]: { ...rolled, revision } } })
    names.push(nameOf(revision))
  }
  return did(names.join(", "))
}

export const revisions: Step = { name: "revisions", minutes: 10, once: false, run }
