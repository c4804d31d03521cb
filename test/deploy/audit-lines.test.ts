import { describe, expect, it } from "vitest"
import { signatory } from "../../ci/src/deploy/made-up-people.js"
import { commit, requestInput, run, show, simulate, WHOLE } from "./rehearsal.ts"
import { DENIED, DOWN, type Instead, type Passing, weatherFor } from "./weather.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
  snapshot: { seconds: 4, fails: false },
}
const BAKES = { ...WHOLE, bake: { minutes: 0.2, alarms: ["clinic-5xx"] } }

const people = [signatory(), signatory()]
const approval = {
  environment: "production",
  commit: commit(0),
  at: "2026-03-01T00:00:00Z",
  images: Object.values(requestInput().release.images ?? {}),
}
const identities = Object.fromEntries(
  people.map(({ key }, index) => [`person-${index}@x.org`, { also: [], keys: [key] }]),
)
const PRODUCTION = {
  environment: { ...BAKES, name: "production", production: true, approvals: { identities } },
  request: { approvals: people.map(({ approve }) => approve(approval)) },
}
const verified = { ports: { verify: async () => ({ exitCode: 0, output: "", verdict: "f00d" }) } }

/** Refuses lines of the audit log once a call was made. */
async function unwritable(simulator: Simulator, from: string | null, instead: Instead = DENIED) {
  let begun = from === null
  return weatherFor(simulator, ({ operation }: Passing) => {
    if (operation === from) begun = true
    return begun && operation.startsWith("PUT ") && operation.includes("/audit/") ? instead : null
  })
}

const changed = (simulator: Simulator): readonly string[] =>
  simulator.rehearsal.journal
    .filter(({ service, result }) => (service === "ecs" || service === "rds") && result === "ok")
    .map(({ operation }) => operation)

describe("an audit line that cannot be written", () => {
  it.each([
    ["refused", DENIED],
    ["unreachable", DOWN],
  ])("keeps a production deployment from its start: %s", async (_, instead) => {
    const simulator = await simulate(QUICK)
    const proxy = await unwritable(simulator, null, instead)
    const ran = await run(simulator, PRODUCTION, verified, proxy.url)
    await proxy.close()
    show(ran)
    expect([ran.result.outcome, changed(simulator)]).toEqual(["refused", []])
    expect(ran.result.what).toMatch(/production .* audit line/)
  })

  it.each([
    ["GetCallerIdentity", []],
    ["CreateDBSnapshot", ["CreateDBSnapshot"]],
    ["RunTask", ["CreateDBSnapshot", "RegisterTaskDefinition", "RunTask"]],
  ])("lets no further change through after %s", async (from, before) => {
    const simulator = await simulate(QUICK)
    const proxy = await unwritable(simulator, from)
    const ran = await run(simulator, PRODUCTION, verified, proxy.url)
    await proxy.close()
    show(ran)
    expect(changed(simulator)).toEqual(before)
    expect(ran.result.outcome).toMatch(/refused|failed/)
    expect(ran.result.text).toMatch(/audit line .*cannot be written/)
  })

  it("never keeps a bad release live: the way back goes on", async () => {
    const simulator = await simulate({ ...QUICK, failure: CRASH })
    const proxy = await unwritable(simulator, "UpdateService")
    const environment = { ...PRODUCTION.environment, services: [SERVICE] }
    const ran = await run(simulator, { ...PRODUCTION, environment }, verified, proxy.url)
    await proxy.close()
    show(ran)
    expect(ran.result.outcome).toBe("rolled-back")
    expect(ran.result.text).toContain("the audit log is not complete")
  })

  it.each([
    ["refused", DENIED, /not complete.*AccessDenied/],
    ["unreachable", DOWN, /not complete.*ServiceUnavailable/],
  ])("is told at once elsewhere, and waited for once: %s", async (_, instead, says) => {
    const simulator = await simulate(QUICK)
    const proxy = await unwritable(simulator, null, instead)
    const ran = await run(simulator, { environment: BAKES }, {}, proxy.url)
    await proxy.close()
    show(ran)
    expect(ran.result.outcome).toBe("succeeded")
    expect(ran.printed.filter((line) => line.startsWith("! the audit log is not written"))).toHaveLength(1)
    expect(ran.result.text).toMatch(says)
    expect(ran.result.milliseconds).toBeLessThan(15 * 60_000)
  })
})

describe("each change", () => {
  it("has its line in the bucket before it is made", async () => {
    const simulator = await simulate(QUICK)
    const ran = await run(simulator, PRODUCTION, verified)
    expect(ran.result.outcome).toBe("succeeded")
    const lines: string[] = []
    const without: string[] = []
    for (const { service, operation, parameters } of simulator.rehearsal.journal) {
      const { key = "", body = "" } = Object(parameters)
      if (service === "s3") lines.push(String(key).includes("/audit/") ? String(body) : "")
      else if (service !== "sns" && !lines.join("").includes(`"operation":"${operation}"`))
        without.push(operation)
    }
    expect([without, changed(simulator).length > 5]).toEqual([[], true])
    expect(lines.join("")).toMatch(/"operation":"UpdateService","service":"web"/)
  })
})

const SERVICE = { name: "web", container: "web", image: "web" }
const CRASH = { how: "crash" as const, after: 1, exitCode: 1, services: null, deployments: 1, log: [] }
