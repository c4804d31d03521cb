/** Completes a service deployment or its rollback. */
import { change, type Service, type ServiceDeployment, type State } from "../state.ts"
import { changeDeployment, changeServiceDeployment, happen, primaryOf, say } from "./find.ts"

/** Marks the primary deployment as completed and as a rollback target; removes the others. */
export function finish(state: State, service: Service, rollout: ServiceDeployment): State {
  const primary = primaryOf(state, service.name)
  if (primary === null) return state
  const back = rollout.status === "ROLLBACK_IN_PROGRESS"
  const ended = changeServiceDeployment(state, rollout.arn, {
    status: back ? "ROLLBACK_SUCCESSFUL" : "SUCCESSFUL",
    finishedAt: state.now,
    stageEndsAt: null,
    weight: back ? 0 : 100,
  })
  const completed = changeDeployment(ended, primary.id, {
    state: "COMPLETED",
    reason: back ? primary.reason : `ECS deployment ${primary.id} completed.`,
  })
  const cleaned: State = {
    ...completed,
    deployments: completed.deployments.filter((entry) => entry.service !== service.name || entry.primary),
    revisions: change(
      completed.revisions,
      ({ arn }) => arn === primary.revision,
      (entry) => ({ ...entry, proven: true }),
    ),
  }
  const noted = say(cleaned, service.name, `(deployment ${primary.id}) deployment completed.`)
  return happen(happen(say(noted, service.name, "has reached a steady state."), "finished"), "baking")
}
