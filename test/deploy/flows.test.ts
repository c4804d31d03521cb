import { describe, expect, it } from "vitest"
import { type Changes, commit, MIGRATION, type Ran, run, show, simulate, WHOLE } from "./rehearsal.ts"

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
} as const satisfies Changes["environment"]

/** Counts successful calls of an operation. */
const calls = (simulator: Awaited<ReturnType<typeof simulate>>, operation: string) =>
  simulator.rehearsal.journal.filter((entry) => entry.operation === operation && entry.result === "ok").length

describe("a pause", () => {
  it("asks, and continues with the answer", { timeout: 60_000 }, async () => {
    const simulator = await simulate("paused-hook")
    const waiting = shown(await run(simulator, { environment: BLUE_GREEN }))
    expect([waiting.outcome, waiting.exitCode]).toEqual(["still-running", 46])
    expect(waiting.ask).toContain("release of web good?")
    const answered = shown(await run(simulator, { environment: BLUE_GREEN, request: { answer: "continue" } }))
    expect(answered.outcome).toBe("succeeded")
    expect(answered.release).toBe(waiting.release)
    expect(calls(simulator, "UpdateService")).toBe(2)
  })

  it("rolls all services back for the answer rollback", { timeout: 60_000 }, async () => {
    const simulator = await simulate("paused-hook")
    await run(simulator, { environment: BLUE_GREEN })
    const answered = shown(await run(simulator, { environment: BLUE_GREEN, request: { answer: "rollback" } }))
    expect(answered.outcome).toBe("rolled-back")
    expect(answered.text).toContain("clinic-web:7")
    expect(answered.text).toContain("clinic-worker:4")
  })
})

describe("an inconclusive bake time", () => {
  const bake = {
    minutes: 1,
    metrics: [{ name: "errors", namespace: "Clinic", metric: "Errors", good: { below: 1 } }],
  } satisfies NonNullable<Changes["environment"]>["bake"]

  it("asks, and accepts the answer continue", { timeout: 60_000 }, async () => {
    const simulator = await simulate("metric-inconclusive")
    const waiting = shown(await run(simulator, { environment: { bake } }))
    expect([waiting.outcome, waiting.exitCode]).toEqual(["still-running", 46])
    expect(waiting.text).toMatch(/metric errors .*no data/)
    const answered = shown(await run(simulator, { environment: { bake }, request: { answer: "continue" } }))
    expect(answered.outcome).toBe("succeeded")
  })

  it("rolls back for the answer rollback", { timeout: 60_000 }, async () => {
    const simulator = await simulate("metric-inconclusive")
    await run(simulator, { environment: { bake } })
    const answered = shown(await run(simulator, { environment: { bake }, request: { answer: "rollback" } }))
    expect(answered.outcome).toBe("rolled-back")
  })
})

describe("the release to promote", () => {
  it("is the live proven-good release, by its digests", {
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

  it("is never a failed release", { timeout: 60_000 }, async () => {
    const simulator = await simulate("crash-loop")
    await run(simulator)
    expect(shown(await run(simulator, { action: "status" })).proven).toBeNull()
  })
})

describe("the order of commits", () => {
  it("lets the newer of two simultaneous deployments win", {
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

  it("refuses an older commit after a newer one", { timeout: 60_000 }, async () => {
    const simulator = await simulate()
    await run(simulator, { commit: 2 })
    const older = shown(await run(simulator, { commit: 1 }))
    expect(older.outcome).toBe("refused")
    expect(older.text).toContain("does not contain cccccccccccc")
    expect(older.text).toContain("use rollback")
  })
})

/** Deploys a commit and stops the run during its rollout. */
async function stopHalfway(simulator: Awaited<ReturnType<typeof simulate>>, index: number) {
  const stop = new AbortController()
  const print = (line: string) => {
    if (line.includes("web: 0 of 2 run")) stop.abort()
  }
  return run(simulator, { commit: index }, { signal: stop.signal, print })
}

describe("an unfinished release", () => {
  it("is closed by the deployment of a newer commit", { timeout: 60_000 }, async () => {
    const simulator = await simulate()
    await run(simulator, { commit: 0 })
    const left = shown(await stopHalfway(simulator, 1))
    expect(left.outcome).toBe("still-running")
    const newer = await run(simulator, { commit: 2 })
    expect(newer.result.outcome).toBe("succeeded")
    expect(newer.printed.join("\n")).toMatch(/closes release 2.*run-1/)
    const older = await run(simulator, { commit: 1 })
    expect(older.result.outcome).toBe("refused")
  })

  it("is rolled back to the last proven-good release", { timeout: 60_000 }, async () => {
    const simulator = await simulate()
    await run(simulator, { commit: 0 })
    await stopHalfway(simulator, 1)
    const back = shown(await run(simulator, { action: "rollback", commit: 1 }))
    expect(back.outcome).toBe("succeeded")
    expect(back.what).toContain("aaaaaaaaaaaa is live again")
  })

  it("is not replaced by an older commit", { timeout: 60_000 }, async () => {
    const simulator = await simulate()
    await run(simulator, { commit: 0 })
    await stopHalfway(simulator, 2)
    const older = shown(await run(simulator, { commit: 1 }))
    expect(older.outcome).toBe("refused")
    expect(older.text).toContain("run run-2 left unfinished")
  })
})

describe("a rollback", () => {
  it("returns to the revisions of the last proven-good release and deregisters none", {
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
    expect(back.text).toMatch(/contract migration of release 2 .*release 1/)
  })

  it("is not automatic after a contract migration of the release", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate("health-fails-after-rollout")
    const contract = { ...MIGRATION, phase: "contract" } as const
    const failed = shown(await run(simulator, { environment: { migration: contract } }))
    expect(failed.outcome).toBe("failed")
    expect(failed.text).toContain("no rollback: the contract migration of this release")
    expect(failed.text).toContain("clinic-web:8")
  })
})

describe("notifications", () => {
  it("start with the outcome and contain no secret", { timeout: 60_000 }, async () => {
    const simulator = await simulate("crash-loop")
    const environment = {
      ...WHOLE,
      notifications: [
        { kind: "slack", name: "team" },
        { kind: "pagerduty", name: "duty" },
        { kind: "webhook", name: "audit" },
        { kind: "email", topic: "arn:aws:sns:eu-central-1:111122223333:releases" },
      ],
    } as const satisfies Changes["environment"]
    const notify = {
      team: "https://hooks.example.org/services/canary-slack-path",
      duty: "canary-pagerduty-key",
      audit: "https://hooks.example.org/canary-webhook-path",
    }
    const ran = await run(simulator, { environment }, { notify })
    const { result } = ran
    show(ran)
    expect(result.outcome).toBe("rolled-back")
    const sent = simulator.rehearsal.notifications
    expect(sent).toHaveLength(3)
    for (const { body } of sent)
      expect(body).toMatch(/^.{0,140}(?:rolled-back: staging|"outcome":"rolled-back")/s)
    const kept = JSON.stringify([ran, simulator.rehearsal.journal])
    for (const secret of [...Object.values(notify), "canary-aws-secret-key", "canary-"])
      expect(kept).not.toContain(secret)
  })
})

describe("time", () => {
  it("exceeds that of AWS by less than five seconds", { timeout: 60_000 }, async () => {
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
