/** From the ledger to the journal of this release: taken up where a run left one, begun otherwise. */
import { seeServices } from "../aws/services.ts"
import { fileRelease } from "../book.ts"
import type { Given } from "../given.ts"
import { adopts, outOfOrder } from "../plan/order.ts"
import { Ended, end } from "../plan/outcome.ts"
import { askedTarget } from "../plan/release.ts"
import { isSteady, liveRevision, type ServiceSeen } from "../plan/rollout.ts"
import { type Journal, type Ledger, NOT_ROLLED, type ReleaseRecord, withRelease } from "../plan/state.ts"
import { short, UNKNOWN_COMMIT, utc } from "../plan/text.ts"
import { liveRevisions } from "./proof.ts"
import { abandonedRecord } from "./record.ts"
import { type Done, did, type Step } from "./step.ts"

type Before = Journal["before"]

function beforeOf(seen: ReadonlyMap<string, ServiceSeen>, commit: string | null): Before {
  const entries = [...seen].flatMap(([name, service]) => {
    const revision = liveRevision(service)
    return revision === null ? [] : [[name, { revision, steady: isSteady(service), commit }] as const]
  })
  return Object.fromEntries(entries)
}

/** What ran before the first release of ours: where it was steady, it is what a rollback goes back to. */
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

/** The journal of a new release. For a rollback, it already says to which revisions. */
function journalOf(
  { request, clock }: Given,
  ledger: Ledger,
  before: Before,
  inflight: Journal | null,
): Journal {
  const { action, release, run, environment } = request
  const common = {
    number: ledger.next,
    run: { id: run.id, url: run.url, actor: run.actor },
    ...{
      started: clock.now(),
      done: [],
      before,
      snapshot: null,
      migration: null,
      bake: null,
      ringing: [],
      rollback: null,
    },
  }
  if (action !== "rollback")
    return {
      ...common,
      action: action === "migrate" ? "migrate" : "deploy",
      ...{ commit: release.commit, author: release.authors[0] ?? request.run.actor, images: release.images },
      services: Object.fromEntries(environment.services.map(({ name }) => [name, NOT_ROLLED])),
    }
  const target = askedTarget({ ...ledger, inflight }, request.to)
  if (!target.allowed)
    throw new Ended(
      end("refused", `no rollback: ${target.reason}`, {
        todo: ["deploy a commit that works instead; nothing was changed"],
      }),
    )
  const { record } = target
  return {
    ...common,
    action: "rollback",
    ...{ commit: record.commit, author: record.author ?? request.run.actor, images: record.images },
    services: Object.fromEntries(
      Object.entries(record.revisions).map(([name, revision]) => [name, { ...NOT_ROLLED, revision }]),
    ),
  }
}

const liveText = (commit: string | null): string =>
  commit === null || commit === UNKNOWN_COMMIT ? "the first release of ours" : `${short(commit)} is live`

/**
 * What this same run brought to its end before it was cut off: it is live already, and nothing is done twice. Another
 * run of the same commit deploys it again.
 */
async function finished(given: Given): Promise<Ended | null> {
  const { request, book, bucket } = given
  const { live, releases } = book.ledger()
  const record = releases.findLast(({ number }) => number === live?.number)
  const { action, release, run, environment } = request
  const same = record?.commit === release.commit && record.run.id === run.id && record.outcome === "succeeded"
  if (!record || !same || action !== "deploy" || record.action !== "deploy") return null
  const there = await liveRevisions(given)
  if (Object.entries(record.revisions).some(([name, revision]) => there.get(name) !== revision)) return null
  await fileRelease(bucket, environment.name, record)
  return new Ended(
    end(
      "succeeded",
      `${short(release.commit)} is live and proven already, by this run (release ${record.number})`,
    ),
  )
}

async function run(given: Given): Promise<Done> {
  const { request, book, clock, reporter, bucket } = given
  const { environment, release, action } = request
  const ledger = book.ledger()
  const { inflight } = ledger
  if (adopts(release, action, inflight)) {
    reporter.audit("adopted", { release: inflight.number, left: inflight.run.id, done: inflight.done })
    return did(
      `takes up release ${inflight.number} where run ${inflight.run.id} left it (${utc(inflight.started)})`,
    )
  }
  const already = inflight === null ? await finished(given) : null
  if (already !== null) throw already
  const refused = outOfOrder(release, action, ledger)
  if (refused !== null) throw new Ended(refused)
  const names = environment.services.map(({ name }) => name)
  const before = beforeOf(await seeServices(given.cluster, names, clock.now()), ledger.live?.commit ?? null)
  const left = inflight === null ? null : abandonedRecord(inflight, clock.now())
  if (left !== null) await fileRelease(bucket, environment.name, left)
  const known = baseline(left === null ? ledger : withRelease(ledger, left), before, names, clock.now())
  const journal = journalOf(given, known, before, inflight)
  await book.save({ ...known, next: known.next + 1, inflight: journal })
  const live = liveText(known.live?.commit ?? null)
  const over = left === null ? "" : `; closes release ${left.number}, which run ${left.run.id} left`
  return did(`release ${journal.number}: ${short(journal.commit)} (${live})${over}`)
}

export const begin: Step = { name: "order", minutes: 10, once: false, run }
