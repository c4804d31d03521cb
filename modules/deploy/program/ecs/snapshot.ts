import { createSnapshot, snapshotName, snapshotStatus } from "../aws/snapshots.ts"
import { end } from "../core/outcome.ts"
import { type Done, did, ended, type Step, skipped } from "../core/step.ts"
import { minutes, until } from "../core/wait.ts"
import type { Context } from "./context.ts"

/** Makes a database snapshot before anything changes. */
async function run(context: Context): Promise<Done> {
  const { request, aws, clock, book } = context
  const { database, name: environment } = request.environment
  if (database === null) return skipped("no database configured")
  const { number, commit } = book.journal()
  const name = snapshotName(environment, commit, number)
  await book.note({ snapshot: name })
  const tags = {
    "slipway:environment": environment,
    "slipway:commit": commit,
    "slipway:release": String(number),
  }
  const status = await until(clock, minutes(database.timeoutMinutes), async () => {
    const seen = await snapshotStatus(aws.rds, clock, name)
    // A busy database takes no snapshot: it is asked for again.
    if (seen === null) await createSnapshot(aws.rds, clock, { instance: database.instance, name, tags })
    return seen === "available" || seen === "failed" ? seen : null
  })
  if (status === "available") return did(`${name} of ${database.instance}`)
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
