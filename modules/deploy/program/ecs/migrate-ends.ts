/** Explains a migration that did not succeed. */
import { logTail, streamOf } from "../aws/logs.ts"
import { findDefinition } from "../aws/task-definitions.ts"
import { errorLine } from "../core/log.ts"
import { type End, end } from "../core/outcome.ts"
import { nameOf } from "../core/text.ts"
import type { Migration } from "../environment.ts"
import { causeOf } from "./cause.ts"
import type { Context } from "./context.ts"
import type { MigrationProgress } from "./migration-progress.ts"

const UNCHANGED = "no service was changed: the live release keeps running"

async function logOf({ aws, clock, book }: Context, container: string, task: string) {
  const definition = book.journal().migration?.definition
  const described = definition ? await findDefinition(aws.ecs, clock, definition) : null
  return described === null ? [] : logTail(aws.logs, clock, streamOf(described, container, task))
}

const whyUnknown = (progress: MigrationProgress, name: string): string =>
  progress.kind === "cut-off"
    ? `its task stopped, and its container has no exit code (${progress.why.replace(/\.$/, "")}; task ${name})`
    : `ECS no longer lists task ${name}`

/** Returns the end of a failed migration, with its log as evidence. */
export async function failure(
  context: Context,
  { container }: Migration,
  task: string,
  progress: MigrationProgress,
): Promise<End> {
  const { book, found } = context
  const { snapshot } = book.journal()
  const name = nameOf(task)
  const log = progress.kind === "never-started" ? [] : await logOf(context, container, task)
  found.bundle = { ...found.bundle, log, reasons: "why" in progress ? [progress.why] : [] }
  const known = causeOf(found.bundle)
  const failed = (what: string, cause: string | null, todo: readonly string[]) =>
    end("failed", what, { cause, todo })
  if (progress.kind === "done") {
    return failed(
      `the migration failed: container ${container} exited with code ${progress.exitCode} (task ${name})`,
      errorLine(log) ?? known?.cause ?? null,
      [
        "check whether the migration ran in part; then fix it and deploy again",
        ...(snapshot === null ? [] : [`the database before the migration: snapshot ${snapshot}`]),
        UNCHANGED,
      ],
    )
  }
  if (progress.kind === "never-started")
    return failed(`the migration never started: ${progress.why} (task ${name})`, known?.cause ?? null, [
      known?.fix ?? "fix what ECS reports",
      `the schema is unchanged; ${UNCHANGED}`,
    ])
  return failed(
    `the result of the migration is unknown: ${whyUnknown(progress, name)}`,
    known?.cause ?? null,
    [
      "check in the database whether the migration is applied, then deploy again",
      ...(snapshot === null ? [] : [`the database before the migration: snapshot ${snapshot}`]),
      UNCHANGED,
    ],
  )
}

/** Returns the end of a run whose migration is not finished in time. */
export function unfinished(cluster: string, migration: Migration, task: string, status: string): End {
  const never = status === "starting"
  const name = nameOf(task)
  return end(
    "still-running",
    `the migration ${never ? "has not started" : "is still running"} after ${migration.timeoutMinutes} min (task ${name}: ${status})`,
    {
      cause: never ? "ECS has not placed the task, or not pulled its image" : null,
      todo: [
        "run again to wait for the same task: it is not started twice",
        `to cancel it: \`aws ecs stop-task --cluster ${cluster} --task ${name}\``,
        UNCHANGED,
      ],
    },
  )
}
