/** Advances the state from one due event to the next, however far the clock leaps. */
import { dueAt, happenings } from "./happenings.ts"
import { afterwards } from "./rollout/afterwards.ts"
import { noteFailures, watch } from "./rollout/failures.ts"
import { isUnderWay } from "./rollout/find.ts"
import { proceed } from "./rollout/progress.ts"
import { place } from "./rollout/schedule.ts"
import { walk } from "./rollout/steps.ts"
import { forgetTasks } from "./rollout/tasks.ts"
import { change, type State } from "./state.ts"

const walkAll = (state: State): State => {
  const tasks = change(
    state.tasks,
    () => true,
    (task) => walk(task, state),
  )
  return tasks === state.tasks ? state : afterwards(state, { ...state, tasks })
}

const reconcile = (state: State, name: string): State =>
  [noteFailures, watch, place, proceed].reduce((so, act) => act(so, name), state)

const pass = (state: State): State =>
  state.services.reduce((so, { name }) => reconcile(so, name), happenings(walkAll(state)))

/** Limit of passes: a state that is not at rest by then never will be. */
const PASSES = 50

/** Applies everything that follows from a state at this moment. */
export function settle(state: State): State {
  let so = state
  for (let count = 0; count < PASSES; count += 1) {
    const after = pass(so)
    if (after === so) return so
    so = after
  }
  return so
}

/** Returns when something happens next by itself; null: never. */
export function nextDue(state: State): number | null {
  const times = [
    ...state.tasks.flatMap((task) => task.plan.slice(0, 1).map(({ at }) => at)),
    ...state.deployments.map(({ startAfter }) => startAfter),
    ...state.serviceDeployments
      .filter(isUnderWay)
      .flatMap(({ stageEndsAt, hooks }) => [
        ...(stageEndsAt === null ? [] : [stageEndsAt]),
        ...hooks.filter(({ status }) => status === "AWAITING_ACTION").map(({ expiresAt }) => expiresAt),
      ]),
    ...state.scenario.events.flatMap((event, index) => {
      const at = state.passed.includes(index) ? null : dueAt(state, event)
      return at === null ? [] : [at]
    }),
  ].filter((at) => at > state.now)
  return times.length === 0 ? null : Math.min(...times)
}

/** Returns the state at a later time. */
export function advance(state: State, to: number): State {
  let so = settle(state)
  for (;;) {
    const due = nextDue(so)
    if (due === null || due > to) return forgetTasks({ ...so, now: Math.max(so.now, to) })
    so = settle({ ...so, now: due })
  }
}
