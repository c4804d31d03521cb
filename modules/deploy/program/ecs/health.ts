/** Checks that the intended release is live and answers. */

import type { Proof } from "../core/ledger.ts"
import { replacedBy } from "../core/outcome.ts"
import { runPort, tailOf } from "../core/ports.ts"
import { bad, type Done, did, ended, type Step } from "../core/step.ts"
import { listed, nameOf, plural } from "../core/text.ts"
import { wrongUrl } from "../core/url-checks.ts"
import type { Context } from "./context.ts"
import { ourDeployment } from "./progress.ts"
import { type Expected, idleOf, liveRevisions, noteIdle, wrongLive } from "./proof.ts"
import { look, rolloutSet } from "./watch.ts"

const SMOKE_MINUTES = 30

/** Returns what each service must run after this release. */
export function expectedBy(context: Context): readonly Expected[] {
  const { request, book } = context
  const { services, images } = book.journal()
  return request.environment.services.flatMap((service) => {
    const revision = services[service.name]?.revision
    return revision ? [{ service, revision, image: images[service.image] ?? null }] : []
  })
}

/** Returns how the run goes on if a service runs something else than expected; null: all run what they must. */
export async function notOurs(context: Context, expected: readonly Expected[]): Promise<Done | null> {
  const live = await liveRevisions(context)
  const other = expected.find(({ service, revision }) => {
    const there = live.get(service.name)
    return there !== undefined && there !== revision
  })
  if (!other) return null
  const there = live.get(other.service.name) ?? ""
  const { before, back } = context.book.journal()
  if (back !== null || there !== before[other.service.name]?.revision)
    return ended(replacedBy(nameOf(there), other.service.name))
  const name = other.service.name
  return (await isEcsBack(context, name))
    ? bad(`ECS rolled ${name} back to ${nameOf(there)}`)
    : bad(`somebody took ${name} back to ${nameOf(there)}, not with Slipway`, {
        cause: `another deployment of ${name} replaced this release's`,
        fixes: ["ask who took it back, and why, before you deploy again"],
      })
}

/** Returns whether ECS itself took a service back: by our deployment's own rollback. */
async function isEcsBack(context: Context, name: string): Promise<boolean> {
  const set = rolloutSet(context).filter((watched) => watched.name === name)
  const seen = (await look(context, set)).get(name)
  const [ours] = set.map((watched) => (seen === undefined ? null : ourDeployment(seen, watched.rolled())))
  return !ours || ours.status.startsWith("ROLLBACK_")
}

/** Asks URLs. @returns what is wrong, with the services that nobody lets run; or null. */
export async function unansweredBy(
  context: Context,
  checks: Parameters<typeof wrongUrl>[1],
): Promise<string | null> {
  const wrong = await wrongUrl(context, checks)
  if (wrong === null) return null
  const idle = await idleOf(context)
  return idle.length === 0 ? wrong : `${wrong}; ${listed(idle)} without a task (desired count 0)`
}

/** Checks revisions, digests, targets, URLs and smoke tests. @returns what is wrong, or null. */
export async function wrongHealth(
  context: Context,
  set: readonly Expected[],
  proof: Pick<Proof, "checks" | "smoke"> = context.request.environment,
): Promise<string | null> {
  const wrong =
    (await wrongLive(context, set)) ?? (await unansweredBy(context, [...proof.checks, ...proof.smoke]))
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
  const expected = expectedBy(context)
  const other = await notOurs(context, expected)
  if (other !== null) return other
  const wrong = await wrongHealth(context, expected)
  if (wrong !== null) return (await notOurs(context, expected)) ?? bad(wrong)
  await noteIdle(context)
  const urls = environment.checks.length + environment.smoke.length
  return did(
    ["digests and targets are correct", ...(urls === 0 ? [] : [`${plural(urls, "URL")} checked`])].join(", "),
  )
}

export const health: Step<Context> = { name: "health", minutes: 48 * 60, once: false, run }
