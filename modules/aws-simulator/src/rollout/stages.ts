/** How a service deployment moves on: from pending to its end, for blue/green, canary and linear by stages. */
import { type Fields, fieldsOf, flag, numberOr, records, textOr, texts } from "../fields.ts"
import { hex } from "../ids.ts"
import {
  change,
  type Hook,
  minute,
  type Service,
  type ServiceDeployment,
  type State,
  second,
} from "../state.ts"
import {
  changeDeployment,
  changeServiceDeployment,
  deploymentsOf,
  happen,
  healthy,
  primaryOf,
  remaining,
  say,
  serviceNamed,
  underWay,
  wanted,
} from "./find.ts"
import { giveUp } from "./rollback.ts"
import { setWeight } from "./weights.ts"

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html */
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

/** Per cent of traffic after each shift, and minutes to wait there. */
export function shiftsOf(strategy: string, configuration: Fields): readonly (readonly [number, number])[] {
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

/** A pause lasts a day at most unless the hook says otherwise. */
const PAUSE_MINUTES = 24 * 60

function hooksFor(state: State, rollout: ServiceDeployment, stage: string): readonly Hook[] {
  return records(rollout.configuration, "lifecycleHooks")
    .filter((hook) => hook.targetType === "PAUSE" && texts(hook, "lifecycleStages").includes(stage))
    .map((hook, index) => {
      const limit = fieldsOf(hook, "timeoutConfiguration")
      const minutes = numberOr(limit, "timeoutInMinutes", PAUSE_MINUTES)
      return {
        id: hex(`${rollout.arn}/${stage}/${rollout.shifts}/${index}`, 32),
        stage,
        status: "AWAITING_ACTION",
        expiresAt: state.now + minutes * minute,
        timeoutAction: textOr(limit, "action", "ROLLBACK") === "CONTINUE" ? "CONTINUE" : "ROLLBACK",
      }
    })
}

/** Without a bake time of its own, a rolling deployment with alarms watches them for a while. */
const ALARM_MINUTES = 5

function bakeMinutes(rollout: ServiceDeployment): number {
  const watches = flag(fieldsOf(rollout.configuration, "alarms"), "enable")
  return numberOr(rollout.configuration, "bakeTimeInMinutes", 0) || (watches ? ALARM_MINUTES : 0)
}

/** When a stage ends by itself; null: when its tasks are where they should be. */
function endOf(state: State, rollout: ServiceDeployment, stage: string): number | null {
  if (stage === "SCALE_UP" || stage === "CLEAN_UP") return null
  if (stage === "BAKE_TIME") return state.now + bakeMinutes(rollout) * minute
  const shifted = shiftsOf(rollout.strategy, rollout.configuration)[rollout.shifts]
  const bake = stage === "PRODUCTION_TRAFFIC_SHIFT" ? (shifted?.[1] ?? 0) * minute : 0
  return state.now + Math.max(bake, state.scenario.seconds.stage * second)
}

function enter(state: State, rollout: ServiceDeployment, stage: string): State {
  const hooks = [...rollout.hooks, ...hooksFor(state, rollout, stage)]
  const entered = changeServiceDeployment(state, rollout.arn, {
    stage,
    hooks,
    stageEndsAt: endOf(state, rollout, stage),
  })
  if (stage === "BAKE_TIME") return happen(entered, "baking")
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

const isUp = (state: State, service: Service): boolean => {
  const primary = primaryOf(state, service.name)
  return primary !== null && healthy(wanted(state, primary.id)).length >= service.desired
}

const oldIsGone = (state: State, service: Service): boolean =>
  deploymentsOf(state, service.name).every(({ id, primary }) => primary || remaining(state, id).length === 0)

function mayLeave(state: State, service: Service, rollout: ServiceDeployment): boolean {
  if (rollout.stage === "SCALE_UP") return isUp(state, service)
  if (rollout.stage === "CLEAN_UP") return oldIsGone(state, service)
  return rollout.stageEndsAt === null || state.now >= rollout.stageEndsAt
}

/** Null while somebody has to decide. */
function settleHooks(state: State, rollout: ServiceDeployment): State | null {
  const waiting = rollout.hooks.filter((hook) => hook.status === "AWAITING_ACTION")
  if (waiting.length === 0) return state
  const late = waiting.filter((hook) => state.now >= hook.expiresAt)
  if (late.length === 0) return null
  const hooks = change(
    rollout.hooks,
    (hook) => late.includes(hook),
    (hook): Hook => ({ ...hook, status: "TIMED_OUT" }),
  )
  const noted = changeServiceDeployment(state, rollout.arn, { hooks })
  return late.some((hook) => hook.timeoutAction === "ROLLBACK") ? giveUp(noted, rollout, TIMED_OUT) : noted
}

const TIMED_OUT = {
  classic: "ECS deployment lifecycle hook",
  cause: "lifecycle hook timed out.",
  reason: "Service deployment rolled back because a lifecycle hook timed out.",
  rollback: true,
}

function moveOn(state: State, service: Service, rollout: ServiceDeployment): State {
  const settled = settleHooks(state, rollout)
  if (settled === null) return state
  if (settled !== state || !mayLeave(state, service, rollout)) return settled
  if (rollout.stage === "CLEAN_UP") return finish(state, service, rollout)
  return enter(state, rollout, following(rollout))
}

/** Rolling has but one stage of its own: watching what is all there. */
function roll(state: State, service: Service, rollout: ServiceDeployment): State {
  if (!isUp(state, service) || !oldIsGone(state, service)) return state
  if (rollout.status === "ROLLBACK_IN_PROGRESS") {
    return mayLeave(state, service, rollout) ? finish(state, service, rollout) : state
  }
  if (rollout.stage === "BAKE_TIME") {
    return mayLeave(state, service, rollout) ? finish(state, service, rollout) : state
  }
  return bakeMinutes(rollout) > 0 ? enter(state, rollout, "BAKE_TIME") : finish(state, service, rollout)
}

function finish(state: State, service: Service, rollout: ServiceDeployment): State {
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
  const told = say(cleaned, service.name, `(deployment ${primary.id}) deployment completed.`)
  return happen(happen(say(told, service.name, "has reached a steady state."), "finished"), "baking")
}

const STOPPED = {
  classic: "ECS deployment",
  cause: "stopped by a user.",
  reason: "Service deployment rolled back because StopServiceDeployment was called.",
  rollback: true,
}

type Proceed = (state: State, service: Service, rollout: ServiceDeployment) => State

const isDue = (state: State, rollout: ServiceDeployment): boolean =>
  rollout.stageEndsAt !== null && state.now >= rollout.stageEndsAt

const BY_STATUS: Readonly<Record<string, Proceed>> = {
  PENDING: (state, _service, rollout) =>
    isDue(state, rollout)
      ? changeServiceDeployment(state, rollout.arn, {
          status: "IN_PROGRESS",
          startedAt: state.now,
          stageEndsAt: null,
        })
      : state,
  IN_PROGRESS: (state, service, rollout) =>
    rollout.strategy === "ROLLING" ? roll(state, service, rollout) : moveOn(state, service, rollout),
  ROLLBACK_IN_PROGRESS: (state, service, rollout) => roll(state, service, rollout),
  ROLLBACK_REQUESTED: (state, _service, rollout) =>
    isDue(state, rollout) ? giveUp(state, rollout, STOPPED) : state,
  STOP_REQUESTED: (state, _service, rollout) =>
    isDue(state, rollout)
      ? changeServiceDeployment(state, rollout.arn, {
          status: "STOPPED",
          reason: "Service deployment stopped because StopServiceDeployment was called.",
          stoppedAt: state.now,
          finishedAt: state.now,
          stage: null,
          stageEndsAt: null,
        })
      : state,
}

export function proceed(state: State, name: string): State {
  const rollout = underWay(state, name)
  return rollout === null
    ? state
    : (BY_STATUS[rollout.status]?.(state, serviceNamed(state, name), rollout) ?? state)
}
