/** Other people's orders of events. */
import { describe, expect, it } from "vitest"
import type { PortOptions } from "../../modules/deploy/program/core/context.ts"
import { type Changes, commit, MIGRATION, run, show, simulate } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
  snapshot: { seconds: 4, fails: false },
}
const CONTRACT = { ...MIGRATION, phase: "contract" } as const
const UNCHECKED = { checks: [] } satisfies Changes["environment"]

const asked = (simulator: Simulator, operation: string) =>
  simulator.rehearsal.journal.filter((entry) => entry.operation === operation && entry.result === "ok")

const ledgerOf = (simulator: Simulator) => {
  const found = simulator.rehearsal.look().objects.find(({ key }) => key.endsWith("/ledger.json"))
  return JSON.parse(found?.body.toString() ?? "{}")
}

const id = (run: string, attempt = 1) => ({ run: { id: run, actor: "ann", attempt } })

const live = async (simulator: Simulator): Promise<string> => {
  const { result } = await run(simulator, { action: "status" })
  return "services" in result.live
    ? result.live.services.map(({ revision }) => revision?.split("/").at(-1)).join(",")
    : "unknown"
}

/** Stops a run at the first line of progress that matches. */
async function stopAt(simulator: Simulator, pattern: RegExp, changes: Changes) {
  const stop = new AbortController()
  const print = (line: string) => {
    if (pattern.test(line)) stop.abort()
  }
  return run(simulator, changes, { signal: stop.signal, print })
}

describe("the same run again", () => {
  it("answers that a rollback is already done, and never goes forward", { timeout: 60_000 }, async () => {
    const simulator = await simulate(QUICK)
    await run(simulator, { commit: 0 })
    await run(simulator, { commit: 1 })
    const request = id("back")
    const first = await run(simulator, { action: "rollback", commit: 1, request })
    const there = await live(simulator)
    for (const again of [request, id("back", 2)]) {
      const { result } = await run(simulator, { action: "rollback", commit: 1, request: again })
      expect([result.outcome, result.what]).toEqual([
        "succeeded",
        expect.stringMatching(/^already done: aaaaaaaaaaaa is live again/),
      ])
    }
    const other = await run(simulator, { action: "rollback", commit: 1, request: id("another") })
    expect(other.result.text).toContain("the release before Slipway")
    expect([first.result.outcome, there]).toEqual(["succeeded", "clinic-web:8,clinic-worker:5"])
    const forward = await run(simulator, { action: "rollback", request: { ...id("named"), to: 2 } })
    expect(forward.result.what).toContain("bbbbbbbbbbbb is live again")
  })

  it("does not deploy a release again that was rolled back from", { timeout: 60_000 }, async () => {
    const simulator = await simulate(QUICK)
    await run(simulator, { commit: 0 })
    await run(simulator, { commit: 1 })
    await run(simulator, { action: "rollback", commit: 1, request: id("back") })
    const again = await run(simulator, { commit: 1 })
    show(again)
    expect([again.result.outcome, again.result.what]).toEqual([
      "refused",
      expect.stringContaining("has replaced it since"),
    ])
    const chosen = await run(simulator, { commit: 1, request: id("a new run") })
    expect(chosen.result.outcome).toBe("succeeded")
  })

  it("reports a release that was rolled back, and tries again with a new attempt", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate("crash-loop")
    await run(simulator)
    const started = asked(simulator, "UpdateService").length
    const again = await run(simulator)
    expect([again.result.outcome, again.result.what]).toEqual([
      "rolled-back",
      expect.stringContaining("already done"),
    ])
    expect(asked(simulator, "UpdateService").length).toBe(started)
    await run(simulator, { request: id("run-0", 2) })
    expect(asked(simulator, "UpdateService").length).toBeGreaterThan(started)
  })
})

