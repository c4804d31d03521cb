/** Applies the steps of a task's plan. */
import type { State, Step, Task } from "../state.ts"
import { digestOf } from "./tasks.ts"

function exitCodeOf({ exitCodes = {} }: Step, container: string, index: number): number | null {
  const first = index === 0 ? exitCodes.main : undefined
  return exitCodes[container] ?? first ?? exitCodes["*"] ?? null
}

const ended = (task: Task, at: number): Task => ({
  ...task,
  status: "STOPPED",
  wanted: "STOPPED",
  plan: [],
  stoppingAt: task.stoppingAt ?? at,
  stoppedAt: at,
  failedUnseen: task.service !== null,
})

type Take = (task: Task, step: Step, state: State) => Task

const STEPS: Readonly<Record<Step["to"], Take>> = {
  PROVISIONING: (task) => task,
  PENDING: (task, { at }) => ({ ...task, status: "PENDING", pullStartedAt: at }),
  ACTIVATING: (task, { at }, state) => ({
    ...task,
    status: "ACTIVATING",
    pullStoppedAt: at,
    containers: task.containers.map((entry) => ({ ...entry, digest: digestOf(state, entry.image) })),
  }),
  RUNNING: (task, { at }) => ({ ...task, status: "RUNNING", startedAt: at }),
  HEALTHY: (task) => ({ ...task, health: "HEALTHY" }),
  UNHEALTHY: (task) => ({ ...task, health: "UNHEALTHY" }),
  ENDED: (task, step) => ({
    ...ended(task, step.at),
    stopCode: "EssentialContainerExited",
    stoppedReason: "Essential container in task exited",
    containers: task.containers.map((entry, index) => ({
      ...entry,
      exitCode: exitCodeOf(step, entry.name, index),
    })),
  }),
  NEVER_STARTED: (task, { at, reason = null }) => ({
    ...ended(task, at),
    stopCode: "TaskFailedToStart",
    stoppedReason: reason,
    containers: task.containers.map((entry) => ({ ...entry, reason })),
  }),
  DEACTIVATING: (task, { at }) => ({
    ...task,
    status: task.startedAt === null ? "DEPROVISIONING" : "DEACTIVATING",
    stoppingAt: at,
  }),
  STOPPING: (task) => ({ ...task, status: task.startedAt === null ? "DEPROVISIONING" : "STOPPING" }),
  DEPROVISIONING: (task) => ({
    ...task,
    status: "DEPROVISIONING",
    // 143: exit code of Node and most shells after SIGTERM.
    containers: task.containers.map((entry) => ({
      ...entry,
      exitCode: task.startedAt === null ? null : (entry.exitCode ?? 143),
    })),
  }),
  STOPPED: (task, { at }) => ({ ...task, status: "STOPPED", stoppedAt: at }),
}

/** Applies all due steps. */
export function walk(task: Task, state: State): Task {
  const [step, ...rest] = task.plan
  if (step === undefined || step.at > state.now) return task
  return walk(STEPS[step.to]({ ...task, plan: rest }, step, state), state)
}
