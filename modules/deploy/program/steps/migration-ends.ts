/** How a migration that did not succeed is explained. */
import type { TaskDefinition } from "@aws-sdk/client-ecs"
import { logTail, streamOf } from "../aws/logs.ts"
import { findDefinition } from "../aws/task-definitions.ts"
import type { Migration } from "../environment.ts"
import type { Given } from "../given.ts"
import { causeOf } from "../plan/cause.ts"
import { tellingLine } from "../plan/log.ts"
import type { MigrationMeaning } from "../plan/migration.ts"
import { Ended, end } from "../plan/outcome.ts"
import { nameOf } from "../plan/text.ts"

/** What failed, with the end of its log. */
export async function failure(
  given: Given,
  migration: Migration,
  task: string,
  meaning: MigrationMeaning,
): Promise<Ended> {
  const { aws, clock, book, found } = given
  const name = nameOf(task)
  const definition = book.journal().migration?.definition
  const described: TaskDefinition | null = definition
    ? await findDefinition(aws.ecs, clock, definition)
    : null
  const place = described === null ? null : streamOf(described, migration.container, task)
  const log = meaning.kind === "done" ? await logTail(aws.logs, clock, place) : []
  found.bundle = { ...found.bundle, log, reasons: meaning.kind === "never-started" ? [meaning.why] : [] }
  const known = causeOf(found.bundle)
  const untouched = "no service was touched: the live release goes on"
  if (meaning.kind === "done")
    return new Ended(
      end(
        "failed",
        `the migration failed: ${migration.container} ended with exit code ${meaning.exitCode} (task ${name})`,
        {
          cause: tellingLine(log) ?? known?.cause ?? null,
          todo: [
            "mend the migration and deploy again; look first whether it got half way",
            ...(book.journal().snapshot === null
              ? []
              : [`the database as it was before: snapshot ${book.journal().snapshot}`]),
            untouched,
          ],
        },
      ),
    )
  if (meaning.kind === "never-started")
    return new Ended(
      end("failed", `the migration never started: ${meaning.why} (task ${name})`, {
        cause: known?.cause ?? null,
        todo: [known?.fix ?? "mend what ECS names", `the schema is unchanged; ${untouched}`],
      }),
    )
  return new Ended(
    end("failed", `ECS no longer knows the migration's task ${name}: how it ended cannot be told`, {
      todo: ["look in the database whether the migration is applied, then deploy again", untouched],
    }),
  )
}

/** It still runs, or was never seen to start. */
export function unfinished(migration: Migration, task: string, status: string): Ended {
  const never = status === "starting"
  return new Ended(
    end(
      "still-running",
      `the migration ${never ? "is still not started" : "still runs"} after ${migration.timeoutMinutes} min (task ${nameOf(task)}: ${status})`,
      {
        cause: never ? "ECS has not placed it or not pulled its image yet" : null,
        todo: [
          "run again to go on waiting for the same task: it is not started twice",
          `to give it up: aws ecs stop-task --task ${nameOf(task)}`,
          "no service was touched: the live release goes on",
        ],
      },
    ),
  )
}
