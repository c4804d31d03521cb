/** What the scenario lets happen from outside, when its time has come. */
import { records } from "./fields.ts"
import { nameIn } from "./ids.ts"
import { primaryOf, serviceNamed, underWay } from "./rollout/find.ts"
import { register } from "./rollout/register.ts"
import { startDeployment } from "./rollout/start.ts"
import { stop } from "./rollout/stop.ts"
import type { Happening, ScenarioEvent } from "./scenario.ts"
import { type State, second } from "./state.ts"

/** When an event is due; null: what it waits for has not happened. */
export function dueAt(state: State, event: ScenarioEvent): number | null {
  const since =
    state.happened[event.service === null ? event.on : `${event.on} of ${event.service}`] ??
    state.happened[event.on]
  return since === undefined ? null : since + event.after * second
}

/** The service that the event is about: the first that is being deployed, or else the first. */
function serviceFor(state: State, event: ScenarioEvent): string | null {
  const busy = state.services.find(({ name }) => underWay(state, name) !== null)
  return event.service ?? busy?.name ?? state.services[0]?.name ?? null
}

/** The same as is being deployed, from an image of somebody else. */
function newerDeployment(state: State, name: string): State {
  const service = serviceNamed(state, name)
  const current = primaryOf(state, name)?.taskDefinition ?? service.taskDefinition
  const registered = state.taskDefinitions.find(({ arn }) => arn === current)?.registered ?? {}
  const containerDefinitions = records(registered, "containerDefinitions").map((container) => ({
    ...container,
    image: `${String(container.image).split(/@|:(?=[^/]*$)/)[0]}:somebody-elses`,
  }))
  const family = nameIn(current).split(":")[0] ?? name
  const [definition, made] = register(state, { ...registered, family, containerDefinitions }, "somebody-else")
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

/** Lets every event happen that is due and has not been yet. */
export const happenings = (state: State): State => state.scenario.events.reduce(happenOne, state)