describe("the same command on a laptop, whose ID is the commit's", () => {
  let typed = 0
  const by = (request: Changes["request"] = {}) => ({
    ...request,
    run: { id: "local-b", unique: false, actor: "ann", attempt: ++typed },
  })

  it("is the same run until something else ends", { timeout: 120_000 }, async () => {
    const simulator = await simulate(QUICK)
    await run(simulator, { commit: 0 })
    const does = async (action: "deploy" | "rollback") =>
      (await run(simulator, { action, commit: 1, request: by() })).result.what
    expect(await does("deploy")).toBe("bbbbbbbbbbbb is live and proven good")
    expect(await does("deploy")).toMatch(/already live and proven good/)
    expect(await does("rollback")).toBe("aaaaaaaaaaaa is live again and proven good")
    expect(await does("rollback")).toMatch(/^already done/)
    expect(await does("deploy")).toBe("bbbbbbbbbbbb is live and proven good")
    expect(await does("rollback")).toBe("aaaaaaaaaaaa is live again and proven good")
    await run(simulator, { commit: 2 })
    expect(await does("rollback")).toBe("aaaaaaaaaaaa is live again and proven good")
  })

  it("proves a release that no task proved, once its services run", { timeout: 120_000 }, async () => {
    const simulator = await simulate(QUICK)
    await run(simulator, { commit: 0 })
    const scaled = (desired: number) => {
      const state = simulator.rehearsal.look()
      const services = state.services.map((one) => (one.name === "worker" ? { ...one, desired } : one))
      simulator.rehearsal.become({ ...state, services })
    }
    scaled(0)
    const deployed = async () => (await run(simulator, { commit: 1, request: by() })).result.what
    expect(await deployed()).toMatch(/not proven good: worker runs no task/)
    scaled(2)
    expect(await deployed()).toBe("bbbbbbbbbbbb is live and proven good")
  })
})

describe("a request that differs from the release in flight", () => {
  const halfway = (simulator: Simulator, changes: Changes) => stopAt(simulator, /web: 0 of 2 run/, changes)

  it.each<[string, Changes]>([
    [
      "images.web, images.worker and images.migrate",
      { request: { release: { ...release(1), images: imagesOf("c") } } },
    ],
    ["environment.featureFlags", { environment: { featureFlags: { NEW: "on" } } }],
    ["environment.checks", { environment: { checks: [] } }],
  ])(
    "closes it, and names what differs: %s",
    async (name, changes) => {
      const simulator = await simulate(QUICK)
      await run(simulator, { commit: 0 })
      await halfway(simulator, { commit: 1 })
      const { result, printed } = await run(simulator, { commit: 1, ...changes })
      expect([result.outcome, result.release]).toEqual(["succeeded", 3])
      expect(printed.join("\n")).toContain(
        `closes release 2, which run run-1 left unfinished (differs in ${name})`,
      )
    },
    60_000,
  )

  it("closes a rollback to another release", { timeout: 60_000 }, async () => {
    const simulator = await simulate(QUICK)
    for (const index of [0, 1, 2]) await run(simulator, { commit: index })
    const died = await stopAt(simulator, /web: 0 of 2 run|back to clinic-web/, {
      action: "rollback",
      commit: 2,
      request: { ...id("first"), to: 2 },
    })
    expect(died.result.outcome).toBe("still-running")
    const other = await run(simulator, { action: "rollback", commit: 2, request: { ...id("second"), to: 1 } })
    show(other)
    expect(other.result.what).toContain("aaaaaaaaaaaa is live again")
    expect(other.printed.join("\n")).toMatch(/closes release 4.*differs in to/)
  })
})

const imagesOf = (letter: string) =>
  Object.fromEntries(
    ["web", "worker", "migrate"].map((name) => [
      name,
      `111122223333.dkr.ecr.eu-central-1.amazonaws.com/clinic/${name}@sha256:${letter.repeat(64)}`,
    ]),
  )

function release(index: number) {
  return { commit: commit(index), ancestors: [commit(0)], authors: ["ann"], images: imagesOf("b") }
}

