/** Reads the progress of the migration's task. */

/** The task at one moment. */
export interface TaskSeen {
  readonly arn: string
  readonly status: string
  readonly stopCode: string
  readonly stoppedReason: string
  /** Whether it was ever `RUNNING`: only then it has a time of start. */
  readonly ran: boolean
  readonly containers: readonly {
    readonly name: string
    readonly exitCode: number | null
    readonly reason: string
  }[]
}

/** How far the task of a migration is. */
export type MigrationProgress =
  | { readonly kind: "starting" }
  | { readonly kind: "running" }
  | { readonly kind: "done"; readonly exitCode: number }
  /** The task stopped before its own container ran. */
  | { readonly kind: "never-started"; readonly why: string }
  /** The task ran and stopped, and its own container has no exit code: its host was lost, say. */
  | { readonly kind: "cut-off"; readonly why: string }
  /** ECS no longer knows the task, and its end was not seen. */
  | { readonly kind: "lost" }

/** How long DescribeTasks may lag behind RunTask, in milliseconds. */
const MISSING_MS = 120_000

const STARTING: ReadonlySet<string> = new Set(["PROVISIONING", "PENDING", "ACTIVATING"])

/**
 * Judges by the migration's own container. Exit codes of sidecars do not count.
 *
 * @param task null: not known to ECS.
 * @param age milliseconds since RunTask.
 */
export function migrationProgress(task: TaskSeen | null, container: string, age: number): MigrationProgress {
  if (task === null) return age < MISSING_MS ? { kind: "starting" } : { kind: "lost" }
  const own = task.containers.find(({ name }) => name === container)
  if (own?.exitCode !== null && own?.exitCode !== undefined) return { kind: "done", exitCode: own.exitCode }
  if (task.status === "STOPPED") {
    const why = [own?.reason, task.stoppedReason, task.stopCode].find(
      (text) => text !== undefined && text !== "",
    )
    return { kind: task.ran ? "cut-off" : "never-started", why: why ?? "ECS gives no reason" }
  }
  return { kind: STARTING.has(task.status) ? "starting" : "running" }
}
