/** Orders of events that ECS, people at a console, other pipelines and other stores bring. */
import {
  ECSClient,
  ListServiceDeploymentsCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs"
import { describe, expect, it } from "vitest"
import { SUCCESS } from "../../modules/aws-simulator/program/scenario.ts"
import { proxyOf } from "./proxy.ts"
import { type Changes, MIGRATION, run, simulate, simulateFrom } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
  snapshot: { seconds: 4, fails: false },
}
const HANGS = { ...SUCCESS.runTask, hangs: true }
const CRASH = { how: "crash", after: 1, exitCode: 1, services: null, deployments: null, log: [] } as const
const CONTRACT = { ...MIGRATION, phase: "contract" } as const
const UNCHECKED = { checks: [] } satisfies Changes["environment"]
const id = (run: string, attempt = 1) => ({ run: { id: run, actor: "ann", attempt } })

const live = ({ rehearsal }: Simulator) =>
  rehearsal.look().services.map(({ taskDefinition }) => taskDefinition.split("/").at(-1))

const updates = ({ rehearsal }: Simulator) =>
  rehearsal.journal.filter(({ operation, result }) => operation === "UpdateService" && result === "ok").length

const ledgerOf = ({ rehearsal }: Simulator) => {
  const found = rehearsal.look().objects.find(({ key }) => key.endsWith("/ledger.json"))
  return JSON.parse(found?.body.toString() ?? "{}")
}

/** Changes the scenario from now on. */
function from(simulator: Simulator, scenario: Parameters<typeof simulate>[0] & object): void {
  const state = simulator.rehearsal.look()
  simulator.rehearsal.become({ ...state, scenario: { ...state.scenario, ...scenario } })
}

async function stopAt(simulator: Simulator, pattern: RegExp, changes: Changes) {
  const stop = new AbortController()
  const print = (line: string) => (pattern.test(line) ? stop.abort() : undefined)
  return run(simulator, changes, { signal: stop.signal, print })
}

/** The first releases of an environment. */
async function released(count: number, changes: Changes = {}): Promise<Simulator> {
  const simulator = await simulate(QUICK)
  for (let commit = 0; commit < count; commit += 1) {
    const { result } = await run(simulator, { ...changes, commit })
    expect(result.outcome, result.text).toBe("succeeded")
  }
  return simulator
}

describe("ECS", { timeout: 60_000 }, () => {
  it("does not return by itself below a contract migration whose own rollout never completed", async () => {
    const simulator = await released(1, { environment: UNCHECKED })
    from(simulator, { failure: CRASH })
    const contract = await run(simulator, { commit: 1, environment: { ...UNCHECKED, migration: CONTRACT } })
    expect(contract.result.what).toContain("was not rolled back")
    const { result } = await run(simulator, { commit: 2, environment: UNCHECKED })
    expect([result.outcome, result.what]).toEqual(["failed", expect.stringContaining("was not rolled back")])
    expect(live(simulator)).toEqual(["clinic-web:10", "clinic-worker:7"])
  })

  it("may have migrated where it lost the task: the floor stays", async () => {
    const simulator = await simulate({ ...QUICK, runTask: HANGS })
    await run(simulator, { commit: 0, environment: UNCHECKED })
    const reclaimed = setInterval(() => reclaim(simulator), 1)
    const { result } = await run(simulator, { commit: 1, environment: { ...UNCHECKED, migration: CONTRACT } })
    clearInterval(reclaimed)
    expect([result.outcome, result.what]).toEqual([
      "failed",
      expect.stringMatching(
        /^the result of the migration is unknown: its task stopped.*Spot Task was interr/,
      ),
    ])
    expect(ledgerOf(simulator).floor).toBe(2)
  })
})

/** AWS takes the machine of the migration's task away: its container gets no exit code. */
function reclaim({ rehearsal }: Simulator): void {
  const state = rehearsal.look()
  const stopped = { wanted: "STOPPED", status: "STOPPED", stopCode: "SpotInterruption" } as const
  const tasks = state.tasks.map((task) =>
    task.service === null && task.status === "RUNNING"
      ? {
          ...task,
          ...stopped,
          stoppedReason: "Your Spot Task was interrupted.",
          stoppedAt: state.now,
          plan: [],
        }
      : task,
  )
  if (tasks.some((task, index) => task !== state.tasks[index])) rehearsal.become({ ...state, tasks })
}

