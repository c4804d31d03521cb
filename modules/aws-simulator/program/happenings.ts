/** Applies the scenario's external events when they are due. */
import { records } from "./fields.ts"
import { nameIn } from "./ids.ts"
import { primaryOf, serviceNamed, underWay } from "./rollout/find.ts"
import { register } from "./rollout/register.ts"
import { startDeployment } from "./rollout/start.ts"
import { stop } from "./rollout/stop.ts"
import type { Happening, ScenarioEvent } from "./scenario.ts"
import { type State, second } from "./state.ts"

/** Returns when an event is due; null: its trigger has not happened. */
export function dueAt(state: State, event: ScenarioEvent): number | null {
  const since =
    state.happened[event.service === null ? event.on : `${event.on} of ${event.service}`] ??
    state.happened[event.on]
  return since === undefined ? null : since + event.after * second
}

/** Returns the service of an event: the first one that is being deployed, or else the first one. */
function serviceFor(state: State, event: ScenarioEvent): string | null {
  const busy = state.services.find(({ name }) => underWay(state, name) !== null)
  return event.service ?? busy?.name ?? state.services[0]?.name ?? null
}

/** Deploys the current task definition with another image. */
function newerDeployment(state: State, name: string): State {
  const service = serviceNamed(state, name)
  const current = primaryOf(state, name)?.taskDefinition ?? service.taskDefinition
  const registered = state.taskDefinitions.find(({ arn }) => arn === current)?.registered ?? {}
  const containerDefinitions = records(registered, "containerDefinitions").map((container) => ({
    ...container,
    image: `${String(container.image).split(/@|:(?=[^/]*$)/)[0]}:other`,
  }))
  const family = nameIn(current).split(":")[0] ?? name
  const [definition, made] = register(state, { ...registered, family, containerDefinitions }, "someone-else")
  const { desired, configuration } = service
  return startDeployment(made, service, { taskDefinition: definition.arn, desired, configuration })
}

function stopDeployment(state: State, name: string, stopType: "ROLLBACK" | "ABORT"): State {
  const rollout = underWay(state, name)
  return rollout === null ? state : stop(state, rollout, stopType)
}

const setAlarm = (state: State, alarm: string, to: "OK" | "ALARM" | "INSUFFICIENT_DATA"): State => ({
  ...state,
  alarms: Object.fromEntries(
    Object.entries(state.alarms).map(([name, was]) => [name, alarm === "*" || alarm === name ? to : was]),
  ),
})

function doIt(state: State, does: Happening, service: string | null): State {
  switch (does.kind) {
    case "newer-deployment":
      return service === null ? state : newerDeployment(state, service)
    case "stop-deployment":
      return service === null ? state : stopDeployment(state, service, does.stopType)
    case "alarm":
      return setAlarm(state, does.alarm, does.state)
    case "expire-credentials":
      return { ...state, expiredBefore: state.now }
  }
}

function happenOne(state: State, event: ScenarioEvent, index: number): State {
  const at = dueAt(state, event)
  if (at === null || at > state.now || state.passed.includes(index)) return state
  return doIt({ ...state, passed: [...state.passed, index] }, event.does, serviceFor(state, event))
}

/** Applies every due event once. */
export const happenings = (state: State): State => state.scenario.events.reduce(happenOne, state)
