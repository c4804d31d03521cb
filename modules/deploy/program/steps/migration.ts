/** The migration, as a task of its own. */
import { createHash } from "node:crypto"
import type { RunTaskRequest } from "@aws-sdk/client-ecs"
import { findDefinition, register } from "../aws/task-definitions.ts"
import { describeTasks, runTask, taskSeen } from "../aws/tasks.ts"
import type { Migration } from "../environment.ts"
import type { Given } from "../given.ts"
import { causeOf, EMPTY_BUNDLE } from "../plan/cause.ts"
import { type MigrationMeaning, migrationMeaning, type TaskSeen } from "../plan/migration.ts"
import { Ended, end } from "../plan/outcome.ts"
import { render } from "../plan/revision.ts"
import type { MigrationState } from "../plan/state.ts"
import { nameOf } from "../plan/text.ts"
import { failure, unfinished } from "./migration-ends.ts"
import { tagsOf } from "./revisions.ts"
import { type Done, did, type Step, skipped } from "./step.ts"
import { minutes, until } from "./wait.ts"

/** RunTask takes 64 characters; the same release has the same token, whoever runs it. */
const tokenOf = ({ request, book }: Given): string => {
  const { number, commit } = book.journal()
  const { name, cluster } = request.environment
  return createHash("sha256").update(`${cluster}/${name}/${commit}/${number}`).digest("hex")
}

/** The revision that the migration runs in: of its service's next revision, or of a family of its own. */
async function definitionOf(given: Given, migration: Migration): Promise<string> {
  const { request, aws, clock, book } = given
  const service = request.environment.services.find(({ name }) => name === migration.service)
  const base = service ? book.journal().before[service.name]?.revision : migration.family
  const live = base ? await findDefinition(aws.ecs, clock, base) : null
  if (live === null)
    throw new Ended(
      end("refused", `there is no task definition ${base ?? "of the migration"} to run the migration in`, {
        todo: ["let Terraform make it first; no schema was changed"],
      }),
    )
  const image = request.release.images[migration.image ?? service?.image ?? ""] ?? null
  const change = {
    container: service?.container ?? migration.container,
    image,
    flags: request.environment.featureFlags,
  }
  const rendered = render(live, change)
  if (!rendered.ok)
    throw new Ended(end("refused", rendered.problem, { todo: ["mend migration.container in slipway.yaml"] }))
  if (rendered.same && live.taskDefinitionArn) return live.taskDefinitionArn
  return (await register(aws.ecs, clock, rendered.next, tagsOf(given))).arn
}

const requestOf = (
  { request }: Given,
  migration: Migration,
  state: MigrationState,
  definition: string,
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
  ...(migration.subnets.length === 0
    ? {}
    : {
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: migration.subnets,
            securityGroups: migration.securityGroups,
            assignPublicIp: migration.assignPublicIp ? "ENABLED" : "DISABLED",
          },
        },
      }),
})

/** Starts the task, or finds the one that an earlier run started. */
async function place(
  given: Given,
  migration: Migration,
  state: MigrationState,
  definition: string,
): Promise<string> {
  const { aws, clock, book } = given
  if (state.task !== null) return state.task
  let why = ""
  const task = await until(clock, minutes(migration.placementMinutes), async () => {
    const started = await runTask(aws.ecs, clock, requestOf(given, migration, state, definition))
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
      `the migration was never placed: ECS found no room in ${migration.placementMinutes} min (${why})`,
      {
        cause: known?.cause ?? null,
        todo: [
          known?.fix ?? "add capacity",
          "run again; the schema is unchanged, and no service was touched",
        ],
      },
    ),
  )
}

async function lookAt(given: Given, arn: string): Promise<TaskSeen | null> {
  const [task] = await describeTasks(given.aws.ecs, given.clock, given.request.environment.cluster, [arn])
  return task ? taskSeen(task) : null
}

async function run(given: Given): Promise<Done> {
  const { request, clock, book } = given
  const { migration } = request.environment
  if (migration === null) return skipped("none is configured")
  const begun = book.journal().migration ?? {
    ...{
      phase: migration.phase,
      token: tokenOf(given),
      definition: null,
      task: null,
      intent: null,
      exitCode: null,
    },
  }
  const definition = begun.definition ?? (await definitionOf(given, migration))
  const state: MigrationState = { ...begun, definition, intent: begun.intent ?? clock.now() }
  // Written before the task is asked for: from here on, the schema may change.
  await book.note({ migration: state })
  const task = await place(given, migration, state, definition)
  const asked = clock.now()
  let last: MigrationMeaning = { kind: "starting" }
  const ended = await until(clock, minutes(migration.timeoutMinutes), async () => {
    last = migrationMeaning(await lookAt(given, task), migration.container, clock.now() - asked)
    return last.kind === "starting" || last.kind === "running" ? null : last
  })
  if (ended === null) throw unfinished(migration, task, last.kind)
  if (ended.kind === "done") {
    await book.note({ migration: { ...state, task, exitCode: ended.exitCode } })
    if (ended.exitCode === 0) return did(`${migration.phase} migration applied (task ${nameOf(task)})`)
  }
  if (ended.kind === "never-started") await book.note({ migration: { ...state, task, intent: null } })
  throw await failure(given, migration, task, ended)
}

export const migration: Step = { name: "migration", minutes: 24 * 60, once: true, run }

/** Whether the schema may have been taken away from under older releases. */
export const contracted = ({ book }: Given): boolean => {
  const state = book.journal().migration
  return state?.phase === "contract" && state.intent !== null
}