describe("a rollback", { timeout: 60_000 }, () => {
  it("that was cut off is not done again over a release that came since", async () => {
    const simulator = await released(2)
    await stopAt(simulator, /back to clinic-web/, { action: "rollback", commit: 1, request: id("back") })
    await run(simulator, { commit: 2 })
    const [before, there] = [updates(simulator), live(simulator)]
    const { result } = await run(simulator, { action: "rollback", commit: 1, request: id("back", 2) })
    expect([result.outcome, result.what]).toEqual([
      "refused",
      "this run left its rollback unfinished (release 3), and release 4 (cccccccccccc) has become live since",
    ])
    expect([updates(simulator), live(simulator)]).toEqual([before, there])
    const other = await run(simulator, { action: "rollback", commit: 2, request: id("another") })
    expect(other.result.outcome).toBe("succeeded")
  })

  it("to a release whose image was deleted sends no service back", async () => {
    const simulator = await released(2)
    const before = updates(simulator)
    from(simulator, { missingImages: ["a".repeat(64)] })
    const { result } = await run(simulator, { action: "rollback", commit: 1, request: id("back") })
    expect([result.outcome, result.what]).toEqual([
      "refused",
      expect.stringMatching(
        /cannot start clinic-web:8 of web \(image web@sha256:a{12} is not in ECR any more\)/,
      ),
    ])
    expect(updates(simulator)).toBe(before)
  })

  it("names a migration that still runs", async () => {
    const simulator = await simulate({ ...QUICK, runTask: HANGS })
    await run(simulator, { commit: 0, environment: UNCHECKED })
    const environment = { ...UNCHECKED, migration: { ...MIGRATION, timeoutMinutes: 1 } }
    const left = await run(simulator, { commit: 1, environment })
    expect(left.result.outcome).toBe("still-running")
    const { result } = await run(simulator, {
      action: "rollback",
      commit: 1,
      environment,
      request: id("back"),
    })
    expect([result.outcome, result.remarks.join()]).toEqual([
      "succeeded",
      expect.stringMatching(/the migration of release 2 still runs \(task \w+\)/),
    ])
  })

  it("to a release with none of the services changes nothing, and does not say that it did", async () => {
    const simulator = await released(1)
    const renamed = [{ name: "worker", container: "worker", image: "worker" }]
    const web = [{ name: "web", container: "web", image: "web" }]
    await run(simulator, { commit: 1, environment: { services: web } })
    await run(simulator, { commit: 2, environment: { services: renamed, checks: [] } })
    const environment = { services: renamed, checks: [] }
    const { result } = await run(simulator, {
      action: "rollback",
      environment,
      request: { ...id("x"), to: 2 },
    })
    expect([result.outcome, result.what]).toEqual([
      "refused",
      "cannot roll back: release 2 (bbbbbbbbbbbb) has none of these services",
    ])
  })
})

describe("a person at the console", { timeout: 60_000 }, () => {
  const ecsOf = ({ url }: Simulator) =>
    new ECSClient({
      region: "eu-central-1",
      endpoint: url,
      credentials: { accessKeyId: "AKIAPERSON", secretAccessKey: "unused" },
    })
  /** Lets a person act at the first line of progress that matches. */
  const at = (pattern: RegExp, act: () => Promise<unknown>) => {
    let acts = true
    return {
      print: (line: string) => {
        if (!acts || !pattern.test(line)) return
        acts = false
        void act()
      },
    }
  }
  const anew = (simulator: Simulator) => () =>
    ecsOf(simulator).send(
      new UpdateServiceCommand({ cluster: "clinic", service: "web", forceNewDeployment: true }),
    )
  const back = { action: "rollback", commit: 1, request: id("back") } as const

  const takesBack = async (simulator: Simulator, ...services: readonly (readonly [string, string])[]) => {
    for (const [service, taskDefinition] of services)
      await ecsOf(simulator).send(new UpdateServiceCommand({ cluster: "clinic", service, taskDefinition }))
    return simulateFrom(simulator.rehearsal.look(), 600_000)
  }

  it("takes a release back: a rerun of its job does not deploy it again, a new run does", async () => {
    const simulator = await takesBack(await released(2), ["web", "clinic-web:8"])
    const again = await run(simulator, { commit: 1, request: id("run-1", 2) })
    expect([again.result.outcome, again.result.what]).toEqual([
      "refused",
      "already done: this run made release 2 (bbbbbbbbbbbb), and somebody took web to clinic-web:8 back since, not with Slipway",
    ])
    expect(again.result.text).toContain("start a new run")
    expect(live(simulator)).toEqual(["clinic-web:8", "clinic-worker:6"])
    const chosen = await run(simulator, { commit: 1, request: id("a new run") })
    expect(chosen.result.outcome).toBe("succeeded")
  })

  it("takes a release back: the next one does not return to it when it fails", async () => {
    const old = [["web", "clinic-web:8"] as const, ["worker", "clinic-worker:5"] as const]
    const simulator = await takesBack(await released(2), ...old)
    from(simulator, { failure: CRASH })
    const { result } = await run(simulator, { commit: 2 })
    expect([result.outcome, result.what]).toEqual([
      "rolled-back",
      expect.stringMatching(/^release 1 \(a{12}\) is live again; c{12} was rolled back/),
    ])
    expect(live(simulator)).toEqual(["clinic-web:8", "clinic-worker:5"])
  })

  it("replaces a deployment of the way back: the rerun goes no further back", async () => {
    const simulator = await released(3)
    const { result } = await run(simulator, { ...back, commit: 2 }, at(/web: back to/, anew(simulator)))
    expect(result.outcome).toBe("superseded")
    const again = await run(simulator, { ...back, commit: 2, request: id("back", 2) })
    expect(again.result.what).toBe("bbbbbbbbbbbb is live again and proven good")
    expect(live(simulator)).toEqual(["clinic-web:9", "clinic-worker:6"])
  })

  it("replaces a deployment with one of the same revision: it did not fail", async () => {
    const simulator = await released(1)
    const { result } = await run(simulator, { commit: 1 }, at(/web: 0 of 2 run/, anew(simulator)))
    expect([result.outcome, result.what]).toEqual([
      "superseded",
      "a newer deployment (clinic-web:9) replaced this one in web",
    ])
  })

  it("stops a deployment of the way back: the words name that service, and the person", async () => {
    const simulator = await released(2)
    const ecs = ecsOf(simulator)
    const stops = async () => {
      const { serviceDeployments: [one] = [] } = await ecs.send(
        new ListServiceDeploymentsCommand({
          cluster: "clinic",
          service: "worker",
          status: ["PENDING", "IN_PROGRESS"],
        }),
      )
      const serviceDeploymentArn = one?.serviceDeploymentArn
      await ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: "ABORT" }))
    }
    const { result } = await run(simulator, back, at(/worker: 0 of 2 run/, stops))
    expect([result.outcome, result.what, result.cause]).toEqual([
      "rollback-failed",
      expect.stringMatching(/^the rollback to a{12} failed: worker did not start again: .*StopServiceDepl/),
      expect.stringContaining("someone called StopServiceDeployment"),
    ])
    const again = await run(simulator, { ...back, request: id("back", 2) })
    expect(again.result.what).toBe("aaaaaaaaaaaa is live again and proven good")
  })
})

