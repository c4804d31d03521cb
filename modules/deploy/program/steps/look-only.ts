/** Steps that change nothing: `health`, `status`, `plan`. */
import { findDefinition } from "../aws/task-definitions.ts"
import type { Given } from "../given.ts"
import { readLease } from "../lease.ts"
import { forbidden } from "../plan/gate.ts"
import { outOfOrder } from "../plan/order.ts"
import { Ended, end } from "../plan/outcome.ts"
import type { ReleaseRecord } from "../plan/state.ts"
import { nameOf, plural, short, UNKNOWN_COMMIT, utc } from "../plan/text.ts"
import { wrongHealth } from "./health.ts"
import { checkAll } from "./preflight.ts"
import { liveRevisions, type Meant } from "./proof.ts"
import { nextOf } from "./revisions.ts"
import { type Done, did, type Step } from "./step.ts"

/** What is live is meant to be live: the ledger's digests where it knows them. */
async function healthNow(given: Given): Promise<Done> {
  const { request, book } = given
  const { live, releases } = book.ledger()
  const record = releases.findLast(({ number }) => number === live?.number)
  const revisions = await liveRevisions(given)
  const set: Meant[] = request.environment.services.flatMap((service) => {
    const revision = revisions.get(service.name)
    const known = record?.revisions[service.name] === revision
    return revision
      ? [{ service, revision, image: (known ? record?.images[service.image] : null) ?? null }]
      : []
  })
  const missing = request.environment.services.find(({ name }) => !revisions.has(name))
  const wrong = missing ? `the service ${missing.name} is not there` : await wrongHealth(given, set)
  if (wrong !== null)
    throw new Ended(
      end("failed", `what is live is not healthy: ${wrong}`, {
        todo: ["look at what is live below", "to go back: rollback"],
      }),
    )
  return did(`${plural(set.length, "service")} healthy`)
}

export const healthOnly: Step = { name: "health", minutes: 24 * 60, once: false, run: healthNow }

const recordLine = ({ number, commit, outcome, proven, ended, action, run }: ReleaseRecord): string =>
  `  ${String(number).padStart(4)}  ${commit === UNKNOWN_COMMIT ? "before us" : short(commit)}  ${action} ${outcome}${proven ? ", proven good" : ""}  ${utc(ended)}  ${run.actor}`

const SHOWN = 10

/** Lines of `status`. */
export async function statusLines(given: Given): Promise<readonly string[]> {
  const { request, book, bucket, clock } = given
  const { live, releases, inflight } = book.ledger()
  const { lease } = await readLease(bucket, request)
  const held = lease !== null && lease.owner !== null
  const dead = held && lease.expires < clock.now()
  return [
    live === null
      ? "the ledger knows of nothing live"
      : `live         release ${live.number} since ${utc(live.since)}`,
    ...(held
      ? [
          `lease        run ${lease.run?.id} of ${lease.run?.actor}${dead ? ", which is dead: the next run takes it over" : ""}`,
        ]
      : []),
    ...(inflight === null
      ? []
      : [
          `in flight    release ${inflight.number} (${short(inflight.commit)}), ${inflight.action} of run ${inflight.run.id}: run it again to go on`,
        ]),
    ...(releases.length === 0 ? [] : ["releases"]),
    ...releases.slice(-SHOWN).reverse().map(recordLine),
  ]
}

/** Lines of `plan`: what would change, what is missing, what forbids it. */
export async function planLines(given: Given): Promise<readonly string[]> {
  const { request, book, aws, clock } = given
  const { environment, release } = request
  const revisions = await liveRevisions(given)
  const lines: string[] = []
  for (const service of environment.services) {
    const { live, same, diff } = await nextOf(given, service, revisions.get(service.name))
    const { kind } = service.strategy
    const fate = same ? "stays as it is" : `a new revision, ${kind}`
    lines.push(`${service.name}: ${nameOf(live.taskDefinitionArn ?? "")}, ${fate}`)
    lines.push(...diff.map((line) => `  ${line}`))
  }
  const { migration, database } = environment
  if (database !== null) lines.push(`snapshot of ${database.instance}, ${database.keep} kept`)
  if (migration !== null) {
    const family = migration.family === null ? null : await findDefinition(aws.ecs, clock, migration.family)
    const missing = migration.family !== null && family === null ? " (there is no such family)" : ""
    lines.push(`${migration.phase} migration in ${migration.service ?? migration.family}${missing}`)
  }
  const checked = await checkAll(given, (service) => revisions.get(service))
  const notThere = checked.filter(({ state }) => state !== "there")
  lines.push(`${checked.length - notThere.length} of ${checked.length} things that it needs are there`)
  for (const { what, state, note } of notThere) {
    const line = `  ${state}: ${what}`
    lines.push(note === "" ? line : `${line} (${note})`)
  }
  const refused =
    forbidden({ ...request, action: "deploy" }, clock.now()) ?? outOfOrder(release, "deploy", book.ledger())
  if (refused !== null) lines.push(`a deployment would be refused now: ${refused.what}`)
  return lines
}
