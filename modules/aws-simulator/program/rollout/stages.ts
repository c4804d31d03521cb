/** The stages of blue/green, canary and linear deployments. */
import { type Fields, fieldsOf, flag, numberOr } from "../fields.ts"
import { minute, type Service, type ServiceDeployment, type State, second } from "../state.ts"
import {
  changeServiceDeployment,
  deploymentsOf,
  happen,
  healthy,
  primaryOf,
  remaining,
  wanted,
} from "./find.ts"
import { finish } from "./finish.ts"
import { callHooks, hooksFor, settleHooks } from "./hooks.ts"
import { setWeight, shiftTests } from "./weights.ts"

/** Stages in order: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html */
const STAGES: readonly string[] = [
  "RECONCILE_SERVICE",
  "PRE_SCALE_UP",
  "SCALE_UP",
  "POST_SCALE_UP",
  "TEST_TRAFFIC_SHIFT",
  "POST_TEST_TRAFFIC_SHIFT",
  "PRE_PRODUCTION_TRAFFIC_SHIFT",
  "PRODUCTION_TRAFFIC_SHIFT",
  "POST_PRODUCTION_TRAFFIC_SHIFT",
  "BAKE_TIME",
  "CLEAN_UP",
]

/** Returns the percentage of traffic after each shift, and the minutes to wait there. */
function shiftsOf(strategy: string, configuration: Fields): readonly (readonly [number, number])[] {
  if (strategy === "CANARY") {
    const canary = fieldsOf(configuration, "canaryConfiguration")
    return [
      [numberOr(canary, "canaryPercent", 5), numberOr(canary, "canaryBakeTimeInMinutes", 10)],
      [100, 0],
    ]
  }
  if (strategy === "LINEAR") {
    const linear = fieldsOf(configuration, "linearConfiguration")
    const step = Math.max(3, numberOr(linear, "stepPercent", 10))
    const bake = numberOr(linear, "stepBakeTimeInMinutes", 6)
    const steps = Math.ceil(100 / step)
    return Array.from({ length: steps }, (_, index) =>
      index + 1 === steps ? [100, 0] : [step * (index + 1), bake],
    )
  }
  return [[100, 0]]
}

/** Bake time of a deployment that watches alarms and has none configured, in minutes. */
const ALARM_MINUTES = 5

/** Returns the bake time in minutes; alarms alone give one, as at AWS. */
export function bakeMinutes(rollout: ServiceDeployment): number {
  const watches = flag(fieldsOf(rollout.configuration, "alarms"), "enable")
  return numberOr(rollout.configuration, "bakeTimeInMinutes", 0) || (watches ? ALARM_MINUTES : 0)
}

/** Returns when a stage ends; null: it waits for its tasks. */
function endOf(state: State, rollout: ServiceDeployment, stage: string): number | null {
  if (stage === "SCALE_UP" || stage === "CLEAN_UP") return null
  if (stage === "BAKE_TIME") return state.now + bakeMinutes(rollout) * minute
  const shifted = shiftsOf(rollout.strategy, rollout.configuration)[rollout.shifts]
  const bake = stage === "PRODUCTION_TRAFFIC_SHIFT" ? (shifted?.[1] ?? 0) * minute : 0
  return state.now + Math.max(bake, state.scenario.seconds.stage * second)
}

/** Begins a stage of a service deployment: its hooks, its end, its shift of traffic. */
export function enter(state: State, rollout: ServiceDeployment, stage: string): State {
  const hooks = [...rollout.hooks, ...hooksFor(state, rollout, stage)]
  const entered = changeServiceDeployment(state, rollout.arn, {
    stage,
    hooks,
    stageEndsAt: endOf(state, rollout, stage),
  })
  if (stage === "BAKE_TIME") return happen(entered, "baking")
  if (stage === "TEST_TRAFFIC_SHIFT") return shiftTests(entered, rollout)
  if (stage !== "PRODUCTION_TRAFFIC_SHIFT") return entered
  const weight = shiftsOf(rollout.strategy, rollout.configuration)[rollout.shifts]?.[0] ?? 100
  const noted = changeServiceDeployment(entered, rollout.arn, { weight, shifts: rollout.shifts + 1 })
  return happen(setWeight(noted, rollout, weight), "shifting")
}

function following(rollout: ServiceDeployment): string {
  if (rollout.stage === null) return rollout.sources.length > 1 ? "RECONCILE_SERVICE" : "PRE_SCALE_UP"
  if (rollout.stage === "PRODUCTION_TRAFFIC_SHIFT" && rollout.weight < 100)
    return "PRE_PRODUCTION_TRAFFIC_SHIFT"
  return STAGES[STAGES.indexOf(rollout.stage) + 1] ?? "CLEAN_UP"
}

/** Returns whether enough new tasks are healthy. */
export const isUp = (state: State, service: Service): boolean => {
  const primary = primaryOf(state, service.name)
  return primary !== null && healthy(wanted(state, primary.id)).length >= service.desired
}

/** Returns whether no task of an older deployment runs or drains. */
export const oldIsGone = (state: State, service: Service): boolean =>
  deploymentsOf(state, service.name).every(({ id, primary }) => primary || remaining(state, id).length === 0)

/** Returns whether a stage has done its work, or its time is over. */
export function mayLeave(state: State, service: Service, rollout: ServiceDeployment): boolean {
  if (rollout.stage === "SCALE_UP") return isUp(state, service)
  if (rollout.stage === "CLEAN_UP") return oldIsGone(state, service)
  return rollout.stageEndsAt === null || state.now >= rollout.stageEndsAt
}

/** Leaves a stage for the next one, once its hooks are answered and its work is done. */
export function moveOn(state: State, service: Service, rollout: ServiceDeployment): State {
  const settled = settleHooks(state, rollout)
  if (settled === null) return state
  if (settled !== state || !mayLeave(state, service, rollout)) return settled
  if (rollout.stage === "CLEAN_UP") return finish(state, service, rollout)
  const stage = following(rollout)
  return callHooks(enter(state, rollout, stage), rollout, stage)
}
