import { describe, expect, it } from "vitest"
import { type Changes, commit, type Ran, run, show, simulate, WHOLE } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
  snapshot: { seconds: 4, fails: false },
}
const BAKES = { ...WHOLE, bake: { minutes: 2, alarms: ["clinic-5xx"] } }

const rollback = (simulator: Simulator, takeOver: boolean): Promise<Ran> =>
  run(simulator, {
    action: "rollback",
    commit: 1,
    environment: { leaseWaitMinutes: 1 },
    request: { takeOver, run: { id: "run-bob", actor: "bob", url: "https://ci.example.org/runs/bob" } },
  })

/** Deploys a second release, and asks for a rollback once the run prints a line. */
async function meanwhile(at: RegExp, takeOver: boolean) {
  const simulator = await simulate(QUICK)
  await run(simulator, { commit: 0 })
  let other: Promise<Ran> | null = null
  const print = (line: string) => {
    if (other === null && at.test(line)) other = rollback(simulator, takeOver)
  }
  const ann = await run(simulator, { commit: 1, environment: BAKES }, { print })
  if (other === null) throw new Error("the run printed no such line")
  const bob: Ran = await other
  show(ann)
  show(bob)
  const live = simulator.rehearsal.look().services.map(({ taskDefinition }) => taskDefinition.split("/")[1])
  const ledger = simulator.rehearsal.look().objects.find(({ key }) => key.endsWith("/ledger.json"))
  return { ann: ann.result, bob, live, ledger: JSON.parse(String(ledger?.body)) }
}

describe("a rollback that takes over", () => {
  it.each([
    ["its bake time", /✓ health/],
    ["a rollout under way", /web: 0 of 2/],
  ])("preempts a run that only watches: %s", async (_, line) => {
    const { ann, bob, live, ledger } = await meanwhile(line, true)
    expect([ann.outcome, bob.result.outcome]).toEqual(["superseded", "succeeded"])
    expect(ann.what).toContain("taken over by run run-bob of bob")
    expect(bob.result.what).toContain(`${commit(0).slice(0, 12)} is live again`)
    expect(live).toEqual(["clinic-web:8", "clinic-worker:5"])
    expect(bob.printed.join("\n")).toMatch(
      /bob takes over from run run-1 of ann .* only watches \((rollout|bake)\)/,
    )
    const entry = bob.result.audit.map((one) => JSON.parse(one)).find(({ event }) => event === "take-over")
    expect(entry).toMatchObject({ by: "bob", from: { id: "run-1", actor: "ann" } })
    expect(ledger.releases.map((one: { outcome: string }) => one.outcome)).toEqual([
      ...["found", "succeeded", "abandoned", "succeeded"],
    ])
    expect(ledger.inflight).toBeNull()
  })

  it("is refused in the middle of a change, which it names", async () => {
    const { ann, bob, live } = await meanwhile(/✓ snapshot/, true)
    expect([ann.outcome, bob.result.outcome]).toEqual(["succeeded", "refused"])
    expect(bob.result.what).toMatch(/run run-1 of ann .* in the middle of a change \(migration\)/)
    expect(bob.result.text).toContain("stop that run in its CI")
    expect(live).toEqual(["clinic-web:9", "clinic-worker:6"])
  })

  it("waits for the run where it does not say so", async () => {
    const { ann, bob } = await meanwhile(/✓ health/, false)
    expect([ann.outcome, bob.result.outcome]).toEqual(["succeeded", "refused"])
    expect(bob.result.what).toContain("still holds the lease")
  })
})

describe("a rollback that waited for the lease", () => {
  const back = (id: string) =>
    ({ action: "rollback", commit: 2, request: { run: { id, actor: id } } }) as const
  const CRASH = { how: "crash", after: 1, exitCode: 1, services: null, deployments: 2, log: [] } as const

  /** Three releases; then bob asks for a rollback once the run of ann has the lease. */
  async function both(changes: Changes, releases: number, failure: typeof CRASH | null = null) {
    const simulator = await simulate(QUICK)
    for (let index = 0; index < releases; index += 1) await run(simulator, { commit: index })
    const state = simulator.rehearsal.look()
    const made = state.serviceDeployments.length
    simulator.rehearsal.become({
      ...state,
      scenario: { ...state.scenario, failure: failure && { ...failure, deployments: made + 2 } },
    })
    const others: Promise<Ran>[] = []
    const print = (line: string) => {
      if (/✓ order/.test(line)) others.push(run(simulator, back("bob")))
    }
    const ann = await run(simulator, changes, { print })
    const [bob] = await Promise.all(others)
    const live = simulator.rehearsal.look().services.map(({ taskDefinition }) => taskDefinition.split("/")[1])
    return { ann: ann.result, bob: bob?.result, live }
  }

  it("goes no further back than the rollback of somebody else", async () => {
    const { ann, bob, live } = await both(back("ann"), 3)
    expect([ann.outcome, bob?.outcome, live]).toEqual([
      ...["succeeded", "superseded"],
      ["clinic-web:9", "clinic-worker:6"],
    ])
    expect(bob?.what).toMatch(
      /^release 3 \(c{12}\) was replaced while this run waited: release 4 \(b{12}\) is live since/,
    )
  })

  it("goes no further back than the release that failed went by itself", async () => {
    const { ann, bob, live } = await both({ commit: 2 }, 2, CRASH)
    expect([ann.outcome, bob?.outcome, live]).toEqual([
      ...["rolled-back", "superseded"],
      ["clinic-web:9", "clinic-worker:6"],
    ])
  })

  it("goes back from the release that it was asked for during its rollout", async () => {
    const { ann, bob, live } = await both({ commit: 2 }, 2)
    expect([ann.outcome, bob?.outcome, live]).toEqual([
      ...["succeeded", "succeeded"],
      ["clinic-web:9", "clinic-worker:6"],
    ])
  })

  it("leaves the commit that it names, and no other", async () => {
    const simulator = await simulate(QUICK)
    for (const index of [0, 1, 2]) await run(simulator, { commit: index })
    const named = (index: number) => {
      const { request, ...rest } = back(`from-${index}`)
      return run(simulator, { ...rest, request: { ...request, from: commit(index) } })
    }
    const other = await named(1)
    expect([other.result.outcome, other.result.what]).toEqual([
      "superseded",
      expect.stringMatching(/^b{12} is not live: release 3 \(c{12}\) is live since/),
    ])
    expect((await named(2)).result.what).toBe("bbbbbbbbbbbb is live again and proven good")
    expect((await named(2)).result.what).toMatch(/^already done/)
  })
})
