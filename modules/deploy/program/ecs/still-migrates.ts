/** Names a migration of an earlier release that runs on, whatever became of that release. */
import { describeTasks } from "../aws/tasks.ts"
import { inflightOf } from "../core/ledger.ts"
import { nameOf } from "../core/text.ts"
import type { Context } from "./context.ts"

/** Returns a remark where it still runs; none if ECS cannot be asked. */
export async function stillMigrates({ aws, clock, request, book }: Context): Promise<readonly string[]> {
  const { running } = book.ledger()
  if (running === null || running.task === null) return []
  // What the run itself waits for is in its words.
  if (inflightOf(book.ledger())?.number === running.number) return []
  const { task, number } = running
  const [seen] = await describeTasks(aws.ecs, clock, request.environment.cluster, [task]).catch(() => [])
  return seen === undefined || seen.lastStatus === "STOPPED"
    ? []
    : [`the migration of release ${number} still runs (task ${nameOf(task)}): nothing stops it`]
}
