import { AwsError } from "../error.ts"
import { change, type ServiceDeployment, type State, second } from "../state.ts"
import { changeServiceDeployment, isUnderWay } from "./find.ts"
import { giveUp } from "./rollback.ts"

/** Time until ECS acts on a request. */
const MOMENT = 2 * second

/** Implements StopServiceDeployment. */
export function stop(state: State, rollout: ServiceDeployment, stopType: string): State {
  if (!isUnderWay(rollout)) {
    throw new AwsError(
      "ConflictException",
      `Service deployment ${rollout.arn} is in ${rollout.status} and can not be stopped.`,
    )
  }
  return changeServiceDeployment(state, rollout.arn, {
    status: stopType === "ABORT" ? "STOP_REQUESTED" : "ROLLBACK_REQUESTED",
    stageEndsAt: state.now + MOMENT,
  })
}

const DECIDED = {
  classic: "ECS deployment lifecycle hook",
  cause: "lifecycle hook failed.",
  reason: "Service deployment rolled back because ContinueServiceDeployment was called with ROLLBACK.",
  rollback: true,
}

/** Implements ContinueServiceDeployment: ends a pause with CONTINUE or ROLLBACK. */
export function decide(state: State, rollout: ServiceDeployment, hookId: string, action: string): State {
  const hook = rollout.hooks.find(({ id }) => id === hookId)
  if (hook === undefined || hook.status !== "AWAITING_ACTION" || !isUnderWay(rollout)) {
    throw new AwsError("InvalidParameterException", `The hook ${hookId} does not wait for an action.`)
  }
  const status = action === "ROLLBACK" ? ("FAILED" as const) : ("SUCCEEDED" as const)
  const hooks = change(
    rollout.hooks,
    ({ id }) => id === hookId,
    (entry) => ({ ...entry, status }),
  )
  const decided = changeServiceDeployment(state, rollout.arn, { hooks })
  return action === "ROLLBACK" ? giveUp(decided, { ...rollout, hooks }, DECIDED) : decided
}
