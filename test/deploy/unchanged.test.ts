/** A release that changes some services alone: the others are proven as they are. */
import { describe, expect, it } from "vitest"
import { startDeployment } from "../../modules/aws-simulator/program/rollout/start.ts"
import { commit, MIGRATION, requestInput, run, sameWorker, show, simulate } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
}

const WORKER = { name: "worker", container: "worker", image: "worker" }
const services = (worker: object) => [
  { name: "web", container: "web", image: "web" },
  { ...WORKER, ...worker },
]

/** Returns the calls that changed a service or registered a revision, since the account was in a state. */
const changesOf = ({ rehearsal }: Simulator, since = 0): readonly string[] =>
  rehearsal.journal
    .slice(since)
    .filter(({ operation, result }) => /^(Update|Register)/.test(operation) && result === "ok")
    .map(({ operation, parameters }) => `${operation} ${parameters.service ?? parameters.family}`)

const liveIn = ({ rehearsal }: Simulator) =>
  Object.fromEntries(
    rehearsal
      .look()
      .deployments.filter(({ primary }) => primary)
      .map(({ service, taskDefinition }) => [service, taskDefinition.split("/").at(-1)]),
  )

const recordsIn = ({ rehearsal }: Simulator) =>
  JSON.parse(
    String(rehearsal.look().objects.find(({ key }) => key.endsWith("ledger.json"))?.body),
  ).releases.map(({ revisions }: { revisions: Readonly<Record<string, string>> }) =>
    Object.values(revisions).map((arn) => arn.split("/").at(-1)),
  )

/** Somebody deploys another revision. */
function deployByHand({ rehearsal }: Simulator, name: string): void {
  const state = rehearsal.look()
  const service = state.services.find((one) => one.name === name)
  const other = state.taskDefinitions.find(({ family }) => family === `clinic-${name}`)
  if (service === undefined || other === undefined) throw new Error(`no service ${name}`)
  const { desired, configuration } = service
  rehearsal.become(startDeployment(state, service, { taskDefinition: other.arn, desired, configuration }))
}

