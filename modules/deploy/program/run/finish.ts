/** Finishes a release: ledger, anomaly detectors, retention of snapshots. */
import { putDetector } from "../aws/cloudwatch.ts"
import { databaseOf, retain } from "../aws/snapshots.ts"
import { fileNewest } from "../core/book.ts"
import { closed } from "../core/close.ts"
import { placeDigest } from "../core/home.ts"
import { inflightOf } from "../core/ledger.ts"
import { type End, LeaseLost } from "../core/outcome.ts"
import { messageOf, oneLine, plural } from "../core/text.ts"
import type { Context } from "../ecs/context.ts"
import { liveRevisions } from "../ecs/proof.ts"

/** Closes the release in the ledger. */
async function close(context: Context, ended: End): Promise<void> {
  const { request, book, clock, trail } = context
  if (inflightOf(book.ledger()) === null || ended.resumable) return
  const running = Object.fromEntries(await liveRevisions(context))
  await trail.flush()
  const over = closed(book.ledger(), request, ended, running, clock.now(), trail.end())
  if (over !== null) await book.save(over.ledger)
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
  const database = await databaseOf(aws.rds, clock, instance)
  if (database === null) return
  const owner = { environment: environment.name, place: placeDigest(environment) }
  const deleted = await retain(aws.rds, clock, { database, owner, keep })
  if (deleted.length > 0) reporter.audit("snapshots deleted", { deleted })
}

async function remark(what: string, act: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await act()
    return []
  } catch (error) {
    const why = oneLine(messageOf(error))
    return [error instanceof LeaseLost ? `${what}: ${why}; follow that run` : `${what}: ${why}`]
  }
}

/** @returns problems that do not change the outcome. */
export async function finish(context: Context, ended: End): Promise<readonly string[]> {
  const { request, bucket, book } = context
  return [
    ...(await remark("the ledger was not written; run again to record the release", () =>
      close(context, ended),
    )),
    ...(await remark("the file of the last release was not written; the next run writes it", () =>
      fileNewest(bucket, request.environment.name, book.ledger()),
    )),
    ...(ended.outcome === "succeeded" ? await remark("after the deployment", () => followUp(context)) : []),
  ]
}
