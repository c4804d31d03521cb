/** Finishes a release: ledger, anomaly detectors, retention of snapshots. */
import { putDetector } from "../aws/cloudwatch.ts"
import { retain } from "../aws/snapshots.ts"
import { fileRelease } from "../core/book.ts"
import { type Journal, type Ledger, withRelease } from "../core/journal.ts"
import { type End, LeaseLost } from "../core/outcome.ts"
import { recordOf } from "../core/record.ts"
import { oneLine, plural } from "../core/text.ts"
import type { Context } from "../ecs/context.ts"
import { liveRevisions } from "../ecs/proof.ts"

/** Returns the live release for the ledger: what ECS runs decides, not what was intended. */
async function liveAfter(
  context: Context,
  ledger: Ledger,
  journal: Journal,
  ended: End,
): Promise<Ledger["live"]> {
  const { number, commit, rollback, services, action } = journal
  const now = context.clock.now()
  if (ended.outcome === "succeeded" && action !== "migrate") return { number, commit, since: now }
  if (ended.outcome === "rolled-back" && rollback !== null)
    return rollback.commit === ledger.live?.commit
      ? ledger.live
      : { number: rollback.to, commit: rollback.commit, since: now }
  const begun = Object.values(services).some(({ intent }) => intent !== null)
  if (!begun) return ledger.live
  const there = await liveRevisions(context)
  const all = Object.entries(services).every(
    ([name, { revision }]) => revision !== null && there.get(name) === revision,
  )
  return all ? { number, commit, since: now } : ledger.live
}

/** Closes the release in the ledger. */
async function close(context: Context, ended: End): Promise<void> {
  const { request, book, clock, bucket } = context
  const ledger = book.ledger()
  const { inflight } = ledger
  if (inflight === null || ended.resumable) return
  const record = recordOf(request, inflight, ended.outcome, clock.now())
  const live = await liveAfter(context, ledger, inflight, ended)
  await book.save({ ...withRelease(ledger, record), live, inflight: null })
  await fileRelease(bucket, request.environment.name, record)
}

/** Runs what follows a success. A failure here does not change the outcome. */
async function followUp(context: Context): Promise<void> {
  const { request, aws, clock, reporter } = context
  const { environment, action } = request
  if (action !== "deploy") return
  if (environment.production) {
    for (const detector of environment.anomalyDetectors) await putDetector(aws.cloudwatch, clock, detector)
    if (environment.anomalyDetectors.length > 0)
      reporter.say(`  ${plural(environment.anomalyDetectors.length, "anomaly detector")} active`)
  }
  if (environment.database === null) return
  const { instance, keep } = environment.database
  const deleted = await retain(aws.rds, clock, { instance, environment: environment.name, keep })
  if (deleted.length > 0) reporter.audit("snapshots deleted", { deleted })
}

async function remark(what: string, act: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await act()
    return []
  } catch (error) {
    const why = oneLine(error instanceof Error ? error.message : String(error))
    return [error instanceof LeaseLost ? `${what}: ${why}; follow that run` : `${what}: ${why}`]
  }
}

/** @returns problems that do not change the outcome. */
export async function finish(context: Context, ended: End): Promise<readonly string[]> {
  return [
    ...(await remark("the ledger was not written; run again to record the release", () =>
      close(context, ended),
    )),
    ...(ended.outcome === "succeeded" ? await remark("after the deployment", () => followUp(context)) : []),
  ]
}