describe("a service that the release does not change", () => {
  it("is proven as it is: no revision, no deployment; plan, result and ledger name its revision", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator)
    const begun = simulator.rehearsal.journal.length
    const plan = await run(simulator, sameWorker(1, { action: "plan" }))
    expect(plan.result.details.join("\n")).toContain("worker: unchanged, stays clinic-worker:5")
    expect(plan.result.details.join("\n")).toContain("web: clinic-web:8, new revision, rolling")
    const ran = await run(simulator, sameWorker(1))
    show(ran)
    expect(ran.result.outcome).toBe("succeeded")
    expect(ran.result.remarks).toEqual(["worker: unchanged, stays clinic-worker:5"])
    expect(changesOf(simulator, begun)).toEqual(["RegisterTaskDefinition clinic-web", "UpdateService web"])
    expect(recordsIn(simulator).at(-1)).toEqual(["clinic-web:9", "clinic-worker:5"])
    expect(ran.result.proven?.commit).toBe(commit(1))
    await run(simulator, sameWorker(2))
    const back = await run(simulator, { action: "rollback", commit: 2 })
    expect(back.result.outcome).toBe("succeeded")
    expect(liveIn(simulator)).toEqual({ web: "clinic-web:9", worker: "clinic-worker:5" })
    expect(changesOf(simulator, begun)).not.toContain("UpdateService worker")
    expect(back.result.proven?.commit).toBe(commit(1))
  })

  it("is not restarted by a way back, and is of the release that is live", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator)
    const begun = simulator.rehearsal.journal.length
    let smokes = 0
    const smoke = async () => {
      smokes += 1
      return { exitCode: smokes === 1 ? 1 : 0, output: "" }
    }
    const { result } = await run(simulator, sameWorker(1), { ports: { smoke } })
    expect(result.outcome).toBe("rolled-back")
    expect(liveIn(simulator)).toEqual({ web: "clinic-web:8", worker: "clinic-worker:5" })
    expect(changesOf(simulator, begun)).not.toContain("UpdateService worker")
    expect(result.live).toMatchObject({ services: [{ commit: commit(0) }, { commit: commit(0) }] })
  })

  it("has the settings of slipway.yaml all the same", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator)
    const begun = simulator.rehearsal.journal.length
    const strategy = { kind: "rolling", minimumHealthyPercent: 50, maximumPercent: 150 }
    const changes = sameWorker(1, { environment: { services: services({ strategy }) } })
    const { result, printed } = await run(simulator, changes)
    expect(result.outcome).toBe("succeeded")
    expect(printed.join("\n")).toContain("worker: settings updated")
    expect(changesOf(simulator, begun).filter((call) => call === "UpdateService worker")).toHaveLength(1)
    const state = simulator.rehearsal.look()
    expect(state.services.find(({ name }) => name === "worker")?.configuration).toMatchObject({
      minimumHealthyPercent: 50,
    })
    expect(liveIn(simulator).worker).toBe("clinic-worker:5")
  })

  it("is deployed with `rollout: always`, which plan says", async () => {
    const simulator = await simulate(QUICK)
    const environment = { services: services({ rollout: "always" }) }
    await run(simulator, { environment })
    const plan = await run(simulator, sameWorker(1, { environment, action: "plan" }))
    expect(plan.result.details.join("\n")).toContain(
      "worker: clinic-worker:5, new revision, rolling (unchanged, but rollout: always)",
    )
    const { result } = await run(simulator, sameWorker(1, { environment }))
    expect(result.outcome).toBe("succeeded")
    expect(liveIn(simulator)).toEqual({ web: "clinic-web:9", worker: "clinic-worker:6" })
  })

  it("is deployed if its deployment is not complete", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator)
    const state = simulator.rehearsal.look()
    const deployments = state.deployments.map((one) =>
      one.service === "worker" && one.primary ? { ...one, state: "FAILED" as const } : one,
    )
    simulator.rehearsal.become({ ...state, deployments })
    const { result } = await run(simulator, sameWorker(1))
    expect(result.outcome).toBe("succeeded")
    expect(liveIn(simulator)).toEqual({ web: "clinic-web:9", worker: "clinic-worker:6" })
  })

  it("is left alone if somebody changes it meanwhile, also by a rerun", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator)
    const begun = simulator.rehearsal.journal.length
    const stop = new AbortController()
    const print = (line: string) => {
      if (line.includes("worker: unchanged")) stop.abort()
    }
    const first = await run(simulator, sameWorker(1), { signal: stop.signal, print })
    deployByHand(simulator, "worker")
    const { result } = await run(simulator, sameWorker(1))
    expect([first.result.outcome, result.outcome]).toEqual(["still-running", "superseded"])
    expect(first.result.remarks).toEqual(["worker: unchanged, stays clinic-worker:5"])
    expect(result.what).toContain("a newer deployment (clinic-worker:4) replaced this one in worker")
    expect(result.remarks).toEqual([])
    expect(changesOf(simulator, begun)).not.toContain("UpdateService worker")
  })
})

describe("releases that run the same", () => {
  it("are one for a rollback: it takes the last that ran something else", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator)
    await run(simulator, { commit: 1 })
    const same = {
      ...requestInput({ commit: 2 }).release,
      images: requestInput({ commit: 1 }).release.images,
    }
    const again = await run(simulator, { commit: 2, request: { release: same } })
    expect(again.result.remarks).toHaveLength(2)
    const back = await run(simulator, { action: "rollback", commit: 2 })
    expect([back.result.outcome, back.result.what]).toEqual([
      "succeeded",
      expect.stringContaining(commit(0).slice(0, 12)),
    ])
    expect(liveIn(simulator)).toEqual({ web: "clinic-web:8", worker: "clinic-worker:5" })
  })

  it("may be returned to above a contract migration, with what stayed through it", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator)
    const migration = { ...MIGRATION, phase: "contract" as const }
    await run(simulator, sameWorker(1, { environment: { migration } }))
    await run(simulator, { commit: 2 })
    const back = await run(simulator, { action: "rollback", commit: 2 })
    expect(back.result.outcome).toBe("succeeded")
    expect(liveIn(simulator)).toEqual({ web: "clinic-web:9", worker: "clinic-worker:5" })
    const further = await run(simulator, {
      action: "rollback",
      commit: 2,
      request: { run: { id: "further", actor: "ann" } },
    })
    expect(further.result.what).toContain("the contract migration of release 2 removed what release")
  })
})
