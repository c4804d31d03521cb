/** Looks whether ECS can still start what a way back returns to, before a service is sent back. */
import { ecrImage, imageExists, imageText } from "../aws/images.ts"
import { look } from "../aws/prerequisites.ts"
import { seeServices } from "../aws/services.ts"
import { findDefinition } from "../aws/task-definitions.ts"
import { underWay } from "../core/journal.ts"
import { end } from "../core/outcome.ts"
import { bad, type Done, ended } from "../core/step.ts"
import { listed, nameOf } from "../core/text.ts"
import type { Context } from "./context.ts"
import { liveRevision } from "./progress.ts"
import type { ServiceSeen } from "./service-seen.ts"

/** Returns why ECS cannot start a revision; null: it can, or nobody knows. */
async function unfit({ aws, clock }: Context, revision: string): Promise<string | null> {
  const definition = await findDefinition(aws.ecs, clock, revision)
  if (definition === null) return "(deleted)"
  if ((definition.status ?? "ACTIVE") !== "ACTIVE") return "(deregistered)"
  const images = (definition.containerDefinitions ?? []).map(({ image = "" }) => image)
  for (const image of images.filter((one) => ecrImage(one) !== null)) {
    const seen = await look(() => imageExists(aws.ecr, clock, image))
    if ("there" in seen && !seen.there) return `(image ${imageText(image)} is not in ECR any more)`
  }
  return null
}

/** Returns why a service cannot be sent back; null: ECS has it. */
export const absent = (seen: ServiceSeen | undefined): string | null => {
  const status = seen?.status || "missing"
  return status === "ACTIVE" ? null : `the service is ${status}`
}

/**
 * Returns the end of a way back to a revision that somebody deregistered, or whose image was deleted: ECS starts nothing from
 * it. Null: it can be started. None of the services is sent back then, so that they do not run different releases. A rollback
 * that somebody asked for does not begin where a service is missing either; a release that failed leaves the others behind.
 */
export async function goneIn(context: Context): Promise<Done | null> {
  const { returned, action } = context.book.journal()
  if (underWay(returned).length > 0) return null
  const seen = await seeServices(context.cluster, Object.keys(returned), null)
  const missing = [...seen.values()].flatMap((one) => {
    const why = absent(one)
    return why === null ? [] : [`${one.name}: ${why}`]
  })
  if (missing.length > 0 && action === "rollback")
    return refused(listed(missing), ["create the service again, or take it out of slipway.yaml"])
  const gone: string[] = []
  for (const [name, { revision }] of Object.entries(returned)) {
    const now = seen.get(name)
    if (revision === null || now === undefined || absent(now) !== null || liveRevision(now) === revision)
      continue
    const why = await unfit(context, revision)
    if (why !== null) gone.push(`${nameOf(revision)} of ${name} ${why}`)
  }
  if (gone.length === 0) return null
  const why = `ECS cannot start ${listed(gone)}`
  if (action !== "rollback") return bad(`${why}; no service was sent back`)
  return refused(why, [
    "roll back to another release (`status` shows them, `--to` names one), or deploy a working commit",
    "keep the revisions and images of releases that a rollback may need",
  ])
}

const refused = (why: string, todo: readonly string[]): Done =>
  ended(end("refused", `cannot roll back: ${why}`, { todo: ["this run sent no service back", ...todo] }))