describe("the floor", () => {
  const configurations = (simulator: Simulator) =>
    asked(simulator, "UpdateService")
      .filter(({ parameters }) => "taskDefinition" in Object(parameters))
      .map(({ parameters }) => Object(parameters).deploymentConfiguration)

  it("forbids ECS to return below a contract migration of an earlier release", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate("migration-fails")
    const first = await run(simulator, { commit: 0, environment: { ...UNCHECKED, migration: CONTRACT } })
    expect(first.result.outcome).toBe("failed")
    const state = simulator.rehearsal.look()
    simulator.rehearsal.become({ ...state, scenario: { ...state.scenario, failure: CRASH } })
    const { result } = await run(simulator, { commit: 1, environment: UNCHECKED })
    show({ result, printed: [], logged: [] })
    for (const one of configurations(simulator))
      expect(one.deploymentCircuitBreaker).toEqual({ enable: true, rollback: false })
    expect(result.what).toContain("was not rolled back")
    expect(await live(simulator)).toBe("clinic-web:8,clinic-worker:5")
  })

  it("makes a pause that times out continue, and refuses the answer rollback", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate(QUICK)
    const environment = {
      ...UNCHECKED,
      migration: CONTRACT,
      services: [
        {
          name: "web",
          container: "web",
          image: "web",
          strategy: { kind: "blue-green" },
          pause: { before: "production-traffic" },
        },
        { name: "worker", container: "worker", image: "worker" },
      ],
    } as const satisfies Changes["environment"]
    await run(simulator, { environment })
    const [web] = configurations(simulator)
    expect(web.lifecycleHooks[0].timeoutConfiguration.action).toBe("CONTINUE")
    const back = await run(simulator, { environment, request: { answer: "rollback" } })
    expect([back.result.exitCode, back.result.what]).toEqual([
      46,
      expect.stringContaining("cannot be answered with rollback"),
    ])
    expect(await live(simulator)).toContain("clinic-web:8")
    const on = await run(simulator, { environment, request: { answer: "continue" } })
    expect(on.result.outcome).toBe("succeeded")
  })

  it("names services that someone rolled back below it", { timeout: 60_000 }, async () => {
    const simulator = await simulate({
      ...QUICK,
      events: [
        { on: "rollout", after: 2, service: "web", does: { kind: "stop-deployment", stopType: "ROLLBACK" } },
      ],
    })
    const { result } = await run(simulator, { environment: { ...UNCHECKED, migration: CONTRACT } })
    show({ result, printed: [], logged: [] })
    expect(await live(simulator)).toContain("clinic-web:7")
    expect(result.what).not.toContain("was not rolled back")
    expect([result.outcome, result.what]).toEqual([
      "rollback-failed",
      expect.stringContaining("rolled back all the same (web to clinic-web:7)"),
    ])
  })
})

describe("a revision that somebody deregistered", () => {
  const deregister = ({ rehearsal }: Simulator, name: string) => {
    const state = rehearsal.look()
    const taskDefinitions = state.taskDefinitions.map((one) =>
      one.arn.endsWith(`/${name}`) ? { ...one, inactive: true as const } : one,
    )
    rehearsal.become({ ...state, taskDefinitions })
  }

  it("sends no service back, and says why: asked for, or on the way back", { timeout: 120_000 }, async () => {
    const simulator = await simulate(QUICK)
    await run(simulator, { commit: 0 })
    await run(simulator, { commit: 1 })
    deregister(simulator, "clinic-worker:5")
    const started = asked(simulator, "UpdateService").length
    const { result } = await run(simulator, { action: "rollback", commit: 1, request: id("back") })
    expect([result.outcome, result.what]).toEqual([
      "refused",
      "cannot roll back: ECS cannot start clinic-worker:5 of worker (deregistered)",
    ])
    expect([asked(simulator, "UpdateService").length, await live(simulator)]).toEqual([
      started,
      "clinic-web:9,clinic-worker:6",
    ])
    deregister(simulator, "clinic-web:9")
    const checks = [
      { url: "https://clinic.example.org/health", attempts: 1, intervalSeconds: 1, contains: "never" },
    ]
    const bad = await run(simulator, { commit: 2, environment: { checks } })
    expect([bad.result.outcome, bad.result.what]).toEqual([
      "rollback-failed",
      expect.stringContaining(
        "ECS cannot start clinic-web:9 of web (deregistered); no service was sent back",
      ),
    ])
    const good = await run(simulator, { commit: 3 })
    expect(good.result.outcome, good.result.text).toBe("succeeded")
  })
})

describe("a contract migration", () => {
  it("waits for deployments that another run left, because ECS may still return them", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate("crash-loop")
    await stopAt(simulator, /web: 0 of 2 run/, { commit: 0, environment: UNCHECKED })
    const { result, printed } = await run(simulator, {
      commit: 1,
      environment: { ...UNCHECKED, migration: CONTRACT },
    })
    show({ result, printed, logged: [] })
    const [migrated] = asked(simulator, "RunTask").map(({ at }) => Date.parse(at))
    const returned = simulator.rehearsal
      .look()
      .serviceDeployments.filter(({ status }) => status === "ROLLBACK_SUCCESSFUL")
    expect(printed.join("\n")).toMatch(/waiting for the deployment of web/)
    expect(returned.length).toBeGreaterThan(0)
    expect(returned.every(({ finishedAt }) => finishedAt !== null && finishedAt < (migrated ?? 0))).toBe(true)
  })
})

