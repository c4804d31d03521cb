import { describe, expect, it } from "vitest"
import { type Asked, commit, MIGRATION, type Ran, run, show, simulate, WHOLE } from "./rehearsal.ts"

const shown = (ran: Ran): Ran["result"] => {
  show(ran)
  return ran.result
}

const BLUE_GREEN = {
  services: [
    {
      name: "web",
      container: "web",
      image: "web",
      strategy: { kind: "blue-green", bakeMinutes: 1 },
      pause: { before: "production-traffic" },
    },
    { name: "worker", container: "worker", image: "worker" },
  ],
} as const satisfies Asked["environment"]

/** The calls that changed something in ECS, by operation. */
const calls = (simulator: Awaited<ReturnType<typeof simulate>>, operation: string) =>
  simulator.rehearsal.journal.filter((entry) => entry.operation === operation && entry.result === "ok").length

describe("a pause", () => {
  it("asks, and goes on with the answer", { timeout: 60_000 }, async () => {
    const simulator = await simulate("paused-hook")
    const asked = shown(await run(simulator, { environment: BLUE_GREEN }))
    expect([asked.outcome, asked.exitCode]).toEqual(["still-running", 46])
    expect(asked.ask).toContain("Is the new release of web good?")
    const answered = shown(await run(simulator, { environment: BLUE_GREEN, request: { answer: "continue" } }))
    expect(answered.outcome).toBe("succeeded")
    expect(answered.release).toBe(asked.release)
    expect(calls(simulator, "UpdateService")).toBe(2)
  })

  it("rolls the whole set back where the answer says so", { timeout: 60_000 }, async () => {
    const simulator = await simulate("paused-hook")
    await run(simulator, { environment: BLUE_GREEN })
    const answered = shown(await run(simulator, { environment: BLUE_GREEN, request: { answer: "rollback" } }))
    expect(answered.outcome).toBe("rolled-back")
    expect(answered.text).toContain("clinic-web:7")
    expect(answered.text).toContain("clinic-worker:4")
  })
})

describe("a bake time that cannot tell", () => {
  const bake = {
    minutes: 1,
    metrics: [{ name: "errors", namespace: "Clinic", metric: "Errors", good: { below: 1 } }],
  } satisfies NonNullable<Asked["environment"]>["bake"]

  it("asks, and takes continue for an answer", { timeout: 60_000 }, async () => {
    const simulator = await simulate("metric-inconclusive")
    const asked = shown(await run(simulator, { environment: { bake } }))
    expect([asked.outcome, asked.exitCode]).toEqual(["still-running", 46])
    expect(asked.text).toContain("CloudWatch has no data of it")
    const answered = shown(await run(simulator, { environment: { bake }, request: { answer: "continue" } }))
    expect(answered.outcome).toBe("succeeded")
  })

  it("rolls back for rollback", { timeout: 60_000 }, async () => {
    const simulator = await simulate("metric-inconclusive")
    await run(simulator, { environment: { bake } })
    const answered = shown(await run(simulator, { environment: { bake }, request: { answer: "rollback" } }))
    expect(answered.outcome).toBe("rolled-back")
  })
})

describe("what an environment hands on to the next", () => {
  it("is the release that is live and proven, by its digests", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate()
    const before = shown(await run(simulator, { action: "status" }))
    expect(before.proven).toBeNull()
    expect(before.live).toMatchObject({ services: [{ image: null }, { image: null }] })
    await run(simulator, { commit: 1 })
    const { proven, live } = shown(await run(simulator, { action: "status", commit: 1 }))
    expect(proven).toMatchObject({ number: 1, commit: commit(1) })
    expect(proven?.images.web).toMatch(/clinic\/web@sha256:b{64}$/)
    const { web, worker } = proven?.images ?? {}
    expect(live).toMatchObject({ services: [{ image: web }, { image: worker }] })
  })

  it("is not a release that failed", { timeout: 60_000 }, async () => {
    const simulator = await simulate("crash-loop")
    await run(simulator)
    expect(shown(await run(simulator, { action: "status" })).proven).toBeNull()
  })
})

describe("the order of commits", () => {
  it("lets the newer one follow the older one, whoever comes first waits for nobody", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate()
    const [older, newer] = await Promise.all([run(simulator, { commit: 1 }), run(simulator, { commit: 2 })])
    show(older)
    show(newer)
    const outcomes = [older.result.outcome, newer.result.outcome]
    expect(newer.result.outcome).toBe("succeeded")
    expect(["succeeded,succeeded", "refused,succeeded"]).toContain(outcomes.join())
    const live = await run(simulator, { action: "status", commit: 2 })
    expect(live.result.text).toContain(commit(2).slice(0, 12))
  })

  it("refuses an older one after a newer one, and says why", { timeout: 60_000 }, async () => {
    const simulator = await simulate()
    await run(simulator, { commit: 2 })
    const older = shown(await run(simulator, { commit: 1 }))
    expect(older.outcome).toBe("refused")
    expect(older.text).toContain("does not contain cccccccccccc")
    expect(older.text).toContain("use rollback")
  })
})

/** Runs a commit until its rollout is under way, and is stopped there. */
async function leftHalfWay(simulator: Awaited<ReturnType<typeof simulate>>, index: number) {
  const stop = new AbortController()
  const print = (line: string) => {
    if (line.includes("web: 0 of 2 run")) stop.abort()
  }
  return run(simulator, { commit: index }, { signal: stop.signal, print })
}

