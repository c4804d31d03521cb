/** Rolls back to the last revision whose deployment was completed. */
import { change, type Deployment, type ServiceDeployment, type State, second } from "../state.ts"
import {
  changeDeployment,
  changeService,
  changeServiceDeployment,
  deploymentsOf,
  happen,
  primaryOf,
  revisionAt,
  say,
  serviceNamed,
} from "./find.ts"
import { newDeployment } from "./start.ts"
import { setWeight } from "./weights.ts"

interface Abandonment {
  /** Prefix of `rolloutStateReason`. */
  readonly classic: string
  readonly cause: string
  readonly reason: string
  readonly rollback: boolean
}

/** Returns the source revision if it was completed once, or else the last completed one. */
function rollbackTarget(state: State, rollout: ServiceDeployment): string | null {
  const proven = rollout.sources.filter((arn) => arn !== rollout.target && revisionAt(state, arn).proven)
  return proven.at(-1) ?? lastProven(state, rollout)
}

const lastProven = (state: State, rollout: ServiceDeployment): string | null =>
  state.revisions
    .filter((entry) => entry.service === rollout.service && entry.proven && entry.arn !== rollout.target)
    .at(-1)?.arn ?? null

/** Ends a failed deployment: rolls back if that is enabled and possible; otherwise stops. */
export function giveUp(state: State, rollout: ServiceDeployment, failure: Abandonment): State {
  const failed = primaryOf(state, rollout.service)
  if (failed === null) return state
  const revision = failure.rollback ? rollbackTarget(state, rollout) : null
  const marked = changeDeployment(state, failed.id, {
    state: "FAILED",
    reason: `${failure.classic}: ${failure.cause}`,
  })
  const noted = say(marked, rollout.service, `(deployment ${failed.id}) deployment failed: ${failure.cause}`)
  if (revision === null) return standStill(noted, rollout, failure)
  return rollBack(noted, rollout, revision, failure)
}

function standStill(state: State, rollout: ServiceDeployment, { reason, cause }: Abandonment): State {
  return changeServiceDeployment(state, rollout.arn, {
    status: "STOPPED",
    reason: reason.startsWith("Service deployment rolled back")
      ? `Service deployment failed: ${cause} There is no completed deployment to roll back to, or rollback is off.`
      : reason,
    stoppedAt: state.now,
    finishedAt: state.now,
    stage: null,
    stageEndsAt: null,
  })
}

function rollBack(state: State, rollout: ServiceDeployment, revision: string, failure: Abandonment): State {
  const { taskDefinition } = revisionAt(state, revision)
  const noted = changeServiceDeployment(state, rollout.arn, {
    status: "ROLLBACK_IN_PROGRESS",
    reason: failure.reason,
    rollback: { reason: failure.reason, at: state.now, revision },
    stage: null,
    stageEndsAt: state.now + state.scenario.seconds.stage * second,
    hooks: rollout.hooks.map((hook) =>
      hook.status === "AWAITING_ACTION" ? { ...hook, status: "FAILED" } : hook,
    ),
    weight: 0,
  })
  const shifted = rollout.strategy === "ROLLING" ? noted : setWeight(noted, rollout, 0)
  const [deployment, started] = newDeployment(
    happen(shifted, "rollback"),
    serviceNamed(state, rollout.service),
    {
      revision,
      taskDefinition,
      reason: `${failure.classic}: rolling back to deploymentId `,
    },
  )
  const named = changeDeployment(started, deployment.id, { reason: deployment.reason + deployment.id })
  const adopted = adoptTasks(named, deployment)
  const back = changeService(adopted, rollout.service, (entry) => ({ ...entry, taskDefinition }))
  return say(back, rollout.service, `rolling back to deployment ${deployment.id}.`)
}

/** Running tasks of the revision count for the rollback. They fail if the scenario's rollback fails. */
function adoptTasks(state: State, deployment: Deployment): State {
  const same = new Set(
    deploymentsOf(state, deployment.service)
      .filter((entry) => entry.revision === deployment.revision && entry.id !== deployment.id)
      .map((entry) => entry.id),
  )
  const dies = state.scenario.rollback === "fails"
  return {
    ...state,
    tasks: change(
      state.tasks,
      (task) => task.wanted === "RUNNING" && task.deployment !== null && same.has(task.deployment),
      (task) => ({
        ...task,
        deployment: deployment.id,
        plan: dies ? [{ at: state.now + 5 * second, to: "ENDED", exitCodes: { "*": 1 } }] : task.plan,
      }),
    ),
  }
}

/** Ends a rollback whose tasks fail too. */
export function failRollback(state: State, rollout: ServiceDeployment): State {
  const primary = primaryOf(state, rollout.service)
  const marked =
    primary === null
      ? state
      : changeDeployment(state, primary.id, {
          state: "FAILED",
          reason: "ECS deployment circuit breaker: tasks failed to start.",
        })
  return changeServiceDeployment(marked, rollout.arn, {
    status: "ROLLBACK_FAILED",
    reason: "Service deployment rollback failed: tasks failed to start.",
    finishedAt: state.now,
  })
}
