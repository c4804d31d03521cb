/** A rehearsal without a server: calls the pure transitions directly. */
import { advance } from "../../../modules/aws-simulator/program/advance.ts"
import { begin } from "../../../modules/aws-simulator/program/begin.ts"
import { ecs } from "../../../modules/aws-simulator/program/ecs/index.ts"
import { type Fields, records } from "../../../modules/aws-simulator/program/fields.ts"
import { readScenario } from "../../../modules/aws-simulator/program/read-scenario.ts"
import type { Scenario } from "../../../modules/aws-simulator/program/scenario.ts"
import { minute, type ServiceDeployment, type State } from "../../../modules/aws-simulator/program/state.ts"
import { type WorldSettings, worldFor } from "../../../modules/aws-simulator/program/world.ts"
import { CLINIC, START } from "./rehearse.ts"

export const startOf = (scenario: Scenario | string, world: Partial<WorldSettings> = {}): State =>
  begin(
    worldFor({ ...CLINIC, ...world }),
    typeof scenario === "string" ? readScenario(scenario) : scenario,
    Date.parse(START),
  )

/** Calls an operation of ECS. */
export function ask(state: State, operation: string, input: Fields): { state: State; output: Fields } {
  const found = ecs.operations[operation]
  if (found === undefined) throw new Error(`unknown operation ${operation}`)
  return found.run(state, { cluster: "clinic", ...input }, { principal: "deployer" })
}

/** Registers the next revision of a service and deploys it. */
export function release(state: State, service: string, update: Fields = {}): State {
  const family = `clinic-${service}`
  const image = `registry.example.org/clinic/${service}@sha256:${"a".repeat(64)}`
  const live = records(
    state.taskDefinitions.find((entry) => entry.family === family)?.registered ?? {},
    "containerDefinitions",
  )
  const registered = ask(state, "RegisterTaskDefinition", {
    family,
    containerDefinitions: live.map((container) => ({ ...container, image })),
  })
  return ask(registered.state, "UpdateService", { service, taskDefinition: family, ...update }).state
}

export const later = (state: State, minutes: number): State => advance(state, state.now + minutes * minute)

/** Returns the service deployments since the start, oldest first. */
export const rolloutsOf = (state: State, service = "web"): readonly ServiceDeployment[] =>
  state.serviceDeployments.filter(
    (entry) => entry.service === service && entry.createdAt >= Date.parse(START),
  )

/** Returns the task definitions of the healthy tasks. */
export const liveOf = (state: State, service = "web"): readonly string[] => [
  ...new Set(
    state.tasks
      .filter((task) => task.service === service && task.health === "HEALTHY" && task.wanted === "RUNNING")
      .map(({ taskDefinition }) => taskDefinition.slice(taskDefinition.lastIndexOf("/") + 1)),
  ),
]

export const eventsOf = (state: State, service = "web"): readonly string[] =>
  (state.services.find(({ name }) => name === service)?.events ?? [])
    .map(({ message }) => message)
    .toReversed()
