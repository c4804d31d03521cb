/** Somebody tidies up, scales or deploys beside a release: revisions and services go away, or are of another environment. */
import { ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs"
import { describe, expect, it } from "vitest"
import { type Changes, MIGRATION, rewrite, run, simulate } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
}
const UNCHECKED = { checks: [] } satisfies Changes["environment"]
const id = (run: string, attempt = 1) => ({ run: { id: run, actor: "ann", attempt } })

const live = ({ rehearsal }: Simulator) =>
  rehearsal.look().services.map(({ taskDefinition }) => taskDefinition.split("/").at(-1))

/** The first releases of an environment. */
async function released(count: number): Promise<Simulator> {
  const simulator = await simulate(QUICK)
  for (let commit = 0; commit < count; commit += 1) {
    const { result } = await run(simulator, { commit })
    expect(result.outcome, result.text).toBe("succeeded")
  }
  return simulator
}

/** Does something once, at the first line of progress that matches. */
function at(pattern: RegExp, act: () => void) {
  let done = false
  return {
    print: (line: string) => {
      if (done || !pattern.test(line)) return
      done = true
      act()
    },
  }
}

function deregister({ rehearsal }: Simulator, name: string): void {
  const state = rehearsal.look()
  const taskDefinitions = state.taskDefinitions.map((one) =>
    one.arn.endsWith(`/${name}`) ? { ...one, inactive: true as const } : one,
  )
  rehearsal.become({ ...state, taskDefinitions })
}

function deleteService({ rehearsal }: Simulator, name: string): void {
  const state = rehearsal.look()
  const isOther = ({ service }: { readonly service: string | null }) => service !== name
  rehearsal.become({
    ...state,
    services: state.services.filter((one) => one.name !== name),
    deployments: state.deployments.filter(isOther),
    serviceDeployments: state.serviceDeployments.filter(isOther),
    tasks: state.tasks.filter(isOther),
  })
}

describe("a revision that was registered, and deregistered before its use,", { timeout: 60_000 }, () => {
  it("is registered anew by the rerun", async () => {
    const simulator = await released(1)
    const deregisters = at(/ revisions /, () => deregister(simulator, "clinic-web:9"))
    const { result } = await run(simulator, { commit: 1 }, deregisters)
    expect([result.outcome, result.what]).toEqual([
      "failed",
      "ECS rejected the update of web: somebody deregistered the revision; no service was changed",
    ])
    const again = await run(simulator, { commit: 1 })
    expect([again.result.outcome, live(simulator)]).toEqual([
      "succeeded",
      ["clinic-web:10", "clinic-worker:6"],
    ])
  })

  it("is registered anew for a migration that has not run", async () => {
    const simulator = await simulate({ ...QUICK, denied: ["ecs:RunTask"] })
    const environment = { ...UNCHECKED, migration: MIGRATION }
    const denied = await run(simulator, { environment })
    expect(denied.result.what).toContain("the migration did not run")
    const state = simulator.rehearsal.look()
    simulator.rehearsal.become({ ...state, scenario: { ...state.scenario, denied: [] } })
    deregister(simulator, "clinic-migrate:2")
    const { result } = await run(simulator, { environment })
    expect(result.outcome, result.text).toBe("succeeded")
  })
})

describe("a service that somebody deletes", { timeout: 60_000 }, () => {
  it.each(["web", "worker"])("during a release, %s, keeps no other from going back", async (name) => {
    const simulator = await released(1)
    const { result } = await run(
      simulator,
      { commit: 1, environment: UNCHECKED },
      at(/worker: 0 of 2 run/, () => deleteService(simulator, name)),
    )
    expect([result.outcome, result.what, live(simulator)]).toEqual([
      "rollback-failed",
      expect.stringContaining(`${name} cannot be sent back: the service is missing`),
      name === "web" ? ["clinic-worker:5"] : ["clinic-web:8"],
    ])
    expect(result.text).toMatch(new RegExp(`${name} +ECS has no such service`))
  })

  it("before a rollback: no service is sent back", async () => {
    const simulator = await released(2)
    deleteService(simulator, "worker")
    const back = { action: "rollback", commit: 1, request: id("back") } as const
    const { result } = await run(simulator, back)
    expect([result.outcome, result.what, live(simulator)]).toEqual([
      ...["refused", "cannot roll back: worker: the service is missing"],
      ["clinic-web:9"],
    ])
  })
})

it("a service that somebody lets run no task is named as the cause", { timeout: 60_000 }, async () => {
  const simulator = await released(1)
  const stops = at(/web: 0 of 2 run/, () => {
    const state = simulator.rehearsal.look()
    const services = state.services.map((one) => (one.name === "web" ? { ...one, desired: 0 } : one))
    simulator.rehearsal.become({ ...state, services })
  })
  const { result } = await run(simulator, { commit: 1 }, stops)
  expect([result.outcome, result.cause]).toEqual([
    "rollback-failed",
    "a service runs no task: its desired count is 0",
  ])
})

it("a service that somebody takes back in the bake time is not told as ECS's rollback", async () => {
  const simulator = await released(1)
  const ecs = new ECSClient({
    region: "eu-central-1",
    endpoint: simulator.url,
    credentials: { accessKeyId: "AKIAPERSON", secretAccessKey: "unused" },
  })
  const update = { cluster: "clinic", service: "web", taskDefinition: "clinic-web:8" }
  const takesBack = at(/ health /, () => void ecs.send(new UpdateServiceCommand(update)))
  const environment = { bake: { minutes: 3 } }
  const { result } = await run(simulator, { commit: 1, environment }, takesBack)
  expect([result.outcome, result.what, live(simulator)]).toEqual([
    "rolled-back",
    expect.stringContaining("somebody took web back to clinic-web:8, not with Slipway"),
    ["clinic-web:8", "clinic-worker:5"],
  ])
})

describe("two environments that deploy the same services", { timeout: 60_000 }, () => {
  const stage = { name: "stage" }

  it("are told at the first release of the second, and then refused", async () => {
    const simulator = await released(1)
    const renamed = await run(simulator, { commit: 1, environment: stage })
    expect([renamed.result.outcome, renamed.result.remarks.join()]).toEqual([
      "succeeded",
      "web runs clinic-web:8 of release 1 of environment staging and worker runs clinic-worker:5 of release 1 of environment staging",
    ])
    for (const action of ["deploy", "rollback"] as const) {
      const { result } = await run(simulator, { action, commit: 2, request: id(action) })
      expect([result.outcome, result.what]).toEqual([
        "refused",
        expect.stringMatching(
          /^web runs clinic-web:9 of release 1 of environment stage .*deploy the same services$/,
        ),
      ])
    }
    const status = await run(simulator, { action: "status", commit: 0 })
    expect(status.result.text).toContain(
      "also         web runs clinic-web:9 of release 1 of environment stage",
    )
    const goesOn = await run(simulator, { commit: 2, environment: stage, request: id("stage") })
    expect([goesOn.result.outcome, live(simulator)]).toEqual([
      "succeeded",
      ["clinic-web:10", "clinic-worker:7"],
    ])
  })

  it("are not those of two clusters that share families of task definitions: that is told", async () => {
    const simulator = await released(1)
    await run(simulator, { commit: 1, environment: stage })
    rewrite(simulator, "stage/ledger.json", (text) =>
      text.replace('"cluster":"clinic"', '"cluster":"portal"'),
    )
    const { result } = await run(simulator, { commit: 2 })
    expect([result.outcome, result.remarks.join()]).toEqual([
      "succeeded",
      expect.stringContaining("web runs clinic-web:9 of release 1 of environment stage"),
    ])
  })
})
