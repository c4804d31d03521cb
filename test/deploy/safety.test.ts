import { createServer } from "node:http"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "vitest"
import { signatory } from "../../ci/src/deploy/made-up-people.js"
import {
  type Changes,
  commit,
  leaseToOther,
  requestInput,
  rewrite,
  run,
  show,
  simulate,
  WHOLE,
} from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
  snapshot: { seconds: 4, fails: false },
}

const objectOf = (simulator: Simulator, name: string) => {
  const found = simulator.rehearsal.look().objects.find(({ key }) => key.endsWith(name))
  return found ? JSON.parse(found.body.toString()) : null
}

const changed = (simulator: Simulator): readonly string[] =>
  simulator.rehearsal.journal
    .filter(({ service, result }) => service !== "s3" && service !== "sts" && result === "ok")
    .map(({ operation }) => operation)
    .filter((operation) => /^(Update|Run|Create|Register|Stop)/.test(operation))

/** Makes another run take the lease over, as if this run's machine had paused. */
function takeOver(simulator: Simulator): void {
  const state = simulator.rehearsal.look()
  const objects = state.objects.map((object) => {
    const content = JSON.parse(object.body.toString())
    const other = object.key.endsWith("lease.json")
      ? { ...content, owner: "other", token: content.token + 1, run: { ...content.run, id: "other" } }
      : { ...content, fence: content.fence + 1 }
    return { ...object, body: Buffer.from(JSON.stringify(other)), etag: `"${object.etag.slice(1, -2)}x"` }
  })
  simulator.rehearsal.become({ ...state, objects })
}

describe("the fence", () => {
  it("stops a run that has lost its lease before it changes anything", { timeout: 60_000 }, async () => {
    const simulator = await simulate(QUICK)
    const terraform = async () => {
      takeOver(simulator)
      return { exitCode: 0, output: "" }
    }
    const ran = await run(simulator, { environment: WHOLE }, { ports: { terraform } })
    show(ran)
    expect(ran.result.outcome).toBe("superseded")
    expect(ran.result.text).toContain("another run took over")
    expect(changed(simulator)).toEqual([])
    expect(objectOf(simulator, "lease.json").owner).toBe("other")
  })
})

describe("the caller's steps", () => {
  it("run in order, and refuse unsigned images before anything changes", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate(QUICK)
    const order: string[] = []
    const port = (name: string, exitCode: number, output: string) => async () => {
      order.push(name)
      return { exitCode, output }
    }
    const bad = { verify: port("verify", 1, "no matching signatures"), terraform: port("terraform", 0, "") }
    const refused = await run(simulator, {}, { ports: bad })
    show(refused)
    expect([refused.result.outcome, order]).toEqual(["refused", ["verify"]])
    expect(refused.result.text).toContain("no matching signatures")
    const stale = {
      verify: port("verify", 0, ""),
      terraform: port("terraform", 1, "Error: Saved plan is stale"),
    }
    const failed = await run(simulator, {}, { ports: stale })
    show(failed)
    expect([failed.result.outcome, order]).toEqual(["failed", ["verify", "verify", "terraform"]])
    expect(failed.result.text).toContain("Saved plan is stale")
    expect(changed(simulator)).toEqual([])
    expect(objectOf(simulator, "lease.json").owner).toBeNull()
  })

  it("roll back if the smoke test fails", { timeout: 60_000 }, async () => {
    const simulator = await simulate(QUICK)
    let runs = 0
    const smoke = async () => {
      runs += 1
      return { exitCode: runs === 1 ? 1 : 0, output: "login: expected 200, got 401" }
    }
    const { result } = await run(simulator, {}, { ports: { smoke } })
    expect(result.outcome).toBe("rolled-back")
    expect(result.text).toMatch(/smoke test failed .*1/)
    expect(result.text).toContain("login: expected 200, got 401")
  })
})

