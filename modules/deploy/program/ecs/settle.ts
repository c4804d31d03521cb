/** Waits for what other releases left under way: two migrations never run at once, and no rollout during a contract one. */
import { seeServices } from "../aws/services.ts"
import { startedTasks } from "../aws/tasks.ts"
import type { RunningMigration } from "../core/ledger.ts"
import { type End, end } from "../core/outcome.ts"
import { type Done, did, ended, type Step, skipped } from "../core/step.ts"
import { listed, nameOf } from "../core/text.ts"
import { minutes, until } from "../core/wait.ts"
import type { Context } from "./context.ts"
import { startedBy } from "./migrate.ts"
import type { ServiceSeen } from "./service-seen.ts"
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

const isMoving = ({ deployments }: ServiceSeen): boolean =>
  deployments.some(({ state }) => state === "IN_PROGRESS")

const stillDeployed = (names: readonly string[], limit: number): End =>
  end(
    "refused",
    `${listed(names)} ${names.length === 1 ? "is" : "are"} still being deployed after ${limit} min of waiting, and ECS may roll back to what a contract migration breaks`,
    {
      todo: [
        "wait until the deployment is complete, answer it, or end it with `rollback`; then run again",
        "no schema and no service was changed by this run",
      ],
    },
  )

/**
 * Waits until no earlier deployment is under way, before a contract migration: ECS could return by itself to what is below
 * it. @returns how the run ends if one stays under way; null: none is.
 */
async function deployed({ request, cluster, clock, book, reporter }: Context): Promise<End | null> {
  const { migration, services } = request.environment
  if (migration?.phase !== "contract" || book.journal().migration?.intent != null) return null
  const names = services.map(({ name }) => name)
  const limit = Math.max(...services.map(({ timeoutMinutes }) => timeoutMinutes))
  let moving: readonly string[] = []
  const calm = await until(clock, minutes(limit), async () => {
    const before = moving.length
    const seen = await seeServices(cluster, names, null)
    moving = [...seen.values()].filter(isMoving).map(({ name }) => name)
    if (before === 0 && moving.length > 0) reporter.say(`  waiting for the deployment of ${listed(moving)}`)
    return moving.length === 0 ? true : null
  })
  return calm === null ? stillDeployed(moving, limit) : null
}

async function run(context: Context): Promise<Done> {
  const waits = await deployed(context)
  return waits === null ? migrated(context) : ended(waits)
}

/** Waits for the migration of another release that may still run. */
async function migrated(context: Context): Promise<Done> {
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
    return did(`the migration of release ${running.number} does not run`)
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
