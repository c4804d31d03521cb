import { beforeAll, describe, expect, it } from "vitest"
import type { Simulator } from "../../modules/aws-simulator/program/simulator.ts"
import { LEASE_MS } from "../../modules/deploy/program/core/lease-rule.ts"
import { bundle, type KillPoint, killingProxy, start } from "./program.ts"
import { type Changes, parsed, rehearsing, requestInput, run, simulate, WHOLE } from "./rehearsal.ts"

/** At how many of its calls a process is killed. points.test.ts tries many more, without a process. */
const POINTS = 4

/** Short times. */
const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
  snapshot: { seconds: 4, fails: false },
}

const CHANGES: Changes = { environment: { ...WHOLE, bake: { minutes: 0.2, alarms: ["clinic-5xx"] } } }

let program = ""
beforeAll(async () => {
  program = await bundle()
}, 60_000)

const request = (simulator: Simulator) => rehearsing(parsed(requestInput(CHANGES)), simulator)

/** Runs the program until it ends or is killed. */
async function runProgram(simulator: Simulator, at: KillPoint | null, signal: NodeJS.Signals = "SIGKILL") {
  const kill = () => {
    started.child.kill(signal)
    return signal === "SIGKILL"
  }
  const proxy = await killingProxy(simulator, at, kill)
  const started = start(program, request(simulator), proxy.url)
  const exited = await started.exited
  // The clock would wait ten seconds for a dead participant.
  for (const participant of simulator.rehearsal.clock.participants())
    simulator.rehearsal.clock.leave(participant)
  await proxy.close()
  return { ...exited, calls: proxy.calls }
}

/** Counts what a deployment must do only once, however many runs it takes. */
function done(simulator: Simulator) {
  const state = simulator.rehearsal.look()
  const since = Date.parse("2026-03-02T09:00:00Z")
  return {
    deployments: state.serviceDeployments.filter(({ createdAt }) => createdAt >= since).length,
    migrations: state.tasks.filter(({ service }) => service === null).length,
    snapshots: simulator.rehearsal.journal.filter(
      ({ operation, result }) => operation === "CreateDBSnapshot" && result === "ok",
    ).length,
    lease: JSON.parse(String(state.objects.find(({ key }) => key.endsWith("lease.json"))?.body ?? "{}"))
      .owner,
  }
}

/** Returns owners that took the lease although its owner had just renewed it. */
function overlaps(simulator: Simulator): readonly string[] {
  const puts = simulator.rehearsal.journal.flatMap(({ at, operation, result, parameters }) => {
    const { key = "", body = "" } = Object(parameters)
    return operation === "PutObject" && result === "ok" && String(key).endsWith("lease.json")
      ? [{ at: Date.parse(at), lease: JSON.parse(String(body)) }]
      : []
  })
  return puts.flatMap(({ at, lease }, index) => {
    const last = puts[index - 1]
    const before = last?.lease
    const freed = lease.owner === null && lease.token === before?.token
    if (!last || before.owner === null || before.owner === lease.owner || freed) return []
    const still = at - last.at
    return still >= LEASE_MS ? [] : [`${lease.owner} took the lease of ${before.owner} after ${still} ms`]
  })
}

/** Spreads kill points over the calls that change something. */
function spread(calls: readonly string[]): readonly KillPoint[] {
  const changes = calls.flatMap((name, index) =>
    /^(PUT|Update|Run|Register|Create)/.test(name) ? [index + 1] : [],
  )
  const all = changes.flatMap((call) => [
    { call, carriedOut: false },
    { call, carriedOut: true },
  ])
  const step = all.length / POINTS
  return Array.from({ length: POINTS }, (_, index) => all[Math.floor(index * step)]).filter(
    (point) => point !== undefined,
  )
}

let calls: readonly string[] = []

describe("the deployer as a program", () => {
  it("deploys and does everything once", { timeout: 120_000 }, async () => {
    const simulator = await simulate(QUICK)
    const ran = await runProgram(simulator, null)
    expect([ran.code, ran.stderr.includes("canary"), ran.stdout]).toEqual([
      0,
      false,
      expect.stringContaining("SUCCEEDED"),
    ])
    expect(done(simulator)).toEqual({ deployments: 2, migrations: 1, snapshots: 1, lease: null })
    calls = ran.calls
    expect(spread(calls)).toHaveLength(POINTS)
  })

  it.each(
    Array.from({ length: POINTS }, (_, index) => index),
  )("completes after SIGKILL at call %i, with one lease owner at a time", {
    timeout: 120_000,
  }, async (index) => {
    const point = spread(calls)[index]
    if (point === undefined) throw new Error("no complete deployment to choose kill points from")
    const simulator = await simulate(QUICK)
    const killed = await runProgram(simulator, point)
    expect(killed.signal).toBe("SIGKILL")
    const { result } = await run(simulator, CHANGES)
    const at = `${calls[point.call - 1]} (${point.call}${point.carriedOut ? ", executed" : ""})`
    expect([at, result.outcome, done(simulator), overlaps(simulator)]).toEqual([
      ...[at, "succeeded", { deployments: 2, migrations: 1, snapshots: 1, lease: null }, []],
    ])
  })

  it("reports what AWS continues after SIGTERM, frees the lease, and can be continued at once", {
    timeout: 120_000,
  }, async () => {
    const simulator = await simulate(QUICK)
    const call = calls.lastIndexOf("UpdateService") + 4
    const stopped = await runProgram(simulator, { call, carriedOut: true }, "SIGTERM")
    expect([stopped.code, stopped.stdout]).toEqual([43, expect.stringContaining("STILL-RUNNING")])
    expect(stopped.stdout).toMatch(/AWS continues .*web and worker/)
    expect(done(simulator).lease).toBeNull()
    const { result } = await run(simulator, CHANGES)
    expect([result.outcome, done(simulator).deployments]).toEqual(["succeeded", 2])
  })
})
