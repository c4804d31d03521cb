/** A canary is compared with the release beside it before each further step. */
import { describe, expect, it } from "vitest"
import { readScenario } from "../../modules/aws-simulator/program/read-scenario.ts"
import { type Changes, MIGRATION, run, show, simulate } from "./rehearsal.ts"

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
}
const begin = (scenario = "success") => simulate({ ...readScenario(scenario), ...QUICK })

type Simulator = Awaited<ReturnType<typeof simulate>>

const CANARY = { kind: "canary", percent: 10, canaryBakeMinutes: 2 } as const
const LINEAR = { kind: "linear", stepPercent: 40, stepBakeMinutes: 1 } as const
const METRICS = [
  { metric: "5xx-rate" as const, below: 2, ratio: 1.5, margin: 0.5 },
  { metric: "latency" as const, ratio: 1.5 },
]

const environment = (strategy: typeof CANARY | typeof LINEAR, rest: Changes["environment"] = {}) => ({
  services: [
    {
      name: "web",
      container: "web",
      image: "web",
      strategy,
      analysis: { interval: "1m", count: 3, failureLimit: 1, metrics: METRICS },
    },
    { name: "worker", container: "worker", image: "worker" },
  ],
  ...rest,
})

const answers = ({ rehearsal }: Simulator): readonly unknown[] =>
  rehearsal.journal
    .filter(({ operation, result }) => operation === "ContinueServiceDeployment" && result === "ok")
    .map(({ parameters }) => parameters.action)

const liveIn = ({ rehearsal }: Simulator) =>
  rehearsal
    .look()
    .deployments.filter(({ primary }) => primary)
    .map(({ taskDefinition }) => taskDefinition.split("/").at(-1))

const measurements = (printed: readonly string[]): readonly string[] =>
  printed.filter((line) => line.includes("web: measurement"))

describe("an analysis", () => {
  it("measures a healthy canary, and continues by itself", async () => {
    const simulator = await begin()
    const ran = await run(simulator, { environment: environment(CANARY) })
    show(ran)
    expect(ran.result.outcome).toBe("succeeded")
    expect(measurements(ran.printed)).toHaveLength(3)
    expect(measurements(ran.printed)[0]).toContain("at 10 %: 5xx-rate is 0; good is up to 2; latency is 0.08")
    expect(answers(simulator)).toEqual(["CONTINUE", "CONTINUE"])
    expect(ran.result.audit.filter((line) => line.includes('"analysis"'))).toHaveLength(2)
  })

  it("measures before each further step of linear", async () => {
    const { result, printed } = await run(await begin(), { environment: environment(LINEAR) })
    expect(result.outcome).toBe("succeeded")
    const at = measurements(printed).map((line) => /at (\d+) %/.exec(line)?.[1])
    expect(at).toEqual(["40", "40", "40", "80", "80", "80"])
  })

  it("rolls a worse canary back once more measurements failed than may", async () => {
    const simulator = await begin("canary-worse")
    const ran = await run(simulator, { environment: environment(CANARY) })
    show(ran)
    expect(ran.result.outcome).toBe("rolled-back")
    expect(measurements(ran.printed)).toHaveLength(2)
    expect(ran.result.what).toContain(
      "the analysis of web failed: 2 of 2 measurements failed: 5xx-rate is 5; good is up to 2",
    )
    expect(answers(simulator)).toEqual(["CONTINUE", "ROLLBACK"])
    expect(liveIn(simulator)).toEqual(["clinic-web:7", "clinic-worker:4"])
  })

  it("asks where the canary gets no traffic, and follows the answer", async () => {
    const simulator = await begin("canary-without-traffic")
    const waiting = await run(simulator, { environment: environment(CANARY) })
    show(waiting)
    expect([waiting.result.outcome, waiting.result.exitCode]).toEqual(["still-running", 46])
    expect(waiting.result.what).toContain("the analysis of web is inconclusive")
    expect(waiting.result.what).toContain("the canary answered 0 of at least 20 requests")
    const on = await run(simulator, { environment: environment(CANARY), request: { answer: "continue" } })
    expect(on.result.outcome).toBe("succeeded")
  })

  it("is skipped from then on by the answer `full`, which is noted once", async () => {
    const simulator = await begin("canary-without-traffic")
    const whole = { environment: environment(LINEAR) }
    await run(simulator, whole)
    const stop = new AbortController()
    const print = (line: string) => {
      if (line.includes("answered continue by ann")) stop.abort()
    }
    await run(simulator, { ...whole, request: { answer: "full" } }, { signal: stop.signal, print })
    const { result, printed } = await run(simulator, whole)
    expect(result.outcome).toBe("succeeded")
    expect(measurements(printed)).toEqual([])
    expect(answers(simulator)).toEqual(["CONTINUE", "CONTINUE", "CONTINUE"])
  })

  it("never rolls back below a contract migration: it asks, and refuses the answer rollback", async () => {
    const simulator = await begin("canary-worse")
    const contract = environment(CANARY, { migration: { ...MIGRATION, phase: "contract" } })
    const asked = await run(simulator, { environment: contract })
    expect(asked.result.outcome).toBe("still-running")
    expect(asked.result.what).toContain("failed: 2 of 2 measurements failed")
    expect(asked.result.what).toContain("below a contract migration")
    const refused = await run(simulator, { environment: contract, request: { answer: "rollback" } })
    expect(refused.result.what).toContain("cannot be answered with rollback")
    expect(answers(simulator)).toEqual(["CONTINUE"])
  })

  it("begins a step anew after its run was stopped, and answers once", async () => {
    const simulator = await begin()
    const stop = new AbortController()
    const print = (line: string) => {
      if (line.includes("measurement 2")) stop.abort()
    }
    const whole = { environment: environment(CANARY) }
    const stopped = await run(simulator, whole, { signal: stop.signal, print })
    expect(stopped.result.outcome).toBe("still-running")
    const { result, printed } = await run(simulator, whole)
    expect([result.outcome, measurements(printed).length]).toEqual(["succeeded", 3])
    expect(answers(simulator)).toEqual(["CONTINUE", "CONTINUE"])
  })
})
