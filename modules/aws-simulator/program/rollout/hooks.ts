/** PAUSE hooks: a deployment waits in a stage for an answer or the hook's timeout. */
import { fieldsOf, numberOr, records, textOr, texts } from "../fields.ts"
import { decisionFor } from "../iam/authorize.ts"
import { hex } from "../ids.ts"
import { change, type Hook, minute, type ServiceDeployment, type State } from "../state.ts"
import { changeServiceDeployment } from "./find.ts"
import { giveUp } from "./rollback.ts"

/** Default timeout of a pause, in minutes. */
const PAUSE_MINUTES = 24 * 60

/** Returns the hooks at which a service deployment pauses in a stage. */
export function hooksFor(state: State, rollout: ServiceDeployment, stage: string): readonly Hook[] {
  return records(rollout.configuration, "lifecycleHooks")
    .filter((hook) => hook.targetType === "PAUSE" && texts(hook, "lifecycleStages").includes(stage))
    .map((hook, index) => {
      const limit = fieldsOf(hook, "timeoutConfiguration")
      const minutes = numberOr(limit, "timeoutInMinutes", PAUSE_MINUTES)
      return {
        id: hex(`${rollout.arn}/${stage}/${rollout.shifts}/${index}`, 32),
        stage,
        status: "AWAITING_ACTION",
        expiresAt: state.now + minutes * minute,
        timeoutAction: textOr(limit, "action", "ROLLBACK") === "CONTINUE" ? "CONTINUE" : "ROLLBACK",
      }
    })
}

const INVOKE = "lambda:InvokeFunction"

/** Gives up where a stage has a Lambda hook whose role may not call the function; all others succeed at once. */
export function callHooks(state: State, rollout: ServiceDeployment, stage: string): State {
  const refused = records(rollout.configuration, "lifecycleHooks").find((hook) => {
    const called = textOr(hook, "hookTargetArn", "").includes(":lambda:")
    if (!called || !texts(hook, "lifecycleStages").includes(stage)) return false
    const { roleArn, hookTargetArn } = hook
    return decisionFor(state, String(roleArn), INVOKE, String(hookTargetArn)) !== "allowed"
  })
  if (refused === undefined) return state
  const cause = `lifecycle hook failed: role ${refused.roleArn} is not authorized to perform ${INVOKE} on ${refused.hookTargetArn}.`
  return giveUp(state, rollout, {
    classic: "ECS deployment lifecycle hook",
    cause,
    rollback: true,
    reason: `Service deployment rolled back because a ${cause}`,
  })
}

/** Applies the timeouts of hooks. @returns null while a hook waits for an answer. */
export function settleHooks(state: State, rollout: ServiceDeployment): State | null {
  const waiting = rollout.hooks.filter((hook) => hook.status === "AWAITING_ACTION")
  if (waiting.length === 0) return state
  const late = waiting.filter((hook) => state.now >= hook.expiresAt)
  if (late.length === 0) return null
  const hooks = change(
    rollout.hooks,
    (hook) => late.includes(hook),
    (hook): Hook => ({ ...hook, status: "TIMED_OUT" }),
  )
  const noted = changeServiceDeployment(state, rollout.arn, { hooks })
  return late.some((hook) => hook.timeoutAction === "ROLLBACK") ? giveUp(noted, rollout, TIMED_OUT) : noted
}

const TIMED_OUT = {
  classic: "ECS deployment lifecycle hook",
  cause: "lifecycle hook timed out.",
  reason: "Service deployment rolled back because a lifecycle hook timed out.",
  rollback: true,
}
