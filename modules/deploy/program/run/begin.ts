/** Opens the journal of a release: continues one that a run left, or begins a new one. */
import { seeServices } from "../aws/services.ts"
import { fileRelease } from "../core/book.ts"
import { type Journal, type Ledger, NOT_ROLLED, type ReleaseRecord, withRelease } from "../core/journal.ts"
import { outOfOrder, resumes } from "../core/order.ts"
import { Ended, end } from "../core/outcome.ts"
import { abandonedRecord } from "../core/record.ts"
import { requestedTarget } from "../core/release.ts"
import { type Done, did, type Step } from "../core/step.ts"
import { short, UNKNOWN_COMMIT, utc } from "../core/text.ts"
import type { Context } from "../ecs/context.ts"
import { isSteady, liveRevision } from "../ecs/progress.ts"
import { liveRevisions } from "../ecs/proof.ts"
import type { ServiceSeen } from "../ecs/service-seen.ts"

type Before = Journal["before"]

function beforeOf(seen: ReadonlyMap<string, ServiceSeen>, commit: string | null): Before {
  const entries = [...seen].flatMap(([name, service]) => {
    const revision = liveRevision(service)
    return revision === null ? [] : [[name, { revision, steady: isSteady(service), commit }] as const]
  })
  return Object.fromEntries(entries)
}

/** Records what ran before the first release as the rollback target, if the services were steady. */
function baseline(ledger: Ledger, before: Before, names: readonly string[], now: number): Ledger {
  const steady = names.every((name) => before[name]?.steady)
  if (ledger.releases.length > 0 || !steady) return ledger
  const record: ReleaseRecord = {
    ...{ number: 0, action: "baseline", commit: UNKNOWN_COMMIT, author: null, images: {} },
    revisions: Object.fromEntries(names.map((name) => [name, before[name]?.revision ?? ""])),
    ...{ deployments: {}, outcome: "found", proven: true, migration: null, snapshot: null, verdict: null },
    ...{
      approvals: [],
      breakGlass: null,
      run: { id: "none", url: null, actor: "none" },
      started: now,
      ended: now,
    },
  }
  return { ...withRelease(ledger, record), live: { number: 0, commit: UNKNOWN_COMMIT, since: now } }
}

type Content = Pick<Journal, "action" | "commit" | "author" | "images" | "services">

const forwardContent = ({ request }: Context, action: "deploy" | "migrate"): Content => ({
  action,
  commit: request.release.commit,
  author: request.release.authors[0] ?? request.run.actor,
  images: request.release.images,
  services: Object.fromEntries(request.environment.services.map(({ name }) => [name, NOT_ROLLED])),
})

/** @throws {Ended} `refused` if no rollback is possible. */
function rollbackContent({ request }: Context, ledger: Ledger): Content {
  const target = requestedTarget(ledger, request.to)
  if (!target.allowed)
    throw new Ended(
      end("refused", `cannot roll back: ${target.reason}`, {
        todo: ["deploy a working commit instead; nothing was changed"],
      }),
    )
  const { commit, author, images, revisions } = target.record
  return {
    action: "rollback",
    commit,
    author: author ?? request.run.actor,
    images,
    services: Object.fromEntries(
      Object.entries(revisions).map(([name, revision]) => [name, { ...NOT_ROLLED, revision }]),
    ),
  }
}

const breakGlassText = ({ breakGlass }: Context["request"]): string | null =>
  breakGlass === null ? null : `${breakGlass.by}: ${breakGlass.reason}`

/** Makes the journal of a new release. A rollback's already names its revisions. */
function journalOf(context: Context, ledger: Ledger, before: Before, inflight: Journal | null): Journal {
  const { action, run } = context.request
  const forward = action === "migrate" ? "migrate" : "deploy"
  const content =
    action === "rollback"
      ? rollbackContent(context, { ...ledger, inflight })
      : forwardContent(context, forward)
  return {
    ...content,
    number: ledger.next,
    run: { id: run.id, url: run.url, actor: run.actor },
    approvals: context.found.approvers.map(({ name }) => name),
    breakGlass: breakGlassText(context.request),
    verdict: null,
    started: context.clock.now(),
    done: [],
    before,
    snapshot: null,
    migration: null,
    bake: null,
    ringing: [],
    rollback: null,
  }
}

const liveText = (commit: string | null): string =>
  commit === null || commit === UNKNOWN_COMMIT ? "the first release" : `${short(commit)} is live`

/**
 * Ends a rerun whose release is already live and recorded. Another run of the same commit deploys it again.
 */
async function alreadyDone(context: Context): Promise<Ended | null> {
  const { request, book, bucket } = context
  const { live, releases } = book.ledger()
  const record = releases.findLast(({ number }) => number === live?.number)
  const { action, release, run, environment } = request
  const same = record?.commit === release.commit && record.run.id === run.id && record.outcome === "succeeded"
  if (!record || !same || action !== "deploy" || record.action !== "deploy") return null
  const there = await liveRevisions(context)
  if (Object.entries(record.revisions).some(([name, revision]) => there.get(name) !== revision)) return null
  await fileRelease(bucket, environment.name, record)
  return new Ended(
    end(
      "succeeded",
      `${short(release.commit)} is already live and proven good (release ${record.number} of this run)`,
    ),
  )
}

async function run(context: Context): Promise<Done> {
  const { request, book, clock, reporter, bucket } = context
  const { environment, release, action } = request
  const ledger = book.ledger()
  const { inflight } = ledger
  if (resumes(release, action, inflight)) {
    // Whoever broke the glass for a rerun stands in the ledger as well.
    const breakGlass = inflight.breakGlass ?? breakGlassText(request)
    if (breakGlass !== inflight.breakGlass) await book.note({ breakGlass })
    reporter.audit("adopted", { release: inflight.number, left: inflight.run.id, done: inflight.done })
    return did(
      `continues release ${inflight.number}, which run ${inflight.run.id} started at ${utc(inflight.started)}`,
    )
  }
  const already = inflight === null ? await alreadyDone(context) : null
  if (already !== null) throw already
  const refused = outOfOrder(release, action, ledger)
  if (refused !== null) throw new Ended(refused)
  const names = environment.services.map(({ name }) => name)
  const before = beforeOf(await seeServices(context.cluster, names, clock.now()), ledger.live?.commit ?? null)
  const left = inflight === null ? null : abandonedRecord(inflight, clock.now())
  if (left !== null) await fileRelease(bucket, environment.name, left)
  const known = baseline(left === null ? ledger : withRelease(ledger, left), before, names, clock.now())
  const journal = journalOf(context, known, before, inflight)
  await book.save({ ...known, next: known.next + 1, inflight: journal })
  const live = liveText(known.live?.commit ?? null)
  const over =
    left === null ? "" : `; closes release ${left.number}, which run ${left.run.id} left unfinished`
  return did(`release ${journal.number}: ${short(journal.commit)} (${live})${over}`)
}

export const begin: Step<Context> = { name: "order", minutes: 10, once: false, run }
