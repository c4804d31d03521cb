/** Explains a migration that did not succeed. */
import type { TaskDefinition } from "@aws-sdk/client-ecs"
import { logTail, streamOf } from "../aws/logs.ts"
import { findDefinition } from "../aws/task-definitions.ts"
import type { Context } from "../context.ts"
import type { Migration } from "../environment.ts"
import { causeOf } from "../plan/cause.ts"
import { errorLine } from "../plan/log.ts"
import type { MigrationProgress } from "../plan/migration.ts"
import { Ended, end } from "../plan/outcome.ts"
import { nameOf } from "../plan/text.ts"

/** Returns the end of a failed migration, with its log as evidence. */
export async function failure(
  context: Context,
  migration: Migration,
  task: string,
  progress: MigrationProgress,
): Promise<Ended> {
  const { aws, clock, book, found } = context
  const name = nameOf(task)
  const definition = book.journal().migration?.definition
  const described: TaskDefinition | null = definition
    ? await findDefinition(aws.ecs, clock, definition)
    : null
  const place = described === null ? null : streamOf(described, migration.container, task)
  const log = progress.kind === "done" ? await logTail(aws.logs, clock, place) : []
  found.bundle = { ...found.bundle, log, reasons: progress.kind === "never-started" ? [progress.why] : [] }
  const known = causeOf(found.bundle)
  const untouched = "no service was changed: the live release keeps running"
  if (progress.kind === "done")
    return new Ended(
      end(
        "failed",
        `the migration failed: container ${migration.container} exited with code ${progress.exitCode} (task ${name})`,
        {
          cause: errorLine(log) ?? known?.cause ?? null,
          todo: [
            "check whether the migration ran in part; then fix it and deploy again",
            ...(book.journal().snapshot === null
              ? []
              : [`the database before the migration: snapshot ${book.journal().snapshot}`]),
            untouched,
          ],
        },
      ),
    )
  if (progress.kind === "never-started")
    return new Ended(
      end("failed", `the migration never started: ${progress.why} (task ${name})`, {
        cause: known?.cause ?? null,
        todo: [known?.fix ?? "fix what ECS reports", `the schema is unchanged; ${untouched}`],
      }),
    )
  return new Ended(
    end("failed", `the result of the migration is unknown: ECS no longer lists task ${name}`, {
      todo: ["check in the database whether the migration is applied, then deploy again", untouched],
    }),
  )
}

/** Returns the end of a run whose migration is not finished in time. */
export function unfinished(migration: Migration, task: string, status: string): Ended {
  const never = status === "starting"
  return new Ended(
    end(
      "still-running",
      `the migration ${never ? "has not started" : "is still running"} after ${migration.timeoutMinutes} min (task ${nameOf(task)}: ${status})`,
      {
        cause: never ? "ECS has not placed the task, or not pulled its image" : null,
        todo: [
          "run again to wait for the same task: it is not started twice",
          `to cancel it: \`aws ecs stop-task --task ${nameOf(task)}\``,
          "no service was changed: the live release keeps running",
        ],
      },
    ),
  )
}