describe("what a run left half way", () => {
  it("is closed by a newer commit, which goes over it", { timeout: 60_000 }, async () => {
    const simulator = await simulate()
    await run(simulator, { commit: 0 })
    const left = shown(await leftHalfWay(simulator, 1))
    expect(left.outcome).toBe("still-running")
    const newer = await run(simulator, { commit: 2 })
    expect(newer.result.outcome).toBe("succeeded")
    expect(newer.printed.join("\n")).toContain("closes release 2, which run run-1 left")
    const older = await run(simulator, { commit: 1 })
    expect(older.result.outcome).toBe("refused")
  })

  it("is left for the last proven release by a rollback", { timeout: 60_000 }, async () => {
    const simulator = await simulate()
    await run(simulator, { commit: 0 })
    await leftHalfWay(simulator, 1)
    const back = shown(await run(simulator, { action: "rollback", commit: 1 }))
    expect(back.outcome).toBe("succeeded")
    expect(back.what).toContain("aaaaaaaaaaaa is live again")
  })

  it("is not gone over by an older commit", { timeout: 60_000 }, async () => {
    const simulator = await simulate()
    await run(simulator, { commit: 0 })
    await leftHalfWay(simulator, 2)
    const older = shown(await run(simulator, { commit: 1 }))
    expect(older.outcome).toBe("refused")
    expect(older.text).toContain("run run-2 left half way")
  })
})

describe("a rollback", () => {
  it("returns to the last proven release by its revisions, and keeps every old revision", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate()
    await run(simulator, { commit: 0 })
    await run(simulator, { commit: 1 })
    const back = shown(await run(simulator, { action: "rollback", commit: 1 }))
    expect(back.outcome).toBe("succeeded")
    expect(back.what).toContain("aaaaaaaaaaaa is live again")
    expect(back.text).toContain("clinic-web:8")
    expect(calls(simulator, "DeregisterTaskDefinition")).toBe(0)
  })

  it("is refused below a contract migration", { timeout: 60_000 }, async () => {
    const simulator = await simulate()
    await run(simulator, { commit: 0 })
    await run(simulator, { commit: 1, environment: { migration: { ...MIGRATION, phase: "contract" } } })
    const back = shown(await run(simulator, { action: "rollback", commit: 1 }))
    expect(back.outcome).toBe("refused")
    expect(back.text).toContain("the contract migration of release 2 took away what release 1")
  })

  it("does not happen by itself where a contract migration ran with the release", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate("health-fails-after-rollout")
    const contract = { ...MIGRATION, phase: "contract" } as const
    const failed = shown(await run(simulator, { environment: { migration: contract } }))
    expect(failed.outcome).toBe("failed")
    expect(failed.text).toContain("there was no way back: the contract migration of this release")
    expect(failed.text).toContain("clinic-web:8")
  })
})

describe("notifications", () => {
  it("say the outcome first, to each kind, with no secret in what is kept", { timeout: 60_000 }, async () => {
    const simulator = await simulate("crash-loop")
    const environment = {
      ...WHOLE,
      notifications: [
        { kind: "slack", name: "team" },
        { kind: "pagerduty", name: "duty" },
        { kind: "webhook", name: "audit" },
        { kind: "email", topic: "arn:aws:sns:eu-central-1:111122223333:releases" },
      ],
    } as const satisfies Asked["environment"]
    const notify = {
      team: "https://hooks.example.org/services/canary-slack-path",
      duty: "canary-pagerduty-key",
      audit: "https://hooks.example.org/canary-webhook-path",
    }
    const ran = await run(simulator, { environment }, { notify })
    const { result } = ran
    show(ran)
    expect(result.outcome).toBe("rolled-back")
    const told = simulator.rehearsal.notifications
    expect(told).toHaveLength(3)
    for (const { body } of told)
      expect(body).toMatch(/^.{0,140}(?:rolled-back: staging|"outcome":"rolled-back")/s)
    const kept = JSON.stringify([ran, simulator.rehearsal.journal])
    for (const secret of [...Object.values(notify), "canary-aws-secret-key", "canary-"])
      expect(kept).not.toContain(secret)
  })
})

describe("time", () => {
  it("adds less than five seconds to what AWS takes", { timeout: 60_000 }, async () => {
    const simulator = await simulate()
    const { result } = await run(simulator, { environment: WHOLE })
    const journal = simulator.rehearsal.journal
    expect(result.outcome).toBe("succeeded")
    const state = simulator.rehearsal.look()
    const rollouts = state.serviceDeployments.filter(({ target }) => target !== null)
    const begun = Date.parse(journal[0]?.at ?? "")
    const started = Math.min(...rollouts.map(({ createdAt }) => createdAt).filter((at) => at >= begun))
    const ended = Math.max(...rollouts.map(({ finishedAt }) => finishedAt ?? 0))
    // 120 s snapshot, 40 s migration: the simulator's own times.
    const aws = 120_000 + 40_000 + (ended - started) + WHOLE.bake.minutes * 60_000
    expect(result.milliseconds - aws).toBeLessThanOrEqual(5_000)
  })
})
