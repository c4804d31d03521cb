/** The end of a release: ledger, detectors, retention of snapshots. */
import { putDetector } from "../aws/cloudwatch.ts"
import { retain } from "../aws/snapshots.ts"
import { fileRelease } from "../book.ts"
import type { Given } from "../given.ts"
import { type End, LeaseLost } from "../plan/outcome.ts"
import { type Journal, type Ledger, withRelease } from "../plan/state.ts"
import { oneLine, plural } from "../plan/text.ts"
import { liveRevisions } from "./proof.ts"
import { recordOf } from "./record.ts"

/** Which release the ledger calls live after this one: what is in place decides, not what was meant. */
async function liveAfter(
  given: Given,
  ledger: Ledger,
  journal: Journal,
  ended: End,
): Promise<Ledger["live"]> {
  const { number, commit, rollback, services, action } = journal
  const now = given.clock.now()
  if (ended.outcome === "succeeded" && action !== "migrate") return { number, commit, since: now }
  if (ended.outcome === "rolled-back" && rollback !== null)
    return rollback.commit === ledger.live?.commit
      ? ledger.live
      : { number: rollback.to, commit: rollback.commit, since: now }
  const begun = Object.values(services).some(({ intent }) => intent !== null)
  if (!begun) return ledger.live
  const there = await liveRevisions(given)
  const all = Object.entries(services).every(
    ([name, { revision }]) => revision !== null && there.get(name) === revision,
  )
  return all ? { number, commit, since: now } : ledger.live
}

/** Closes the release in the ledger. @returns what did not work, in words. */
async function close(given: Given, ended: End): Promise<readonly string[]> {
  const { request, book, clock, bucket } = given
  const ledger = book.ledger()
  const { inflight } = ledger
  if (inflight === null || ended.kept) return []
  const record = recordOf(request, inflight, ended.outcome, clock.now())
  const live = await liveAfter(given, ledger, inflight, ended)
  await book.save({ ...withRelease(ledger, record), live, inflight: null })
  await fileRelease(bucket, request.environment.name, record)
  return []
}

/** What follows a success and cannot undo it. */
async function followUp(given: Given): Promise<void> {
  const { request, aws, clock, reporter } = given
  const { environment, action } = request
  if (action !== "deploy") return
  if (environment.production) {
    for (const detector of environment.anomalyDetectors) await putDetector(aws.cloudwatch, clock, detector)
    if (environment.anomalyDetectors.length > 0)
      reporter.say(`  ${plural(environment.anomalyDetectors.length, "anomaly detector")} in place`)
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
    return [error instanceof LeaseLost ? `${what}: ${why}; that run decides from here on` : `${what}: ${why}`]
  }
}

/** @returns what else went wrong. */
export async function finish(given: Given, ended: End): Promise<readonly string[]> {
  return [
    ...(await remark("the ledger was not written; run again to settle it", () => close(given, ended))),
    ...(ended.outcome === "succeeded" ? await remark("after the deployment", () => followUp(given)) : []),
  ]
}
