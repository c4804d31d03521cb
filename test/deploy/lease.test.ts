import { describe, expect, it } from "vitest"
import type { Clock } from "../../modules/deploy/program/core/clock.ts"
import type { Port } from "../../modules/deploy/program/core/context.ts"
import { EMPTY_BUNDLE } from "../../modules/deploy/program/core/evidence.ts"
import { Interrupted } from "../../modules/deploy/program/core/outcome.ts"
import { runPort } from "../../modules/deploy/program/core/ports.ts"
import { machine } from "./machine.ts"
import { run, show, simulate, WHOLE } from "./rehearsal.ts"
import { DENIED, DOWN, type Passing, THROTTLED, weatherFor } from "./weather.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
  snapshot: { seconds: 4, fails: false },
}
const MINUTE = 60_000

describe("two machines whose clocks differ by 20 minutes", () => {
  it.each([20 * MINUTE, -20 * MINUTE])("never own an environment together (%i ms)", async (skew) => {
    const simulator = await simulate(QUICK)
    const [ann, bob] = [await machine(simulator, "ann", 0), await machine(simulator, "bob", skew)]
    const first = await ann.take()
    let freed = 0
    const works = async () => {
      await ann.clock.sleep(2 * MINUTE)
      freed = simulator.rehearsal.clock.now()
      await first.free()
      await ann.clock.close()
    }
    const waits = async () => {
      const second = await bob.take()
      const at = simulator.rehearsal.clock.now()
      await second.free()
      await bob.clock.close()
      return at
    }
    const [, at] = await Promise.all([works(), waits()])
    expect([freed > 0, at - freed >= 0, at - freed < 10_000, ann.lost]).toEqual([true, true, true, []])
  })

  it.each([
    20 * MINUTE,
    -20 * MINUTE,
  ])("take over from a dead owner after the same time (%i ms)", async (skew) => {
    const simulator = await simulate(QUICK)
    const [ann, bob] = [await machine(simulator, "ann", 0), await machine(simulator, "bob", skew)]
    await ann.take()
    await ann.clock.close()
    const begun = simulator.rehearsal.clock.now()
    await bob.take()
    const took = simulator.rehearsal.clock.now() - begun
    await bob.clock.close()
    expect([took >= 60_000, took <= 90_000]).toEqual([true, true])
  })
})

/** Makes another run take the lease over. */
function takeOver(simulator: Simulator): void {
  const state = simulator.rehearsal.look()
  const objects = state.objects.map((object) => {
    if (!object.key.endsWith("lease.json")) return object
    const content = JSON.parse(object.body.toString())
    const other = {
      ...content,
      owner: "other",
      token: content.token + 1,
      run: { ...content.run, id: "other" },
    }
    return { ...object, body: Buffer.from(JSON.stringify(other)), etag: '"other"' }
  })
  simulator.rehearsal.become({ ...state, objects })
}

/** Returns the changes of ECS and RDS that were made after a moment. */
const changedAfter = (simulator: Simulator, moment: number): readonly string[] =>
  simulator.rehearsal.journal
    .filter(({ at, result, service }) => service !== "s3" && result === "ok" && Date.parse(at) > moment)
    .map(({ operation }) => operation)

const lease = ({ operation }: Passing) => operation.startsWith("PUT ") && operation.endsWith("/lease.json")

describe("a storm that outlasts the lease", () => {
  it.each([
    "UpdateService",
    "RunTask",
    "RegisterTaskDefinition",
    "CreateDBSnapshot",
  ])("sends %s no more once the lease is lost", async (change) => {
    const simulator = await simulate(QUICK)
    let begun = 0
    let taken = 0
    const proxy = await weatherFor(simulator, ({ operation, now }) => {
      if (operation === change && begun === 0) begun = now
      if (begun === 0) return null
      if (taken === 0 && now - begun > 80_000) {
        takeOver(simulator)
        taken = now
      }
      const storm = now - begun < 150_000
      return storm && (operation === change || operation.startsWith("PUT ")) ? THROTTLED : null
    })
    const ran = await run(simulator, { environment: WHOLE }, {}, proxy.url)
    await proxy.close()
    show(ran)
    expect([change, changedAfter(simulator, begun + 75_000)]).toEqual([change, []])
    expect(ran.result.outcome).not.toBe("succeeded")
  })
})

describe("an owner that cannot renew its lease", () => {
  it.each([
    ["refused", DENIED],
    ["unreachable", DOWN],
  ])("stops itself before another may take it: %s", async (_, instead) => {
    const simulator = await simulate(QUICK)
    let rolled = 0
    const proxy = await weatherFor(simulator, (call) => {
      if (call.operation === "UpdateService" && rolled === 0) rolled = call.now
      return rolled > 0 && call.now > rolled + 5_000 && lease(call) ? instead : null
    })
    const environment = { ...WHOLE, bake: { minutes: 30, alarms: ["clinic-5xx"] } }
    const ran = await run(simulator, { environment }, {}, proxy.url)
    await proxy.close()
    show(ran)
    const took = simulator.rehearsal.clock.now() - rolled
    expect([ran.result.outcome, took < 5_000 + 60_000]).toEqual(["still-running", true])
    expect(ran.result.text).toMatch(/the lease could not be renewed .*the rollout of web and worker/s)
    expect(ran.result.text).not.toMatch(/nothing (more )?was changed|changed nothing more|took over/)
  })

  it("stops Terraform, and waits until it has stopped", async () => {
    const simulator = await simulate(QUICK)
    let denied = false
    const proxy = await weatherFor(simulator, (call) => (denied && lease(call) ? DENIED : null))
    const { clock, take } = await machine(proxy, "ann", 0)
    let beat = async () => {}
    const every: Clock["every"] = (_, call) => {
      beat = call
      return () => {}
    }
    const stop = new AbortController()
    const hold = await take({ clock: { ...clock, every }, onLost: () => stop.abort() })
    const seen: string[] = []
    const terraform: Port = ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          seen.push("told to stop")
          setTimeout(() => {
            seen.push("stopped")
            resolve({ exitCode: 1, output: "" })
          }, 50)
        })
      })
    const found = { bundle: EMPTY_BUNDLE, approvers: [] }
    const limit = { name: "terraform", minutes: 60 }
    const ran = runPort({ signal: stop.signal, found }, terraform, limit).catch((error: unknown) => error)
    denied = true
    for (let count = 0; count < 4; count += 1) {
      await clock.sleep(10_000)
      await beat()
    }
    expect(await ran).toBeInstanceOf(Interrupted)
    expect(seen).toEqual(["told to stop", "stopped"])
    expect(() => hold.assertHeld()).toThrow(/could not be renewed for 40 s .*AccessDenied/)
    await clock.close()
    await proxy.close()
  })

  it("names the migration that goes on", async () => {
    const simulator = await simulate({ ...QUICK, runTask: { ...RUNS, seconds: 600 } })
    let began = 0
    const proxy = await weatherFor(simulator, (call) => {
      if (call.operation === "RunTask") began = call.now
      return began > 0 && lease(call) ? DENIED : null
    })
    const ran = await run(simulator, { environment: WHOLE }, {}, proxy.url)
    await proxy.close()
    show(ran)
    expect(ran.result.outcome).toBe("still-running")
    expect(ran.result.text).toMatch(/AWS continues the migration \(task [0-9a-f]+\)/)
    expect(ran.result.text).not.toMatch(/nothing (more )?was changed|changed nothing more/)
  })
})

const RUNS = {
  seconds: 20,
  exitCodes: { "*": 0 },
  placement: "placed" as const,
  hangs: false,
  seen: true,
  log: [],
  exec: null,
}
