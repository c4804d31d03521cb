/** Operations of tasks: those of services, and one-off tasks such as migrations. */
import { isDeepStrictEqual } from "node:util"
import { AwsError } from "../error.ts"
import { type Fields, fieldsOf, numberOr, records, text, textOr, texts } from "../fields.ts"
import { arn, nameIn } from "../ids.ts"
import { type Answer, looks, mutates, type Operations } from "../operation.ts"
import { page } from "../page.ts"
import { happen } from "../rollout/find.ts"
import { addTask, stopTask } from "../rollout/tasks.ts"
import type { Scenario } from "../scenario.ts"
import { change, type State, type Step, second, type Task, type TaskDefinition } from "../state.ts"
import { definitionFor } from "./definitions.ts"
import { checkRunnable } from "./prerequisites.ts"
import { checkCluster } from "./services.ts"
import { taskShape } from "./task-shape.ts"

/** Returns the plan of a one-off task according to the scenario. */
function oneOffPlan(scenario: Scenario, now: number): readonly Step[] {
  const { placement, seen, hangs, seconds, exitCodes, exec } = scenario.runTask
  if (placement === "stuck") return []
  const { provision, pull, start } = seen ? scenario.seconds : { provision: 0, pull: 0, start: 0 }
  const pending = now + provision * second
  const pulled = pending + pull * second
  const running = pulled + start * second
  const ended: Step = { at: running + (seen ? seconds : 0) * second, to: "ENDED", exitCodes }
  return [
    { at: pending, to: "PENDING" },
    { at: pulled, to: "ACTIVATING" },
    { at: running, to: "RUNNING" },
    ...(hangs || exec !== null ? [] : [ended]),
  ]
}

const REFUSED = "RESOURCE:MEMORY"

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html @throws AwsError */
function checkSameRequest(before: readonly Task[], definition: TaskDefinition, input: Fields): void {
  const asked = { definition: definition.arn, overrides: fieldsOf(input, "overrides") }
  const same = before.every(({ taskDefinition, overrides }) =>
    isDeepStrictEqual({ definition: taskDefinition, overrides }, asked),
  )
  if (!same)
    throw new AwsError("ConflictException", "The clientToken is already in use with different parameters.")
}

function runTask(state: State, input: Fields, definition: TaskDefinition): Answer {
  const clientToken = textOr(input, "clientToken", null)
  const before = state.tasks.filter((task) => clientToken !== null && task.clientToken === clientToken)
  if (before.length > 0) {
    checkSameRequest(before, definition, input)
    return answer(state, before)
  }
  const { placement, exec } = state.scenario.runTask
  const noted = happen(state, "run-task")
  if (placement === "refused") {
    const failure = { arn: arn(state.world, "ecs", `cluster/${state.world.cluster}`), reason: REFUSED }
    return { state: noted, output: { tasks: [], failures: [failure] } }
  }
  const count = numberOr(input, "count", 1)
  const started: Task[] = []
  let so = noted
  for (let index = 0; index < count; index += 1) {
    const [task, added] = addTask(so, {
      definition,
      group: textOr(input, "group", `family:${definition.family}`),
      service: null,
      startedBy: textOr(input, "startedBy", null),
      targetGroup: null,
      plan: oneOffPlan(so.scenario, so.now),
      overrides: fieldsOf(input, "overrides"),
      tags: records(input, "tags"),
      clientToken,
      executes: exec !== null,
    })
    started.push(task)
    so = added
  }
  return answer(so, started)
}

const answer = (state: State, tasks: readonly Task[]): Answer => ({
  state,
  output: { tasks: tasks.map((task) => taskShape(state, task)), failures: [] },
})

function found(state: State, idOrArn: string): Task {
  const task = state.tasks.find(({ id }) => id === nameIn(idOrArn))
  if (task === undefined || task.visibleAt > state.now) {
    throw new AwsError("InvalidParameterException", "The referenced task was not found.")
  }
  return task
}

function stopped(state: State, input: Fields): Answer {
  checkCluster(state, input)
  const task = found(state, text(input, "task"))
  const reason = textOr(input, "reason", "Task stopped by user")
  const stopping =
    task.wanted === "STOPPED" ? state : stopTask(state, task, { code: "UserInitiated", reason })
  const [after = task] = stopping.tasks.filter(({ id }) => id === task.id)
  return { state: stopping, output: { task: taskShape(stopping, after) } }
}

function listed(state: State, input: Fields): Fields {
  checkCluster(state, input)
  const service = textOr(input, "serviceName", null)
  const family = textOr(input, "family", null)
  const startedBy = textOr(input, "startedBy", null)
  const desired = textOr(input, "desiredStatus", "RUNNING")
  const matching = state.tasks
    .filter((task) => task.visibleAt <= state.now)
    .filter((task) => service === null || task.service === nameIn(service))
    .filter((task) => family === null || nameIn(task.taskDefinition).startsWith(`${family}:`))
    .filter((task) => startedBy === null || task.startedBy === startedBy)
    .filter((task) => task.wanted === desired)
    .map((task) => task.arn)
  const one = page(matching, textOr(input, "nextToken", null), numberOr(input, "maxResults", 100))
  return { taskArns: one.entries, nextToken: one.nextToken }
}

export const tasks: Operations = {
  RunTask: mutates((state, input) => {
    checkCluster(state, input)
    const definition = definitionFor(state, text(input, "taskDefinition"))
    checkRunnable(state, definition, input)
    return runTask(state, input, definition)
  }),
  DescribeTasks: looks((state, input) => {
    checkCluster(state, input)
    const requested = texts(input, "tasks").map(nameIn)
    const known = state.tasks.filter((task) => requested.includes(task.id) && task.visibleAt <= state.now)
    const unknown = requested.filter((id) => !known.some((task) => task.id === id))
    return {
      tasks: known.map((task) => taskShape(state, task)),
      failures: unknown.map((id) => ({
        arn: arn(state.world, "ecs", `task/${state.world.cluster}/${id}`),
        reason: "MISSING",
      })),
    }
  }),
  ListTasks: looks(listed),
  StopTask: mutates(stopped),
}

/** Ends a task whose command really ran. */
export const taskEnded = (state: State, id: string, exitCode: number): State => ({
  ...state,
  tasks: change(
    state.tasks,
    (task) => task.id === id && task.wanted === "RUNNING",
    (task) => ({ ...task, plan: [{ at: state.now, to: "ENDED", exitCodes: { "*": exitCode } }] }),
  ),
})
