/** Looks whether ECS can still start what a way back returns to, before a service is sent back. */
import { findDefinition } from "../aws/task-definitions.ts"
import { underWay } from "../core/journal.ts"
import { end } from "../core/outcome.ts"
import { bad, type Done, ended } from "../core/step.ts"
import { listed, nameOf } from "../core/text.ts"
import type { Context } from "./context.ts"
import { liveRevisions } from "./proof.ts"

/**
 * Returns the end of a way back to a revision that somebody deregistered: ECS starts nothing from it. Null: it can be
 * started. None of the services is sent back then, so that they do not run different releases.
 */
export async function goneIn(context: Context): Promise<Done | null> {
  const { aws, clock, book } = context
  const { returned, action } = book.journal()
  if (underWay(returned).length > 0) return null
  const live = await liveRevisions(context)
  const gone: string[] = []
  for (const [name, { revision }] of Object.entries(returned)) {
    if (revision === null || live.get(name) === revision) continue
    const definition = await findDefinition(aws.ecs, clock, revision)
    if (definition?.status === "INACTIVE") gone.push(`${nameOf(revision)} of ${name}`)
  }
  if (gone.length === 0) return null
  const why = `${listed(gone)} ${gone.length === 1 ? "is" : "are"} deregistered, and ECS starts nothing from that`
  if (action !== "rollback") return bad(`${why}; no service was sent back`)
  return ended(
    end("refused", `cannot roll back: ${why}`, {
      todo: [
        "no service was sent back",
        "roll back to another release (`status` shows them, `--to` names one), or deploy a working commit",
        "keep the revisions of releases that a rollback may need",
      ],
    }),
  )
}
