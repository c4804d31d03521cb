import { createSnapshot, databaseOf, snapshotName, snapshotStatus } from "../aws/snapshots.ts"
import { placeDigest } from "../core/home.ts"
import { end } from "../core/outcome.ts"
import { type Done, did, ended, type Step, skipped } from "../core/step.ts"
import { minutes, until } from "../core/wait.ts"
import type { Context } from "./context.ts"

/** Makes a database snapshot before anything changes. */
async function run(context: Context): Promise<Done> {
  const { request, aws, clock, book } = context
  const { database, name: environment } = request.environment
  if (database === null) return skipped("no database configured")
  const of = await databaseOf(aws.rds, clock, database.instance)
  if (of === null)
    return ended(
      end("failed", `RDS has no database ${database.instance}`, {
        todo: [
          "correct `database.instance`: an instance, or a cluster; no service and no schema was changed",
        ],
      }),
    )
  const { number, commit } = book.journal()
  // An earlier run of this release may have named it.
  const owner = { environment, place: placeDigest(request.environment) }
  const name = book.journal().snapshot ?? snapshotName(owner, commit, number)
  await book.note({ snapshot: name })
  const tags = {
    "slipway:environment": environment,
    "slipway:commit": commit,
    "slipway:release": String(number),
  }
  const status = await until(clock, minutes(database.timeoutMinutes), async () => {
    const seen = await snapshotStatus(aws.rds, clock, of, name)
    // A busy database takes no snapshot: it is asked for again.
    if (seen === null) await createSnapshot(aws.rds, clock, of, { name, tags })
    return seen === "available" || seen === "failed" ? seen : null
  })
  if (status === "available") return did(`${name} of ${of.kind === "cluster" ? "cluster " : ""}${of.name}`)
  const todo = ["check the database in RDS, then run again; no service and no schema was changed"]
  return ended(
    status === null
      ? end("failed", `snapshot ${name} is not available after ${database.timeoutMinutes} min`, {
          todo,
          resumable: true,
        })
      : end("failed", `RDS could not create snapshot ${name}`, { todo }),
  )
}

export const snapshot: Step<Context> = { name: "snapshot", minutes: 24 * 60, once: true, run }
