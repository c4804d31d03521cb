/** The way back: to the last revision whose deployment was completed. */
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

interface GivenUp {
  /** How `rolloutStateReason` names what gave up. */
  readonly classic: string
  readonly cause: string
  readonly reason: string
  readonly rollback: boolean
}

/** What the deployment came from, if it ever worked. */
function wayBack(state: State, rollout: ServiceDeployment): string | null {
  const proven = rollout.sources.filter((arn) => arn !== rollout.target && revisionAt(state, arn).proven)
  return proven.at(-1) ?? lastProven(state, rollout)
}

const lastProven = (state: State, rollout: ServiceDeployment): string | null =>
  state.revisions
    .filter((entry) => entry.service === rollout.service && entry.proven && entry.arn !== rollout.target)
    .at(-1)?.arn ?? null

/** Ends a deployment that failed: back to what worked where that is wished and possible, else it stands still. */
export function giveUp(state: State, rollout: ServiceDeployment, given: GivenUp): State {
  const failed = primaryOf(state, rollout.service)
  if (failed === null) return state
  const revision = given.rollback ? wayBack(state, rollout) : null
  const marked = changeDeployment(state, failed.id, {
    state: "FAILED",
    reason: `${given.classic}: ${given.cause}`,
  })
  const told = say(marked, rollout.service, `(deployment ${failed.id}) deployment failed: ${given.cause}`)
  if (revision === null) return standStill(told, rollout, given)
  return rollBack(told, rollout, revision, given)
}

function standStill(state: State, rollout: ServiceDeployment, { reason, cause }: GivenUp): State {
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

function rollBack(state: State, rollout: ServiceDeployment, revision: string, given: GivenUp): State {
  const { taskDefinition } = revisionAt(state, revision)
  const noted = changeServiceDeployment(state, rollout.arn, {
    status: "ROLLBACK_IN_PROGRESS",
    reason: given.reason,
    rollback: { reason: given.reason, at: state.now, revision },
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
      reason: `${given.classic}: rolling back to deploymentId `,
    },
  )
  const named = changeDeployment(started, deployment.id, { reason: deployment.reason + deployment.id })
  const taken = takeOver(named, deployment)
  const back = changeService(taken, rollout.service, (entry) => ({ ...entry, taskDefinition }))
  return say(back, rollout.service, `rolling back to deployment ${deployment.id}.`)
}

/** Tasks of the revision that still run count for the rollback. Where it fails by the scenario, they die. */
function takeOver(state: State, deployment: Deployment): State {
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

/** The old revision does not come up either: nothing is left that ECS could do. */
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
