/** Distributes traffic between a service's two target groups. */
import { change, type Service, type ServiceDeployment, type State } from "../state.ts"
import { serviceNamed } from "./find.ts"

/** Returns the target group with the most weight. */
function liveGroup(state: State, service: Service): string | null {
  const rule = state.balancing.rules.find(({ arn }) => arn === service.rule)
  const heaviest = rule?.forward.reduce((most, entry) => (entry.weight > most.weight ? entry : most))
  return heaviest?.targetGroup ?? service.targetGroup
}

const otherGroup = (service: Service, group: string | null): string | null =>
  group === service.targetGroup ? service.alternateTargetGroup : service.targetGroup

/** Returns the target group of a service's new tasks. It stays the same while weights shift. */
export function groupFor(state: State, service: Service, rollout: ServiceDeployment | null): string | null {
  if (service.targetGroup === null) return null
  const shifts =
    rollout !== null && rollout.strategy !== "ROLLING" && rollout.status !== "ROLLBACK_IN_PROGRESS"
  if (!shifts) return liveGroup(state, service)
  const used = state.tasks.find(
    (task) =>
      task.service === service.name && task.status !== "STOPPED" && targetOf(state, task.deployment, rollout),
  )
  return used?.targetGroup ?? otherGroup(service, liveGroup(state, service))
}

const targetOf = (state: State, deployment: string | null, rollout: ServiceDeployment): boolean =>
  state.deployments.some(({ id, revision }) => id === deployment && revision === rollout.target)

/** Sends a percentage of the traffic to the target revision, and the rest to the other group. Without any, tests end too. */
export function setWeight(state: State, rollout: ServiceDeployment, weight: number): State {
  const { rule, testRule } = serviceNamed(state, rollout.service)
  return weighted(state, rollout, weight === 0 ? [rule, testRule] : [rule], weight)
}

/** Sends all traffic of the test listener to the target revision. */
export const shiftTests = (state: State, rollout: ServiceDeployment): State =>
  weighted(state, rollout, [serviceNamed(state, rollout.service).testRule], 100)

function weighted(
  state: State,
  rollout: ServiceDeployment,
  of: readonly (string | null)[],
  weight: number,
): State {
  const service = serviceNamed(state, rollout.service)
  const group = groupFor(state, service, rollout)
  return {
    ...state,
    balancing: {
      ...state.balancing,
      rules: change(
        state.balancing.rules,
        ({ arn }) => of.includes(arn),
        (rule) => ({
          ...rule,
          forward: rule.forward.map(({ targetGroup }) => ({
            targetGroup,
            weight: targetGroup === group ? weight : 100 - weight,
          })),
        }),
      ),
    },
  }
}