describe("production", () => {
  const [bob, cleo, ann] = [signatory(), signatory(), signatory()]
  const person = ({ key }: ReturnType<typeof signatory>) => ({ also: [], keys: [key] })
  const identities = {
    "bob@x.org": person(bob),
    "cleo@x.org": person(cleo),
    "ann@x.org": { ...person(ann), also: ["ann"] },
  }
  const environment = { name: "production", production: true, approvals: { identities } } as const
  const approval = {
    environment: "production",
    commit: commit(0),
    at: "2026-03-01T00:00:00Z",
    images: Object.values(requestInput().release.images ?? {}),
  }
  const verified = { ports: { verify: async () => ({ exitCode: 0, output: "", verdict: "f00d" }) } }
  const approved = (...approvals: readonly ReturnType<typeof bob.approve>[]) => ({
    environment,
    request: { approvals: [...approvals] },
  })

  it("asks again after the lease wait whether approvals still count", { timeout: 60_000 }, async () => {
    const simulator = await simulate(QUICK)
    leaseToOther(simulator, "production")
    const soonTooOld = { ...approval, at: "2026-02-27T09:01:00Z" }
    const ran = await run(simulator, approved(bob.approve(soonTooOld), cleo.approve(soonTooOld)), verified)
    show(ran)
    expect(ran.result.steps.map(({ step, verdict }) => [step, verdict])).toEqual([
      ["gate", "done"],
      ["gate", "ended"],
    ])
    expect(ran.result.text).toContain("expired: 72 h")
    expect(changed(simulator)).toEqual([])
  })

  it("needs two approvals or break-glass, which is printed and recorded", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate(QUICK)
    const named = { at: "2026-03-01T00:00:00Z", commit: commit(0), source: "vendor" as const }
    const believed = await run(
      simulator,
      {
        environment,
        request: {
          approvals: [
            { ...named, by: "bob@x.org" },
            { ...named, by: "cleo@x.org" },
          ],
        },
      },
      verified,
    )
    expect(believed.result.outcome).toBe("refused")
    expect(believed.result.text).toMatch(
      /0 of 2 required approvals.*\ncause +not counted: bob@x.org: a name without/,
    )
    const alone = await run(simulator, approved(bob.approve(approval), ann.approve(approval)), verified)
    show(alone)
    expect(alone.result.outcome).toBe("refused")
    expect(alone.result.text).toContain("ann@x.org (signature): wrote a commit of this release")
    expect(changed(simulator)).toEqual([])
    const two = await run(simulator, approved(bob.approve(approval), cleo.approve(approval)), verified)
    expect(two.result.outcome, two.result.text).toBe("succeeded")
    expect(objectOf(simulator, "ledger/000001.json")).toMatchObject({
      approvals: ["bob@x.org", "cleo@x.org"],
      verdict: "f00d",
      breakGlass: null,
    })
    const again = { ...approved(bob.approve(approval), cleo.approve(approval)) }
    const replayed = await run(
      simulator,
      { ...again, request: { ...again.request, run: { id: "other", actor: "ann" } } },
      verified,
    )
    expect(replayed.result.text).toMatch(/0 of 2 required approvals.*used up by a rollout of this commit/s)
    const breakGlass = { by: "ann", reason: "patients cannot log in" }
    const emergency = await run(simulator, { environment, commit: 1, request: { breakGlass } }, verified)
    show(emergency)
    expect(emergency.result.outcome).toBe("succeeded")
    expect(emergency.printed.join("\n")).toContain("BREAK-GLASS by ann: patients cannot log in")
    expect(emergency.result.audit.join("\n")).toContain('"event":"break-glass"')
    expect(objectOf(simulator, "ledger/000002.json").breakGlass).toBe("ann: patients cannot log in")
  })

  it.each([
    "deploy",
    "migrate",
  ] as const)("refuses to %s without a verifier, even with break-glass", async (action) => {
    const simulator = await simulate(QUICK)
    const breakGlass = { by: "ann", reason: "patients cannot log in" }
    const ran = await run(simulator, {
      action,
      environment: { ...WHOLE, ...environment },
      request: { breakGlass },
    })
    show(ran)
    expect([ran.result.outcome, ran.result.what]).toEqual([
      ...["refused", "no verifier given: production is production, and runs only verified images"],
    ])
    expect(changed(simulator)).toEqual([])
  })
})

describe("the audit log", () => {
  const breakGlass = { by: "ann", reason: "patients cannot log in" }
  const logged = (simulator: Simulator) =>
    simulator.rehearsal.look().objects.filter(({ key }) => key.includes("/audit/"))
  const audit = (simulator: Simulator) => run(simulator, { action: "audit" })

  it("is in the bucket line by line, of refused runs as well, and is verified from there", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate(QUICK)
    const seen: number[] = []
    const verify = async () => {
      seen.push(logged(simulator).length)
      return { exitCode: 1, output: "unsigned" }
    }
    await run(simulator, { request: { breakGlass } }, { ports: { verify } })
    // What happened before the step is there while it runs.
    expect(seen[0]).toBeGreaterThan(2)
    const text = logged(simulator)
      .map(({ body }) => body.toString())
      .join("")
    expect(text).toMatch(/"by":"ann","reason":"patients cannot log in"/)
    expect(text).toMatch(/"outcome":"refused"/)
    await run(simulator)
    const green = await audit(simulator)
    show(green)
    expect([green.result.outcome, green.result.steps.at(-1)?.note]).toEqual([
      "succeeded",
      "2 releases verified",
    ])
    rewrite(simulator, "/audit/", (text) => text.replace("patients cannot log in", "a test run"))
    const red = await audit(simulator)
    show(red)
    expect(red.result.outcome).toBe("failed")
    expect(red.result.what).toMatch(/release 1: .*entry \d+ was changed/)
  })
})

