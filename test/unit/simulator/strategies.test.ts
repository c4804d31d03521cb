import { describe, expect, it } from "vitest"
import { advance, nextDue, settle } from "../../../modules/aws-simulator/program/advance.ts"
import type { Fields } from "../../../modules/aws-simulator/program/fields.ts"
import { scenarioNames } from "../../../modules/aws-simulator/program/read-scenario.ts"
import { trafficValue } from "../../../modules/aws-simulator/program/services/traffic-metrics.ts"
import type { State } from "../../../modules/aws-simulator/program/state.ts"
import { minute, second } from "../../../modules/aws-simulator/program/state.ts"
import { ask, later, liveOf, release, rolloutsOf, startOf } from "./play.ts"

/** Yields the state at each moment of a change. */
function* moments(state: State, minutes: number): Generator<State> {
  let so = settle(state)
  const end = so.now + minutes * minute
  for (;;) {
    yield so
    const due = nextDue(so)
    if (due === null || due > end) return
    so = advance(so, due)
  }
}

const distinct = <T>(list: readonly T[]): readonly T[] =>
  list.filter((entry, index) => entry !== list[index - 1])

const stagesOf = (states: Iterable<State>): readonly (string | null)[] =>
  distinct([...states].map((state) => rolloutsOf(state)[0]?.stage ?? null))

/** Returns the distinct percentages of traffic on the second target group. */
const weightsOf = (states: Iterable<State>): readonly number[] =>
  distinct([...states].map((state) => state.balancing.rules[0]?.forward[1]?.weight ?? 0))

const shifting = (strategy: string, more: Fields = {}): Fields => ({
  deploymentConfiguration: { strategy, bakeTimeInMinutes: 10, ...more },
})

describe("metrics of target groups", () => {
  const canary = {
    strategy: "CANARY",
    canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 10 },
  }
  const requests = (state: State, colour: string, name = "RequestCount"): unknown => {
    const group = state.balancing.targetGroups.find((one) => one.name === `web-${colour}`)?.arn ?? ""
    const dimensions = {
      TargetGroup: group.slice(group.indexOf("targetgroup/")),
      LoadBalancer: state.balancing.arn.slice(state.balancing.arn.indexOf("app/")),
    }
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
    return trafficValue(state, { Dimensions }, name)
  }

  it("have the share of their weight; a worse canary has its own", () => {
    const begun = release(startOf("canary-worse"), "web", { deploymentConfiguration: canary })
    const shifted = later(begun, 5)
    expect([requests(begun, "blue"), requests(begun, "green")]).toEqual([1000, null])
    expect([requests(shifted, "blue"), requests(shifted, "green")]).toEqual([900, 100])
    const errors = "HTTPCode_Target_5XX_Count"
    expect([requests(shifted, "blue", errors), requests(shifted, "green", errors)]).toEqual([0, 5])
    expect(requests(shifted, "red")).toBeNull()
  })
})

describe("a test listener", () => {
  it("gets the new tasks before users do, and the old ones again after a rollback", () => {
    const services = [{ name: "web", hosts: ["app.org"], testHosts: ["app.org:8443"] }]
    const pause = {
      lifecycleHooks: [
        {
          targetType: "PAUSE",
          lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT"],
          timeoutConfiguration: { timeoutInMinutes: 5, action: "ROLLBACK" },
        },
      ],
    }
    const begun = release(startOf("success", { services }), "web", shifting("BLUE_GREEN", pause))
    const green = (state: State) => state.balancing.rules.map(({ forward }) => forward[1]?.weight)
    expect([green(begun), green(later(begun, 3)), green(later(begun, 10))]).toEqual([
      [0, 0],
      [0, 100],
      [0, 0],
    ])
  })
})

describe("a PAUSE hook", () => {
  it.each(["TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"])("is refused at %s, as by AWS", (stage) => {
    const lifecycleHooks = [{ targetType: "PAUSE", lifecycleStages: [stage] }]
    const deploy = () => release(startOf("success"), "web", shifting("BLUE_GREEN", { lifecycleHooks }))
    expect(deploy).toThrow(`PAUSE hooks cannot be configured at the ${stage} stage.`)
  })
})