describe("the state bucket", { timeout: 60_000 }, () => {
  it("that ignores conditions is found out before anything changes", async () => {
    const simulator = await simulate(QUICK)
    for (const ignored of ["if-match", "if-none-match"]) {
      const proxy = await proxyOf(simulator, { without: [ignored] })
      const { result } = await run(simulator, {}, {}, proxy.url)
      await proxy.close()
      expect([result.outcome, result.what]).toEqual([
        "refused",
        "the state bucket ignores the conditions of writes: two runs could change the environment at once",
      ])
    }
    expect(updates(simulator)).toBe(0)
    const { result } = await run(simulator, {})
    expect(result.outcome, result.text).toBe("succeeded")
  })

  it("of another environment with the same name and prefix is not taken for this one's", async () => {
    const clinic = await released(2)
    const portal = await simulate(QUICK, { cluster: "portal" })
    portal.rehearsal.become({ ...portal.rehearsal.look(), objects: clinic.rehearsal.look().objects })
    const environment = { cluster: "portal" }
    for (const action of ["rollback", "deploy", "status"] as const) {
      const { result } = await run(portal, { action, commit: 2, environment, request: id(action) })
      expect([result.outcome, result.what]).toEqual([
        "refused",
        expect.stringMatching(/^the ledger of staging is that of cluster clinic \(.*not of cluster portal/),
      ])
    }
    expect(updates(portal)).toBe(0)
  })
})

describe("two applications of one commit, whose environments have the same name", { timeout: 60_000 }, () => {
  const of = (service: string): Changes => ({
    environment: {
      ...UNCHECKED,
      state: { bucket: "clinic-state", prefix: service },
      services: [{ name: service, container: service, image: service }],
      migration: { ...MIGRATION, command: ["migrate", service] },
      database: { instance: "clinic", keep: 1 },
    },
  })

  it("have their own migrations, and delete no snapshot of the other", async () => {
    const simulator = await simulate(QUICK)
    for (const commit of [0, 1])
      for (const service of ["web", "worker"]) {
        const { result } = await run(simulator, {
          ...of(service),
          commit,
          request: id(`${service}-${commit}`),
        })
        expect(result.outcome, result.text).toBe("succeeded")
      }
    const { tasks, snapshots } = simulator.rehearsal.look()
    const commands = tasks.filter(({ service }) => service === null).map(({ overrides }) => overrides)
    expect(new Set(commands.map((one) => JSON.stringify(one))).size).toBe(2)
    expect([commands.length, snapshots.map((one) => one.id.slice(0, 30))]).toEqual([
      4,
      ["slipway-staging-bbbbbbbbbbbb-2", "slipway-staging-bbbbbbbbbbbb-2"],
    ])
  })
})
