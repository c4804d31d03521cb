/** The actions that change nothing: `health`, `status` and `plan`. */
import { findDefinition } from "../aws/task-definitions.ts"
import { gather } from "../core/approvals/gather.ts"
import { auditLine, canonical, readTrail } from "../core/audit.ts"
import { readRelease } from "../core/book.ts"
import { judgeCompatible } from "../core/compatible-steps.ts"
import { forbidden } from "../core/gate.ts"
import type { Lease } from "../core/journal.ts"
import { readLease } from "../core/lease.ts"
import { ownerOf } from "../core/lease-rule.ts"
import { inflightOf, type ReleaseRecord } from "../core/ledger.ts"
import { adopted } from "../core/opening.ts"
import { outOfOrder } from "../core/order.ts"
import { Ended, end } from "../core/outcome.ts"
import { waitingFor } from "../core/place.ts"
import { queueLines } from "../core/queue.ts"
import { releaseOf } from "../core/release.ts"
import { type Done, did, type Step } from "../core/step.ts"
import { nameOf, plural, short, staysText, UNKNOWN_COMMIT, utc } from "../core/text.ts"
import type { Context } from "../ecs/context.ts"
import { wrongHealth } from "../ecs/health.ts"
import { checkAll } from "../ecs/preflight.ts"
import { type Expected, liveRevisions } from "../ecs/proof.ts"
import { type Next, nextsOf } from "../ecs/revisions.ts"
import { othersIn, othersText } from "../ecs/sharing.ts"

/** Checks the live revisions, and their digests if the ledger has them. */
async function healthNow(context: Context): Promise<Done> {
  const { request, book } = context
  const record = releaseOf(book.ledger(), book.ledger().live?.number)
  const revisions = await liveRevisions(context)
  const set: Expected[] = request.environment.services.flatMap((service) => {
    const revision = revisions.get(service.name)
    const known = record?.revisions[service.name] === revision
    return revision
      ? [{ service, revision, image: (known ? record?.images[service.image] : null) ?? null }]
      : []
  })
  const missing = request.environment.services.find(({ name }) => !revisions.has(name))
  const wrong = missing ? `service ${missing.name} not found` : await wrongHealth(context, set)
  if (wrong !== null)
    throw new Ended(
      end("failed", `the live release is unhealthy: ${wrong}`, {
        todo: [
          "check the live services listed here",
          "to return to the last proven-good release: `rollback`",
        ],
      }),
    )
  return did(`${plural(set.length, "service")} healthy`)
}

export const healthOnly: Step<Context> = { name: "health", minutes: 24 * 60, once: false, run: healthNow }

/** Returns the end of an audit that has nothing to look at: it must not be taken for one that found nothing. */
const unverified = (to: number | null): Ended =>
  new Ended(
    end(
      "refused",
      to === null ? "the ledger has no release: there is no audit log" : `the ledger has no release ${to}`,
      {
        todo: ["nothing was verified; `status` shows the releases in the ledger"],
      },
    ),
  )

/** Verifies the audit logs of the releases in the ledger, or of the one that is asked for. */
async function auditNow(context: Context): Promise<Done> {
  const { request, book, bucket, reporter } = context
  const all = book.ledger().releases.filter(({ action }) => action !== "baseline")
  const releases = all.filter(({ number }) => request.to === null || number === request.to)
  if (releases.length === 0) throw unverified(request.to)
  const problems: string[] = []
  for (const release of releases) {
    const { number, audit } = release
    const file = await readRelease(bucket, request.environment.name, number)
    // The next run writes the file of the newest release, if it is missing.
    if (file === null && release !== all.at(-1)) problems.push(`release ${number}: its own file is missing`)
    if (file !== null && canonical(file) !== canonical(release))
      problems.push(`release ${number}: ledger.json and its own file differ`)
    if (audit === null) {
      reporter.say(`  ${number}  no audit log: from before it was kept`)
      continue
    }
    const { line, wrong } = auditLine(await readTrail(bucket, audit.log), audit)
    reporter.say(`  ${number}  ${line}`)
    if (wrong) problems.push(`release ${number}: ${line}`)
  }
  if (problems.length === 0) return did(`${plural(releases.length, "release")} verified`)
  throw new Ended(
    end("failed", `the audit does not verify: ${problems[0] ?? ""}`, {
      cause: problems.length === 1 ? null : problems.join("; "),
      todo: [
        "do not rely on these records; find out who could write to the bucket, and compare its versions",
      ],
    }),
  )
}