const CRASH = { how: "crash", after: 1, exitCode: 1, services: null, deployments: null, log: [] } as const

describe("a run that must stop", () => {
  it("waits until Terraform has stopped before it reports", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate(QUICK)
    let stopped = false
    const stop = new AbortController()
    const terraform = async ({ signal }: PortOptions) => {
      setTimeout(() => stop.abort(), 50)
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))
      await new Promise((resolve) => setTimeout(resolve, 300))
      stopped = true
      return { exitCode: 130, output: "interrupted" }
    }
    const { result } = await run(simulator, {}, { ports: { terraform }, signal: stop.signal })
    expect([stopped, asked(simulator, "UpdateService").length]).toEqual([true, 0])
    expect(result.outcome).toBe("failed")
    expect(result.what).toContain("Terraform may have applied a part of the plan")
  })

  it("tells a rerun that an earlier run started the plan", { timeout: 60_000 }, async () => {
    const simulator = await simulate(QUICK)
    const stop = new AbortController()
    const again: boolean[] = []
    const cut = async (options: PortOptions) => {
      again.push(options.again)
      stop.abort()
      return { exitCode: 130, output: "interrupted" }
    }
    await run(simulator, {}, { ports: { terraform: cut }, signal: stop.signal })
    const stale = async (options: PortOptions) => {
      again.push(options.again)
      return { exitCode: 60, output: "Error: Saved plan is stale" }
    }
    const second = await run(simulator, {}, { ports: { terraform: stale } })
    expect(second.result.todo.join()).toContain("an earlier run of this release started this plan")
    const third = await run(simulator)
    expect([again, third.result.outcome, third.result.release]).toEqual([[false, true], "succeeded", 1])
  })

  it.each([
    [
      "tells a request that closes a release of the same commit",
      { environment: { featureFlags: { NEW: "on" } } },
      true,
    ],
    ["does not tell a request of another commit, whose plan is another", { commit: 1 }, false],
  ])("%s", { timeout: 60_000 }, async (_what, change, expected) => {
    const simulator = await simulate(QUICK)
    const stop = new AbortController()
    const again: boolean[] = []
    const cut = async () => {
      stop.abort()
      return { exitCode: 130, output: "interrupted" }
    }
    const applied = async (options: PortOptions) => {
      again.push(options.again)
      return { exitCode: 0, output: "" }
    }
    await run(simulator, {}, { ports: { terraform: cut }, signal: stop.signal })
    const { result } = await run(simulator, change, { ports: { terraform: applied } })
    expect([again, result.outcome, result.release]).toEqual([[expected], "succeeded", 2])
  })
})

describe("a migration that may still run", () => {
  const hangs = { ...MIGRATION, timeoutMinutes: 1 }
  const atOnce = (simulator: Simulator) => {
    const tasks = simulator.rehearsal.look().tasks.filter(({ service }) => service === null)
    return tasks.filter(({ wanted }) => wanted === "RUNNING").length
  }

  it("is waited for, and refuses the next one while it runs", { timeout: 60_000 }, async () => {
    const simulator = await simulate("migration-hangs")
    const first = await run(simulator, { commit: 0, environment: { migration: hangs } })
    expect(first.result.outcome).toBe("still-running")
    const next = await run(simulator, { commit: 1, environment: { migration: hangs } })
    show(next)
    expect([next.result.outcome, next.result.what]).toEqual([
      "refused",
      expect.stringContaining("the migration of release 1 may still run"),
    ])
    expect([asked(simulator, "RunTask").length, atOnce(simulator)]).toEqual([1, 1])
    const later = await run(simulator, { commit: 2, environment: { migration: hangs } })
    expect([later.result.outcome, asked(simulator, "RunTask").length]).toEqual(["refused", 1])
  })

  it("was not applied if ECS refused it for good", { timeout: 60_000 }, async () => {
    const simulator = await simulate({ ...QUICK, denied: ["ecs:RunTask"] })
    const failed = await run(simulator, { environment: { migration: CONTRACT } })
    show(failed)
    expect([failed.result.outcome, failed.result.what]).toEqual([
      "failed",
      expect.stringContaining("ECS refused the migration's task"),
    ])
    expect([ledgerOf(simulator).floor, ledgerOf(simulator).running]).toEqual([0, null])
  })
})
