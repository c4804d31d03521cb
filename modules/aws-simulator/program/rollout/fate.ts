/** Decides from the scenario how a service's task ends. */

import { nameIn } from "../ids.ts"
import type { Failure } from "../scenario.ts"
import type { Deployment, State } from "../state.ts"

const RUNS = null

/** Failure of an old revision that does not work with the new schema. */
const DIES_AT_START: Failure = {
  how: "crash",
  after: 1,
  exitCode: 1,
  services: null,
  deployments: null,
  log: ["error: column does not exist: the schema is newer than this release"],
}

const NO_IMAGE: Failure = { ...DIES_AT_START, how: "image", log: [] }

/** Returns whether a task definition existed at the start: a rollback returns to it. */
export function isOld(state: State, taskDefinition: string): boolean {
  const { services, taskDefinitions } = state.world
  return [...services, ...taskDefinitions].some(
    ({ family, revision }) => nameIn(taskDefinition) === `${family}:${revision}`,
  )
}

/** Returns the number of the service's release, from 1. Rollbacks to old revisions do not count. */
function release(state: State, deployment: Deployment): number {
  const revisions = state.revisions.filter(
    (entry) => entry.service === deployment.service && !isOld(state, entry.taskDefinition),
  )
  return revisions.findIndex((entry) => entry.arn === deployment.revision) + 1
}

/** Returns whether a list of the scenario includes a service. Null: all; `last`: the last one of the world. */
function strikes(state: State, services: readonly string[] | null, service: string): boolean {
  const isLast = state.world.services.at(-1)?.name === service
  return services === null || services.includes(service) || (isLast && services.includes("last"))
}

/** @returns null: the task runs. */
export function fate(state: State, deployment: Deployment): Failure | null {
  const { failure, rollback } = state.scenario
  if (isOld(state, deployment.taskDefinition)) {
    return rollback === "fails" && "rollout" in state.happened ? DIES_AT_START : RUNS
  }
  if (isMissing(state, deployment.taskDefinition)) return NO_IMAGE
  if (failure === null) return RUNS
  const struck = strikes(state, failure.services, deployment.service)
  const counted = failure.deployments === null || release(state, deployment) <= failure.deployments
  return struck && counted ? failure : RUNS
}

function isMissing(state: State, taskDefinition: string): boolean {
  const registered = state.taskDefinitions.find((entry) => entry.arn === taskDefinition)?.registered
  const containers = JSON.stringify(registered?.containerDefinitions ?? [])
  return state.scenario.missingImages.some((part) => part === "*" || containers.includes(part))
}

/** Returns the HTTP status of a service's healthy targets. */
export function httpStatus(state: State, service: string, taskDefinition: string): number {
  const { http } = state.scenario
  if (http === null || isOld(state, taskDefinition)) return 200
  return strikes(state, http.services, service) ? http.status : 200
}