export const auditOnly: Step<Context> = { name: "audit", minutes: 60, once: false, run: auditNow }

const recordLine = ({ number, commit, outcome, proven, ended, action, run }: ReleaseRecord): string =>
  `  ${String(number).padStart(4)}  ${commit === UNKNOWN_COMMIT ? "unknown" : short(commit)}  ${action} ${outcome}${proven ? ", proven good" : ""}  ${utc(ended)}  ${run.actor}`

function doingText(doing: Lease["doing"]): string {
  if (doing === null) return ""
  return `, ${doing.watches ? "watches" : "changes"}: ${doing.what}`
}

/** Says who holds the lease, and what that run does. Whether it is alive shows only over time. */
function leaseLines(lease: Lease | null): readonly string[] {
  if (lease === null || lease.owner === null) return []
  const until = `; if it is not renewed after ${utc(lease.expires)}, the next run takes it over`
  return [`lease        ${ownerOf(lease)}${doingText(lease.doing)}${until}`]
}

const SHOWN = 10

/** Returns the output of `status`. */
export async function statusLines(context: Context): Promise<readonly string[]> {
  const { request, book, bucket, clock } = context
  const ledger = book.ledger()
  const { live, releases } = ledger
  const inflight = inflightOf(ledger)
  const { lease } = await readLease(bucket, request.environment.name, ledger.fence)
  const others = await othersIn(context)
  return [
    live === null
      ? "no live release in the ledger"
      : `live         release ${live.number} since ${utc(live.since)}`,
    ...leaseLines(lease),
    ...queueLines(await waitingFor(bucket, request.environment.name), clock.now()),
    ...(inflight === null
      ? []
      : [
          `in flight    release ${inflight.number} (${short(inflight.commit)}), ${inflight.action} of run ${inflight.run.id} since ${utc(inflight.started)}: run it again to continue`,
        ]),
    ...(others.length === 0 ? [] : [`also         ${othersText(others)}`]),
    ...(releases.length === 0 ? [] : ["releases"]),
    ...releases.slice(-SHOWN).reverse().map(recordLine),
  ]
}

/** Says what becomes of a service, and why one is rolled out that does not change. */
function fateOf({ service, live, same, stays }: Next): string {
  const name = nameOf(live.taskDefinitionArn ?? "")
  if (stays) return staysText(name)
  const fate = `${name}, new revision, ${service.strategy.kind}`
  const why = service.rollout === "always" ? "rollout: always" : "its deployment is not complete"
  return same ? `${fate} (unchanged, but ${why})` : fate
}

/** Returns the output of `plan`: what would change, what is missing, what forbids it. */
export async function planLines(context: Context): Promise<readonly string[]> {
  const { request, book, aws, clock } = context
  const { environment, release } = request
  const lines: string[] = []
  const nexts = await nextsOf(context)
  for (const next of nexts) {
    const { service, diff, notes } = next
    lines.push(`${service.name}: ${fateOf(next)}`)
    const known = new Set(notes.map((line) => line.trim()))
    lines.push(...[...notes, ...diff.filter((line) => !known.has(line))].map((line) => `  ${line}`))
  }
  const { migration, database } = environment
  if (database !== null) lines.push(`snapshot of ${database.instance}, keeping ${database.keep}`)
  if (migration !== null) {
    const family = migration.family === null ? null : await findDefinition(aws.ecs, clock, migration.family)
    const missing = migration.family !== null && family === null ? " (task definition not found)" : ""
    lines.push(`${migration.phase} migration in ${migration.service ?? migration.family}${missing}`)
  }
  const checked = await checkAll(context, nexts)
  const unmet = checked.filter(({ state }) => state !== "there")
  lines.push(`${checked.length - unmet.length} of ${plural(checked.length, "requirement")} met`)
  for (const { what, state, note } of unmet) {
    const line = `  ${state}: ${what}`
    lines.push(note === "" ? line : `${line} (${note})`)
  }
  const deployment = { ...request, action: "deploy" as const }
  const judged = await judgeCompatible(context)
  const refused =
    forbidden(
      deployment,
      adopted(book.ledger(), deployment),
      await gather(context, book.ledger()),
      clock.now(),
    ) ??
    outOfOrder(release, "deploy", book.ledger()) ??
    ("refused" in judged ? judged.refused : null)
  if (refused !== null) lines.push(`a deployment would be refused now: ${refused.what}`)
  return lines
}
