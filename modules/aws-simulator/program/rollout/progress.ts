/** Advances a service deployment by its status. */
import type { Service, ServiceDeployment, State } from "../state.ts"
import { changeServiceDeployment, serviceNamed, underWay } from "./find.ts"
import { finish } from "./finish.ts"
import { giveUp } from "./rollback.ts"
import { bakeMinutes, enter, isUp, mayLeave, moveOn, oldIsGone } from "./stages.ts"

/** A rolling deployment has a single stage: the bake time after all tasks are up. */
function roll(state: State, service: Service, rollout: ServiceDeployment): State {
  if (!isUp(state, service) || !oldIsGone(state, service)) return state
  if (rollout.status === "ROLLBACK_IN_PROGRESS") {
    return mayLeave(state, service, rollout) ? finish(state, service, rollout) : state
  }
  if (rollout.stage === "BAKE_TIME") {
    return mayLeave(state, service, rollout) ? finish(state, service, rollout) : state
  }
  return bakeMinutes(rollout) > 0 ? enter(state, rollout, "BAKE_TIME") : finish(state, service, rollout)
}

const STOPPED = {
  classic: "ECS deployment",
  cause: "stopped by a user.",
  reason: "Service deployment rolled back because StopServiceDeployment was called.",
  rollback: true,
}

type Proceed = (state: State, service: Service, rollout: ServiceDeployment) => State

const isDue = (state: State, rollout: ServiceDeployment): boolean =>
  rollout.stageEndsAt !== null && state.now >= rollout.stageEndsAt

const BY_STATUS: Readonly<Record<string, Proceed>> = {
  PENDING: (state, _service, rollout) =>
    isDue(state, rollout)
      ? changeServiceDeployment(state, rollout.arn, {
          status: "IN_PROGRESS",
          startedAt: state.now,
          stageEndsAt: null,
        })
      : state,
  IN_PROGRESS: (state, service, rollout) =>
    rollout.strategy === "ROLLING" ? roll(state, service, rollout) : moveOn(state, service, rollout),
  ROLLBACK_IN_PROGRESS: (state, service, rollout) => roll(state, service, rollout),
  ROLLBACK_REQUESTED: (state, _service, rollout) =>
    isDue(state, rollout) ? giveUp(state, rollout, STOPPED) : state,
  STOP_REQUESTED: (state, _service, rollout) =>
    isDue(state, rollout)
      ? changeServiceDeployment(state, rollout.arn, {
          status: "STOPPED",
          reason: "Service deployment stopped because StopServiceDeployment was called.",
          stoppedAt: state.now,
          finishedAt: state.now,
          stage: null,
          stageEndsAt: null,
        })
      : state,
}

/** Moves a service's deployment on as far as it may go now. */
export function proceed(state: State, name: string): State {
  const rollout = underWay(state, name)
  return rollout === null
    ? state
    : (BY_STATUS[rollout.status]?.(state, serviceNamed(state, name), rollout) ?? state)
}
