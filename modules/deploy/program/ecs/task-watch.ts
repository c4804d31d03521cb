/** Watches a migration's task until it ends. */
import { describeTasks, taskSeen } from "../aws/tasks.ts"
import { until } from "../core/wait.ts"
import type { Context } from "./context.ts"
import { type MigrationProgress, migrationProgress } from "./migration-progress.ts"

/** @returns its last progress: `starting` or `running` after the time limit. */
export async function watchTask(
  { aws, clock, request }: Context,
  { task, container, limit }: { readonly task: string; readonly container: string; readonly limit: number },
): Promise<MigrationProgress> {
  const started = clock.now()
  let last: MigrationProgress = { kind: "starting" }
  await until(clock, limit, async () => {
    const [seen] = await describeTasks(aws.ecs, clock, request.environment.cluster, [task])
    last = migrationProgress(seen ? taskSeen(seen) : null, container, clock.now() - started)
    return last.kind === "starting" || last.kind === "running" ? null : true
  })
  return last
}
