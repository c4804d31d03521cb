/** Health: what is live is what was meant, and answers. */
import type { Given } from "../given.ts"
import { Ended, NeedsRollback, replacedBy } from "../plan/outcome.ts"
import { nameOf, plural } from "../plan/text.ts"
import { runPort, tailOf } from "./ports.ts"
import { liveRevisions, type Meant, wrongLive } from "./proof.ts"
import { type Done, did, type Step } from "./step.ts"
import { wrongUrl } from "./url-checks.ts"

const SMOKE_MINUTES = 30

/** What this release is meant to run. */
export function meantBy(given: Given): readonly Meant[] {
  const { request, book } = given
  const { services, images, action } = book.journal()
  return request.environment.services.flatMap((service) => {
    const revision = services[service.name]?.revision
    if (!revision) return []
    const image = images[service.image] ?? null
    return [{ service, revision, image: action === "rollback" && image === null ? null : image }]
  })
}

/** A newer deployment may come at any time: it is told apart from ours being bad. */
export async function assertOurs(given: Given): Promise<void> {
  const live = await liveRevisions(given)
  const other = meantBy(given).find(({ service, revision }) => {
    const there = live.get(service.name)
    return there !== undefined && there !== revision
  })
  if (!other) return
  const there = live.get(other.service.name) ?? ""
  const before = given.book.journal().before[other.service.name]?.revision
  if (there === before)
    throw new NeedsRollback(`ECS put ${nameOf(there)} back in the place of ${nameOf(other.revision)}`)
  throw new Ended(replacedBy(nameOf(there), other.service.name))
}

/** What is wrong with a set that is live, or null: revision, digests, targets, URLs, smoke tests. */
export async function wrongHealth(given: Given, set: readonly Meant[]): Promise<string | null> {
  const { environment } = given.request
  const wrong =
    (await wrongLive(given, set)) ?? (await wrongUrl(given, [...environment.checks, ...environment.smoke]))
  if (wrong !== null) return wrong
  const { smoke } = given.ports
  if (!smoke) return null
  const result = await runPort(given, smoke, { name: "the smoke test", minutes: SMOKE_MINUTES })
  if (result.exitCode === 0) return null
  given.found.bundle = { ...given.found.bundle, log: tailOf(result) }
  return `the smoke test failed with exit code ${result.exitCode}`
}

async function run(given: Given): Promise<Done> {
  const { environment } = given.request
  await assertOurs(given)
  const wrong = await wrongHealth(given, meantBy(given))
  if (wrong !== null) {
    await assertOurs(given)
    throw new NeedsRollback(wrong)
  }
  const urls = environment.checks.length + environment.smoke.length
  return did(
    urls === 0
      ? "digests and targets are right"
      : `digests and targets are right, ${plural(urls, "URL")} answer`,
  )
}

export const health: Step = { name: "health", minutes: 48 * 60, once: false, run }
