/** Runs the migration as a one-off ECS task. */
import type { NetworkConfiguration, RunTaskRequest } from "@aws-sdk/client-ecs"
import { type AwsFault, isRejected } from "../aws/retry.ts"
import { isActive, register } from "../aws/task-definitions.ts"
import { runTask } from "../aws/tasks.ts"
import { EMPTY_BUNDLE } from "../core/evidence.ts"
import { placeDigest } from "../core/home.ts"
import type { MigrationState } from "../core/journal.ts"
import { type End, end } from "../core/outcome.ts"
import { type Done, did, ended, type Step, skipped } from "../core/step.ts"
import { nameOf } from "../core/text.ts"
import { minutes, until } from "../core/wait.ts"
import type { Migration } from "../environment.ts"
import { causeOf } from "./cause.ts"
import type { Context } from "./context.ts"
import { failure, unfinished } from "./migrate-ends.ts"
import { migrationNext } from "./migration-definition.ts"
import { networkOf } from "./migration-network.ts"
import { tagsOf } from "./revisions.ts"
import { watchTask } from "./task-watch.ts"

/** Returns the client token of RunTask (64 characters at most). A release always has the same one, and no other has it. */
const tokenOf = ({ request, book }: Context): string => {
  const { number, commit } = book.journal()
  return placeDigest(request.environment, commit, number)
}

/** Returns the revision that the migration runs with, registered if it is not yet. */
async function definitionOf(context: Context, migration: Migration): Promise<string> {
  const { live, next, same, tags } = await migrationNext(context, migration)
  if (same && live.taskDefinitionArn) return live.taskDefinitionArn
  return register(context.aws.ecs, context.clock, next, { tags: { ...tagsOf(context), ...tags } })
}

/** Returns the mark of a migration's task, by which it is found. */
export const startedBy = (token: string): string => `slipway-${token.slice(0, 24)}`

const requestOf = (
  { request }: Context,
  migration: Migration,
  state: MigrationState,
  definition: string,
  network: NetworkConfiguration | null,
): RunTaskRequest => ({
  cluster: request.environment.cluster,
  taskDefinition: definition,
  count: 1,
  launchType: migration.launchType,
  clientToken: state.token,
  startedBy: startedBy(state.token),
  ...(migration.command === null
    ? {}
    : { overrides: { containerOverrides: [{ name: migration.container, command: migration.command }] } }),
  ...(network === null ? {} : { networkConfiguration: network }),
})

/** Notes that no migration ran: its schema is as before, and no floor is set. */
const neverRan = async ({ book }: Context, state: MigrationState): Promise<void> =>
  book.note({ migration: { ...state, task: null, intent: null } }, { running: null })

const notPlaced = (why: string, migration: Migration): End => {
  const known = causeOf({ ...EMPTY_BUNDLE, reasons: [why] })
  return end(
    "failed",
    `the migration did not start: ECS could not place its task for ${migration.placementMinutes} min (${why})`,
    {
      cause: known?.cause ?? null,
      todo: [known?.fix ?? "add capacity", "run again; no schema and no service was changed"],
    },
  )
}

const refusedForGood = (fault: AwsFault): End =>
  end("failed", "ECS refused the migration's task: the migration did not run", {
    cause: fault.message,
    todo: [fault.fix, "run again; no schema and no service was changed"],
  })

/** A migration that was noted; `fresh`: no earlier run may have started its task. */
interface Begun {
  readonly state: MigrationState
  readonly fresh: boolean
}

type Placed = { readonly task: string } | { readonly ended: End }

/** Starts the task, or returns the one that an earlier run started. */
async function place(context: Context, migration: Migration, { state, fresh }: Begun): Promise<Placed> {
  const { aws, clock, book } = context
  const definition = state.definition ?? ""
  if (state.task !== null) return { task: state.task }
  let why = ""
  try {
    const network = await networkOf(context, migration, definition)
    const task = await until(clock, minutes(migration.placementMinutes), async () => {
      const started = await runTask(aws.ecs, clock, requestOf(context, migration, state, definition, network))
      if (started.placed) return started.arn
      why = started.why
      return null
    })
    if (task === null) {
      await neverRan(context, state)
      return { ended: notPlaced(why, migration) }
    }
    const running = book.ledger().running
    await book.note(
      { migration: { ...state, definition, task } },
      { running: running === null ? null : { ...running, task } },
    )
    return { task }
  } catch (error) {
    if (!isRejected(error)) throw error
    // An earlier run may have started the task all the same.
    if (!fresh) return { ended: unknownStart() }
    await neverRan(context, state)
    return { ended: refusedForGood(error) }
  }
}

/** How long ECS knows the client token of RunTask, in milliseconds; a little less. */
const TOKEN_MS = 23 * 60 * 60_000

const unknownStart = (): End =>
  end(
    "failed",
    "the result of the migration is unknown: an earlier run may have started it, and ECS no longer knows",
    {
      todo: [
        "check in the database whether the migration is applied",
        "then end this release with `rollback`, or deploy a newer commit; no service was changed",
      ],
      resumable: true,
    },
  )

/** Returns the revision that an earlier run chose; null: none, or somebody deregistered it before the task was started. */
async function chosen({ aws, clock }: Context, { definition, intent }: MigrationState) {
  if (definition === null || intent !== null) return definition
  return (await isActive(aws.ecs, clock, definition)) ? definition : null
}

async function begun(context: Context, migration: Migration): Promise<Begun> {
  const { book, clock } = context
  const known = book.journal().migration
  const before = known ?? {
    phase: migration.phase,
    token: tokenOf(context),
    definition: null,
    task: null,
    intent: null,
    exitCode: null,
  }
  const definition = (await chosen(context, before)) ?? (await definitionOf(context, migration))
  const state: MigrationState = { ...before, definition, intent: before.intent ?? clock.now() }
  // Written before RunTask: from here on, the schema may change, and the task may run.
  await book.note(
    { migration: state },
    {
      running: {
        number: book.journal().number,
        token: state.token,
        task: state.task,
        container: migration.container,
        since: state.intent ?? clock.now(),
      },
    },
  )
  return { state, fresh: known === null || known.intent === null }
}

async function run(context: Context): Promise<Done> {
  const { request, clock, book } = context
  const { migration } = request.environment
  if (migration === null) return skipped("no migration configured")
  const known = book.journal().migration
  if (known?.intent != null && known.task === null && clock.now() - known.intent > TOKEN_MS)
    return ended(unknownStart())
  const { state, fresh } = await begun(context, migration)
  const placed = await place(context, migration, { state, fresh })
  if ("ended" in placed) return placed
  const { task } = placed
  const limit = minutes(migration.timeoutMinutes)
  const last = await watchTask(context, { task, container: migration.container, limit })
  if (last.kind === "starting" || last.kind === "running")
    return ended(unfinished(request.environment.cluster, migration, task, last.kind))
  if (last.kind === "done")
    await book.note({ migration: { ...state, task, exitCode: last.exitCode } }, { running: null })
  if (last.kind === "done" && last.exitCode === 0)
    return did(`${migration.phase} migration applied (task ${nameOf(task)})`)
  if (last.kind === "never-started") await neverRan(context, state)
  if (last.kind === "lost" || last.kind === "cut-off") await book.note({}, { running: null })
  return ended(await failure(context, migration, task, last))
}

export const migration: Step<Context> = { name: "migration", minutes: 24 * 60, once: true, run }