describe("notifications", () => {
  it("come when the lease is free, without secrets", { timeout: 60_000 }, async () => {
    const simulator = await simulate(QUICK)
    const got: { readonly body: string; readonly owner: unknown }[] = []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        got.push({ body: Buffer.concat(chunks).toString(), owner: objectOf(simulator, "lease.json").owner })
        response.end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const address = server.address()
    const notify = { team: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/` }
    const verify = async () => ({ exitCode: 1, output: "error: denied for s3cret-of-the-registry" })
    await run(
      simulator,
      { environment: { notifications: [{ kind: "webhook", name: "team" }] } },
      { notify, ports: { verify }, secrets: ["s3cret-of-the-registry"] },
    )
    server.close()
    expect(got).toHaveLength(1)
    expect(got[0]?.owner).toBeNull()
    expect(got[0]?.body).toContain("denied for ***")
  })

  it("page nobody for a run that someone stopped", { timeout: 60_000 }, async () => {
    const simulator = await simulate(QUICK)
    const stop = new AbortController()
    const verify = async () => {
      stop.abort()
      return { exitCode: 0, output: "" }
    }
    const notifications = [
      { kind: "pagerduty", name: "page" } as const,
      { kind: "webhook", name: "all" } as const,
    ]
    const ran = await run(
      simulator,
      { environment: { notifications } },
      {
        notify: { page: "key-of-pagerduty", all: "https://hooks.example.org/all" },
        ports: { verify },
        signal: stop.signal,
      },
    )
    show(ran)
    expect(ran.result.what).toContain("the run was stopped")
    expect(simulator.rehearsal.notifications.map(({ body }) => body.includes("routing_key"))).toEqual([false])
  })
})

describe("actions that change nothing", () => {
  it("plan: shows changes, missing requirements and refusals", {
    timeout: 60_000,
  }, async () => {
    const simulator = await simulate(QUICK, { roles: [] })
    const environment = { ...WHOLE, production: true, featureFlags: { NEW_CALENDAR: "on" } }
    const planned = await run(simulator, { action: "plan", environment })
    show(planned)
    expect(planned.result.outcome).toBe("succeeded")
    expect(planned.result.details.join("\n")).toContain("+ NEW_CALENDAR=on")
    expect(planned.result.details.join("\n")).toContain("missing: role")
    expect(planned.result.details.join("\n")).toContain("a deployment would be refused now")
    expect(simulator.rehearsal.journal).toEqual([])
  })

  it("status and health: show what is live and whether it is healthy", { timeout: 60_000 }, async () => {
    const simulator = await simulate({ ...QUICK })
    await run(simulator, { commit: 1 })
    const status = await run(simulator, { action: "status" })
    show(status)
    expect(status.result.details.join("\n")).toContain("1  bbbbbbbbbbbb  deploy succeeded, proven good")
    const health = await run(simulator, { action: "health" })
    expect(health.result.outcome).toBe("succeeded")
    const migrate = await run(simulator, { action: "migrate", commit: 1, environment: WHOLE })
    show(migrate)
    expect(migrate.result.what).toContain("the migration of bbbbbbbbbbbb is applied")
  })
})

describe("a hundred deployments", () => {
  const environment: Changes["environment"] = {
    services: [{ name: "web", container: "web", image: "web" }],
    checks: [],
  }

  it("leave no lease and no memory behind", { timeout: 400_000 }, async () => {
    setFlagsFromString("--expose-gc")
    const collect: () => void = runInNewContext("gc")
    const simulator = await simulate({ seconds: { ...QUICK.seconds, healthy: 1, drain: 0 } })
    const heap: number[] = []
    for (let index = 0; index < 100; index += 1) {
      const request = { run: { id: `run-${index}`, actor: "ann" } }
      const { result } = await run(simulator, {
        commit: index % 5,
        environment,
        request: { ...request, ...forward(index) },
      })
      expect([index, result.outcome]).toEqual([index, "succeeded"])
      expect(objectOf(simulator, "lease.json").owner).toBeNull()
      // The simulator's own memory must not count.
      simulator.rehearsal.journal.length = 0
      if (index % 20 === 19) {
        collect()
        heap.push(process.memoryUsage().heapUsed / 2 ** 20)
      }
    }
    expect(objectOf(simulator, "ledger.json").releases.length).toBeLessThanOrEqual(51)
    expect((heap.at(-1) ?? 0) - (heap[0] ?? 0)).toBeLessThan(25)
  })
})

/** Each commit contains the previous one, in a cycle. */
const forward = (index: number) => ({
  release: {
    commit: commit(index % 5),
    ancestors: [commit((index + 4) % 5)],
    authors: ["ann"],
    images: {
      web: `111122223333.dkr.ecr.eu-central-1.amazonaws.com/clinic/web@sha256:${String(index % 5).repeat(64)}`,
    },
  },
})
