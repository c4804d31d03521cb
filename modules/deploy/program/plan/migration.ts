/** What a look at the migration's task means. */

/** The task at one moment. */
export interface TaskSeen {
  readonly arn: string
  readonly status: string
  readonly stopCode: string
  readonly stoppedReason: string
  readonly containers: readonly {
    readonly name: string
    readonly exitCode: number | null
    readonly reason: string
  }[]
}

export type MigrationMeaning =
  | { readonly kind: "starting" }
  | { readonly kind: "running" }
  | { readonly kind: "done"; readonly exitCode: number }
  /** It stopped, and its own container never ran. */
  | { readonly kind: "never-started"; readonly why: string }
  /** Neither found nor known to have ended. */
  | { readonly kind: "lost" }

/** How long DescribeTasks may not know a task that RunTask just gave, in milliseconds. */
export const MISSING_MS = 120_000

const STARTING: ReadonlySet<string> = new Set(["PROVISIONING", "PENDING", "ACTIVATING"])

/**
 * The migration's own container decides, whatever sidecars end with.
 *
 * @param task null where ECS does not know it.
 * @param age milliseconds since RunTask.
 */
export function migrationMeaning(task: TaskSeen | null, container: string, age: number): MigrationMeaning {
  if (task === null) return age < MISSING_MS ? { kind: "starting" } : { kind: "lost" }
  const own = task.containers.find(({ name }) => name === container)
  if (own?.exitCode !== null && own?.exitCode !== undefined) return { kind: "done", exitCode: own.exitCode }
  if (task.status === "STOPPED") {
    const why = [own?.reason, task.stoppedReason, task.stopCode].find(
      (text) => text !== undefined && text !== "",
    )
    return { kind: "never-started", why: why ?? "ECS gives no reason" }
  }
  return { kind: STARTING.has(task.status) ? "starting" : "running" }
}
