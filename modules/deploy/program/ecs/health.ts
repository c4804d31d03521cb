/** Checks that the intended release is live and answers. */

import { Ended, NeedsRollback, replacedBy } from "../core/outcome.ts"
import { runPort, tailOf } from "../core/ports.ts"
import { type Done, did, type Step } from "../core/step.ts"
import { nameOf, plural } from "../core/text.ts"
import { wrongUrl } from "../core/url-checks.ts"
import type { Context } from "./context.ts"
import { type Expected, liveRevisions, wrongLive } from "./proof.ts"

const SMOKE_MINUTES = 30

/** Returns what each service must run after this release. */
export function expectedBy(context: Context): readonly Expected[] {
  const { request, book } = context
  const { services, images, action } = book.journal()
  return request.environment.services.flatMap((service) => {
    const revision = services[service.name]?.revision
    if (!revision) return []
    const image = images[service.image] ?? null
    return [{ service, revision, image: action === "rollback" && image === null ? null : image }]
  })
}

/** @throws {Ended} `superseded` if a newer deployment replaced ours; {NeedsRollback} if ECS rolled ours back. */
export async function assertOurs(context: Context): Promise<void> {
  const live = await liveRevisions(context)
  const other = expectedBy(context).find(({ service, revision }) => {
    const there = live.get(service.name)
    return there !== undefined && there !== revision
  })
  if (!other) return
  const there = live.get(other.service.name) ?? ""
  const before = context.book.journal().before[other.service.name]?.revision
  if (there === before) throw new NeedsRollback(`ECS rolled ${other.service.name} back to ${nameOf(there)}`)
  throw new Ended(replacedBy(nameOf(there), other.service.name))
}

/** Checks revisions, digests, targets, URLs and smoke tests. @returns what is wrong, or null. */
export async function wrongHealth(context: Context, set: readonly Expected[]): Promise<string | null> {
  const { environment } = context.request
  const wrong =
    (await wrongLive(context, set)) ??
    (await wrongUrl(context, [...environment.checks, ...environment.smoke]))
  if (wrong !== null) return wrong
  const { smoke } = context.ports
  if (!smoke) return null
  const result = await runPort(context, smoke, { name: "the smoke test", minutes: SMOKE_MINUTES })
  if (result.exitCode === 0) return null
  context.found.bundle = { ...context.found.bundle, log: tailOf(result) }
  return `the smoke test failed with exit code ${result.exitCode}`
}

async function run(context: Context): Promise<Done> {
  const { environment } = context.request
  await assertOurs(context)
  const wrong = await wrongHealth(context, expectedBy(context))
  if (wrong !== null) {
    await assertOurs(context)
    throw new NeedsRollback(wrong)
  }
  const urls = environment.checks.length + environment.smoke.length
  return did(
    ["digests and targets are correct", ...(urls === 0 ? [] : [`${plural(urls, "URL")} checked`])].join(", "),
  )
}

export const health: Step<Context> = { name: "health", minutes: 48 * 60, once: false, run }
