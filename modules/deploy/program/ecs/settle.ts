/** Waits for the migration of another release that may still run: two never run at once. */
import { startedTasks } from "../aws/tasks.ts"
import type { RunningMigration } from "../core/journal.ts"
import { type End, end } from "../core/outcome.ts"
import { type Done, did, ended, type Step, skipped } from "../core/step.ts"
import { nameOf } from "../core/text.ts"
import { minutes } from "../core/wait.ts"
import type { Context } from "./context.ts"
import { startedBy } from "./migrate.ts"
import { watchTask } from "./task-watch.ts"

const stillRuns = (running: RunningMigration, task: string, cluster: string, limit: number): End =>
  end(
    "refused",
    `the migration of release ${running.number} may still run after ${limit} min of waiting (task ${nameOf(task)})`,
    {
      todo: [
        "wait for it, then run again: two migrations never run at once",
        `to cancel it: \`aws ecs stop-task --cluster ${cluster} --task ${nameOf(task)}\``,
        "no schema and no service was changed by this run",
      ],
    },
  )

async function run(context: Context): Promise<Done> {
  const { request, aws, clock, book, reporter } = context
  const { running } = book.ledger()
  const { migration, cluster } = request.environment
  if (running === null || running.number === book.journal().number)
    return skipped("no other migration may still run")
  if (migration === null)
    return skipped(`no migration configured; that of release ${running.number} may still run`)
  const [found = null] =
    running.task === null
      ? await startedTasks(aws.ecs, clock, cluster, startedBy(running.token))
      : [running.task]
  if (found === null) {
    await book.note({}, { running: null })
    return did(`the migration of release ${running.number} never started`)
  }
  reporter.say(`  waiting for the migration of release ${running.number} (task ${nameOf(found)})`)
  const limit = minutes(migration.timeoutMinutes)
  const last = await watchTask(context, { task: found, container: running.container, limit })
  if (last.kind === "starting" || last.kind === "running")
    return ended(stillRuns(running, found, cluster, migration.timeoutMinutes))
  await book.note({}, { running: null })
  return did(`the migration of release ${running.number} has ended`)
}

export const settle: Step<Context> = { name: "settle", minutes: 24 * 60, once: false, run }
