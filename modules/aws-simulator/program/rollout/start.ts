/** Starts a deployment and ends the one that it replaces. */
import type { Fields } from "../fields.ts"
import { arn, digits } from "../ids.ts"
import {
  change,
  type Deployment,
  next,
  type Service,
  type ServiceDeployment,
  type State,
  second,
} from "../state.ts"
import {
  changeService,
  changeServiceDeployment,
  deploymentsOf,
  happen,
  strategyOf,
  underWay,
} from "./find.ts"
import { setWeight } from "./weights.ts"

interface NewDeployment {
  readonly revision: string
  readonly taskDefinition: string
  readonly reason?: string
}

/** Adds a primary deployment; earlier ones are no longer primary. */
export function newDeployment(
  state: State,
  service: Service,
  revision: NewDeployment,
): readonly [Deployment, State] {
  const [number, counted] = next(state)
  const unique = digits(`${service.name}/${number}`, 19)
  const id = `ecs-svc/${unique}`
  const deployment: Deployment = {
    ...revision,
    id,
    service: service.name,
    primary: true,
    state: "IN_PROGRESS",
    reason: revision.reason ?? `ECS deployment ${id} in progress.`,
    failed: 0,
    createdAt: state.now,
    updatedAt: state.now,
    visibleAt: state.now + state.scenario.visibleAfter * second,
    startAfter: state.now,
  }
  const waning = change(
    counted.deployments,
    (entry) => entry.service === service.name,
    (entry) => ({ ...entry, primary: false }),
  )
  return [deployment, { ...counted, deployments: [...waning, deployment] }]
}

function newRevision(state: State, service: Service, taskDefinition: string): readonly [string, State] {
  const [number, counted] = next(state)
  const id = digits(`${service.name}/revision/${number}`, 19)
  const path = `service-revision/${state.world.cluster}/${service.name}/${id}`
  const revision = {
    arn: arn(state.world, "ecs", path),
    service: service.name,
    taskDefinition,
    createdAt: state.now,
    proven: false,
  }
  return [revision.arn, { ...counted, revisions: [...counted.revisions, revision] }]
}

function supersede(state: State, name: string): State {
  const before = underWay(state, name)
  if (before === null) return state
  // Partly shifted traffic returns: at most two revisions of a service share it.
  const isShifting = before.strategy !== "ROLLING" && before.status === "IN_PROGRESS" && before.weight < 100
  const shifted = isShifting ? setWeight(state, before, 0) : state
  return changeServiceDeployment(shifted, before.arn, {
    status: "STOPPED",
    reason: "Service deployment stopped because a newer service deployment was started.",
    stoppedAt: state.now,
    finishedAt: state.now,
    stage: null,
    stageEndsAt: null,
  })
}

interface Update {
  readonly taskDefinition: string
  readonly desired: number
  readonly configuration: Fields
}

/** Starts a service deployment with new settings. */
export function startDeployment(state: State, service: Service, update: Update): State {
  const sources = deploymentsOf(state, service.name).map((entry) => entry.revision)
  const [revision, revised] = newRevision(supersede(state, service.name), service, update.taskDefinition)
  const updated = { ...service, ...update }
  const [, started] = newDeployment(revised, updated, { revision, taskDefinition: update.taskDefinition })
  const id = digits(`${revision}/deployment`, 21)
  const rollout: ServiceDeployment = {
    arn: arn(state.world, "ecs", `service-deployment/${state.world.cluster}/${service.name}/${id}`),
    service: service.name,
    target: revision,
    sources: [...new Set(sources)],
    status: "PENDING",
    reason: null,
    createdAt: state.now,
    startedAt: null,
    updatedAt: state.now,
    finishedAt: null,
    stoppedAt: null,
    visibleAt: state.now + state.scenario.visibleAfter * second,
    configuration: update.configuration,
    strategy: strategyOf(updated),
    stage: null,
    stageEndsAt: state.now + second,
    shifts: 0,
    weight: 0,
    hooks: [],
    failures: 0,
    triggeredAlarms: [],
    rollback: null,
  }
  const added = { ...started, serviceDeployments: [...started.serviceDeployments, rollout] }
  const named = happen(happen(added, "rollout"), `rollout of ${service.name}`)
  return changeService(named, service.name, (entry) => ({ ...entry, ...update }))
}
