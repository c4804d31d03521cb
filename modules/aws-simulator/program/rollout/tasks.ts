/** Creates and stops tasks. Their plan of steps is made at the start, and replaced when they are stopped. */
import type { Fields } from "../fields.ts"
import { records, textOr } from "../fields.ts"
import { arn, hex } from "../ids.ts"
import type { Failure, Scenario } from "../scenario.ts"
import {
  type Container,
  change,
  next,
  type State,
  type Step,
  second,
  type Task,
  type TaskDefinition,
} from "../state.ts"

/** Returns the digest of an image: from its reference, from the registry's tag, or made up. */
export function digestOf(state: State, image: string): string {
  const [, digest] = image.split("@")
  if (digest !== undefined) return digest
  const [path = "", tag = "latest"] = image.split(/:(?=[^/]*$)/)
  const repository = state.world.repositories?.find(({ name }) => path.endsWith(`/${name}`))
  const known = repository?.images?.find(({ tags }) => tags.includes(tag))
  return known?.digest ?? `sha256:${hex(image, 64)}`
}

const containersOf = (definition: TaskDefinition): readonly Container[] =>
  records(definition.registered, "containerDefinitions").map((container) => ({
    name: textOr(container, "name", ""),
    image: textOr(container, "image", ""),
    digest: null,
    exitCode: null,
    reason: null,
  }))

/** Returns the plan of a task: its steps until it is healthy or fails. */
export function planFor(
  scenario: Scenario,
  now: number,
  fate: Failure | null,
  image: string,
): readonly Step[] {
  const { provision, pull, start, healthy } = scenario.seconds
  const pending = now + provision * second
  const pulled = pending + pull * second
  const running = pulled + start * second
  const believed = running + healthy * second
  if (fate?.how === "image") {
    const reason = `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ${image}: ${image}: not found`
    return [
      { at: pending, to: "PENDING" },
      { at: pulled, to: "NEVER_STARTED", reason },
    ]
  }
  const until: readonly Step[] = [
    { at: pending, to: "PENDING" },
    { at: pulled, to: "ACTIVATING" },
    { at: running, to: "RUNNING" },
  ]
  if (fate?.how === "health") return [...until, { at: believed, to: "UNHEALTHY" }]
  if (fate?.how !== "crash") return [...until, { at: believed, to: "HEALTHY" }]
  const dies = running + fate.after * second
  const ended: Step = { at: dies, to: "ENDED", exitCodes: { "*": fate.exitCode } }
  return dies < believed ? [...until, ended] : [...until, { at: believed, to: "HEALTHY" }, ended]
}

interface NewTask {
  readonly definition: TaskDefinition
  readonly group: string
  readonly service: string | null
  readonly startedBy: string | null
  readonly targetGroup: string | null
  readonly plan: readonly Step[]
  readonly overrides: Fields
  readonly tags: readonly Fields[]
  readonly clientToken: string | null
  readonly executes: boolean
}

/** Adds a task that is about to start, and returns it with the state. */
export function addTask(state: State, options: NewTask): readonly [Task, State] {
  const [number, counted] = next(state)
  const { definition, service, ...rest } = options
  const id = hex(`task/${number}`, 32)
  const task: Task = {
    ...rest,
    id,
    arn: arn(state.world, "ecs", `task/${state.world.cluster}/${id}`),
    service,
    deployment: service === null ? null : options.startedBy,
    taskDefinition: definition.arn,
    status: "PROVISIONING",
    wanted: "RUNNING",
    health: "UNKNOWN",
    createdAt: state.now,
    pullStartedAt: null,
    pullStoppedAt: null,
    startedAt: null,
    stoppingAt: null,
    stoppedAt: null,
    visibleAt: state.now + state.scenario.visibleAfter * second,
    stopCode: null,
    stoppedReason: null,
    containers: containersOf(definition),
    ip: `10.0.${Math.floor(number / 250) % 250}.${(number % 250) + 1}`,
    failedUnseen: false,
  }
  return [task, { ...counted, tasks: [...counted.tasks, task] }]
}

/** Returns how long a target drains before its container stops, in seconds. */
function drainSeconds(state: State, task: Task): number {
  if (task.targetGroup === null || task.health !== "HEALTHY") return 0
  const group = state.balancing.targetGroups.find(({ arn: known }) => known === task.targetGroup)
  return state.scenario.seconds.drain ?? group?.deregistrationDelay ?? 0
}

interface Stopped {
  readonly code: string
  readonly reason: string
}

/** Replaces the plan of a task by the steps until it has stopped. */
export function stopTask(state: State, task: Task, { code, reason }: Stopped): State {
  const drained = state.now + drainSeconds(state, task) * second
  const stopped = drained + state.scenario.seconds.stop * second
  const plan: readonly Step[] = [
    { at: state.now, to: "DEACTIVATING" },
    { at: drained, to: "STOPPING" },
    { at: stopped, to: "DEPROVISIONING" },
    { at: stopped + second, to: "STOPPED" },
  ]
  const stopping = { ...task, wanted: "STOPPED" as const, stopCode: code, stoppedReason: reason, plan }
  return {
    ...state,
    tasks: change(
      state.tasks,
      (entry) => entry.arn === task.arn,
      () => stopping,
    ),
  }
}

/** AWS keeps stopped tasks for about an hour. */
const REMEMBERED = 3600 * second

/** Drops tasks that stopped a while ago, as ECS does. */
export const forgetTasks = (state: State): State => ({
  ...state,
  tasks: state.tasks.filter((task) => task.stoppedAt === null || state.now - task.stoppedAt < REMEMBERED),
})