describe("strategies that shift traffic", () => {
  it("blue/green runs its stages and keeps the old tasks through the bake time", () => {
    const states = [...moments(release(startOf("success"), "web", shifting("BLUE_GREEN")), 60)]
    expect(stagesOf(states)).toEqual([
      null,
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
    ])
    expect(weightsOf(states)).toEqual([0, 100])
    const baking = states.filter((state) => rolloutsOf(state)[0]?.stage === "BAKE_TIME")
    expect(new Set(baking.map((state) => liveOf(state).join()))).toEqual(
      new Set(["clinic-web:7,clinic-web:8"]),
    )
    expect(rolloutsOf(states.at(-1) ?? startOf("success"))[0]?.status).toBe("SUCCESSFUL")
  })

  it("canary and linear shift traffic in steps", () => {
    const canary = shifting("CANARY", {
      canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 5 },
    })
    expect(weightsOf(moments(release(startOf("success"), "web", canary), 60))).toEqual([0, 20, 100])
    const linear = shifting("LINEAR", { linearConfiguration: { stepPercent: 30, stepBakeTimeInMinutes: 2 } })
    expect(weightsOf(moments(release(startOf("success"), "web", linear), 60))).toEqual([0, 30, 60, 90, 100])
  })

  it("a newer deployment replaces a canary: traffic returns, then shifts to the newest revision", () => {
    const canary = shifting("CANARY", {
      canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 5 },
    })
    const half = later(release(startOf("success"), "web", canary), 5)
    expect(half.balancing.rules[0]?.forward[1]?.weight).toBe(20)
    const states = [...moments(release(half, "web", canary), 60)]
    expect(weightsOf(states)).toEqual([0, 20, 100])
    const green = states[0]?.balancing.rules[0]?.forward[1]?.targetGroup
    const shifted = states.filter((state) => (state.balancing.rules[0]?.forward[1]?.weight ?? 0) > 0)
    const serving = shifted.flatMap(({ tasks }) =>
      tasks
        .filter((task) => task.targetGroup === green && task.status === "RUNNING")
        .map((task) => task.taskDefinition),
    )
    expect(new Set(serving.map((arn) => arn.slice(-1)))).toEqual(new Set(["9"]))
    const end = states.at(-1) ?? half
    expect(rolloutsOf(end).map(({ status }) => status)).toEqual(["STOPPED", "SUCCESSFUL"])
    expect(liveOf(end)).toEqual(["clinic-web:9"])
  })

  it("the next blue/green deployment shifts in the other direction", () => {
    const first = later(release(startOf("success"), "web", shifting("BLUE_GREEN")), 60)
    expect(weightsOf(moments(release(first, "web", shifting("BLUE_GREEN")), 60))).toEqual([100, 0])
  })

  it("an alarm in the bake time returns all traffic", () => {
    const alarms = { enable: true, rollback: true, alarmNames: ["clinic-5xx"] }
    const started = release(startOf("canary-alarm"), "web", shifting("BLUE_GREEN", { alarms }))
    expect(weightsOf(moments(started, 60))).toEqual([0, 100, 0])
    const ended = later(started, 60)
    expect(rolloutsOf(ended)[0]?.status).toBe("ROLLBACK_SUCCESSFUL")
    expect(liveOf(ended)).toEqual(["clinic-web:7"])
  })
})

describe("a paused deployment", () => {
  const paused = (timeout: Fields = {}): State =>
    later(
      release(
        startOf("success"),
        "web",
        shifting("BLUE_GREEN", {
          lifecycleHooks: [{ targetType: "PAUSE", lifecycleStages: ["POST_SCALE_UP"], ...timeout }],
        }),
      ),
      30,
    )
  const decide = (state: State, action: string): State => {
    const [rollout] = rolloutsOf(state)
    const hookId = rollout?.hooks[0]?.id
    return ask(state, "ContinueServiceDeployment", { serviceDeploymentArn: rollout?.arn, hookId, action })
      .state
  }

  it("waits for an answer", () => {
    const state = paused()
    expect(rolloutsOf(state)).toMatchObject([{ status: "IN_PROGRESS", stage: "POST_SCALE_UP" }])
    expect(rolloutsOf(later(decide(state, "CONTINUE"), 60))[0]?.status).toBe("SUCCESSFUL")
    expect(rolloutsOf(later(decide(state, "ROLLBACK"), 60))[0]?.status).toBe("ROLLBACK_SUCCESSFUL")
  })

  it("of paused-hook rolls back after half an hour", () => {
    const started = release(startOf("paused-hook"), "web")
    expect(rolloutsOf(later(started, 20))[0]?.hooks).toMatchObject([{ status: "AWAITING_ACTION" }])
    expect(rolloutsOf(later(started, 40))[0]?.status).toBe("ROLLBACK_SUCCESSFUL")
  })

  it("applies the hook's action after the timeout", () => {
    const timeoutConfiguration = { timeoutInMinutes: 60, action: "CONTINUE" }
    expect(rolloutsOf(later(paused(), 24 * 60))[0]?.status).toBe("ROLLBACK_SUCCESSFUL")
    expect(rolloutsOf(later(paused({ timeoutConfiguration }), 60))[0]?.status).toBe("SUCCESSFUL")
  })
})

describe("virtual time", () => {
  it.each(scenarioNames())("%s: half an hour has the same result in one leap and in small steps", (name) => {
    const started = release(release(startOf(name), "web"), "worker")
    let ticked = started
    for (let count = 0; count < 150; count += 1) ticked = advance(ticked, ticked.now + 12 * second)
    expect(ticked).toEqual(later(started, 30))
  })

  it("keeps the number of tasks within the service's limits", () => {
    const limits = { minimumHealthyPercent: 50, maximumPercent: 150 }
    for (const name of [
      "success",
      "crash-loop",
      "health-check-fails",
      "superseded",
      "rolled-back-by-someone",
    ]) {
      const services = [{ name: "web", desired: 5, hosts: ["clinic.example.org"] }]
      const started = release(startOf(name, { services }), "web", { deploymentConfiguration: limits })
      const counts = [...moments(started, 60)].map(({ tasks }) => {
        const wanted = tasks.filter((task) => task.wanted === "RUNNING")
        return [wanted.filter(({ health }) => health === "HEALTHY").length, wanted.length] as const
      })
      expect([name, Math.min(...counts.map(([healthy]) => healthy))]).toEqual([name, 3])
      expect([name, Math.max(...counts.map(([, wanted]) => wanted))]).toEqual([name, 7])
    }
  })
})
