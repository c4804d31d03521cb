/** The task definition that the migration runs with. */
import { Ended, end } from "../core/outcome.ts"
import type { Migration } from "../environment.ts"
import type { Context } from "./context.ts"
import { render, sameContent } from "./render.ts"
import { nextOf } from "./revisions.ts"
import { sourceOf } from "./source.ts"

const refused = (what: string, todo: string): Ended => new Ended(end("refused", what, { todo: [todo] }))

/**
 * Returns the next task definition of the migration: that of its service, or of its own family.
 *
 * @throws {Ended} `refused` if there is none, or it cannot be rendered.
 */
export async function migrationNext(context: Context, migration: Migration) {
  const { environment, release } = context.request
  const service = environment.services.find(({ name }) => name === migration.service)
  if (service) return nextOf(context, service)
  const { family, container } = migration
  const source = family === null ? null : await sourceOf(context, family, { container, rule: "latest" })
  if (source === null)
    throw refused(
      ["the task definition of the migration was not found", family].filter(Boolean).join(": "),
      "create it with Terraform first; no schema was changed",
    )
  const image = release.images[migration.image ?? ""] ?? null
  const { live, base, tags } = source
  const rendered = render(base, { container, image, flags: environment.featureFlags })
  if (!rendered.ok) throw refused(rendered.problem, "correct `migration.container` in slipway.yaml")
  return { live, tags, next: rendered.next, same: sameContent(live, rendered.next) }
}
