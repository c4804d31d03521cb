/** Runs the migration as a one-off ECS task. */
import { createHash } from "node:crypto"
import type { NetworkConfiguration, RunTaskRequest } from "@aws-sdk/client-ecs"
import { findDefinition, register } from "../aws/task-definitions.ts"
import { describeTasks, runTask, taskSeen } from "../aws/tasks.ts"
import { EMPTY_BUNDLE } from "../core/evidence.ts"
import type { MigrationState } from "../core/journal.ts"
import { Ended, end } from "../core/outcome.ts"
import { type Done, did, type Step, skipped } from "../core/step.ts"
import { nameOf } from "../core/text.ts"
import { minutes, until } from "../core/wait.ts"
import type { Migration } from "../environment.ts"
import { causeOf } from "./cause.ts"
import type { Context } from "./context.ts"
import { failure, unfinished } from "./migrate-ends.ts"
import { networkOf } from "./migration-network.ts"
import { type MigrationProgress, migrationProgress, type TaskSeen } from "./migration-progress.ts"
import { render } from "./render.ts"
import { tagsOf } from "./revisions.ts"

/** Returns the client token of RunTask (64 characters at most). A release always has the same one. */
const tokenOf = ({ request, book }: Context): string => {
  const { number, commit } = book.journal()
  const { name, cluster } = request.environment
  return createHash("sha256").update(`${cluster}/${name}/${commit}/${number}`).digest("hex")
}

/** Returns the task definition of the migration: its service's next revision, or its own family. */
async function definitionOf(context: Context, migration: Migration): Promise<string> {
  const { request, aws, clock, book } = context
  const service = request.environment.services.find(({ name }) => name === migration.service)
  const base = service ? book.journal().before[service.name]?.revision : migration.family
  const live = base ? await findDefinition(aws.ecs, clock, base) : null
  if (live === null)
    throw new Ended(
      end(
        "refused",
        ["the task definition of the migration was not found", base].filter(Boolean).join(": "),
        {
          todo: ["create it with Terraform first; no schema was changed"],
        },
      ),
    )
  const image = request.release.images[migration.image ?? service?.image ?? ""] ?? null
  const change = {
    container: service?.container ?? migration.container,
    image,
    flags: request.environment.featureFlags,
  }
  const rendered = render(live, change)
  if (!rendered.ok)
    throw new Ended(
      end("refused", rendered.problem, { todo: ["correct `migration.container` in slipway.yaml"] }),
    )
  if (rendered.same && live.taskDefinitionArn) return live.taskDefinitionArn
  return register(aws.ecs, clock, rendered.next, tagsOf(context))
}

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
  startedBy: `slipway-${state.token.slice(0, 24)}`,
  ...(migration.command === null
    ? {}
    : { overrides: { containerOverrides: [{ name: migration.container, command: migration.command }] } }),
  ...(network === null ? {} : { networkConfiguration: network }),
})

/** Starts the task, or returns the one that an earlier run started. */
async function place(
  context: Context,
  migration: Migration,
  state: MigrationState,
  definition: string,
): Promise<string> {
  const { aws, clock, book } = context
  if (state.task !== null) return state.task
  const network = await networkOf(context, migration, definition)
  let why = ""
  const task = await until(clock, minutes(migration.placementMinutes), async () => {
    const started = await runTask(aws.ecs, clock, requestOf(context, migration, state, definition, network))
    if (started.placed) return started.arn
    why = started.why
    return null
  })
  if (task !== null) {
    await book.note({ migration: { ...state, definition, task } })
    return task
  }
  await book.note({ migration: { ...state, intent: null } })
  const known = causeOf({ ...EMPTY_BUNDLE, reasons: [why] })
  throw new Ended(
    end(
      "failed",
      `the migration did not start: ECS could not place its task for ${migration.placementMinutes} min (${why})`,
      {
        cause: known?.cause ?? null,
        todo: [known?.fix ?? "add capacity", "run again; no schema and no service was changed"],
      },
    ),
  )
}

async function lookAt(context: Context, arn: string): Promise<TaskSeen | null> {
  const [task] = await describeTasks(context.aws.ecs, context.clock, context.request.environment.cluster, [
    arn,
  ])
  return task ? taskSeen(task) : null
}

async function run(context: Context): Promise<Done> {
  const { request, clock, book } = context
  const { migration } = request.environment
  if (migration === null) return skipped("no migration configured")
  const begun = book.journal().migration ?? {
    ...{
      phase: migration.phase,
      token: tokenOf(context),
      definition: null,
      task: null,
      intent: null,
      exitCode: null,
    },
  }
  const definition = begun.definition ?? (await definitionOf(context, migration))
  const state: MigrationState = { ...begun, definition, intent: begun.intent ?? clock.now() }
  // Written before RunTask: from here on, the schema may change.
  await book.note({ migration: state })
  const task = await place(context, migration, state, definition)
  const started = clock.now()
  let last: MigrationProgress = { kind: "starting" }
  const ended = await until(clock, minutes(migration.timeoutMinutes), async () => {
    last = migrationProgress(await lookAt(context, task), migration.container, clock.now() - started)
    return last.kind === "starting" || last.kind === "running" ? null : last
  })
  if (ended === null) throw unfinished(request.environment.cluster, migration, task, last.kind)
  if (ended.kind === "done") {
    await book.note({ migration: { ...state, task, exitCode: ended.exitCode } })
    if (ended.exitCode === 0) return did(`${migration.phase} migration applied (task ${nameOf(task)})`)
  }
  if (ended.kind === "never-started") await book.note({ migration: { ...state, task, intent: null } })
  throw await failure(context, migration, task, ended)
}

export const migration: Step<Context> = { name: "migration", minutes: 24 * 60, once: true, run }

/** Returns whether the schema may no longer fit older releases. */
export const contracted = ({ book }: Context): boolean => {
  const state = book.journal().migration
  return state?.phase === "contract" && state.intent !== null
}
