/** What a run does in small print: settings that return, services that come and go, other people in between. */
import { ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs"
import { describe, expect, it } from "vitest"
import { proxyOf } from "./proxy.ts"
import { type Changes, leaseToOther, MIGRATION, run, show, simulate, simulateFrom } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>
type Environment = NonNullable<Changes["environment"]>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
}
const WEB = { name: "web", container: "web", image: "web" }
const WORKER = { name: "worker", container: "worker", image: "worker" }
const DAY_MS = 24 * 3_600_000

const updates = (simulator: Simulator, service: string) =>
  simulator.rehearsal.journal
    .filter(({ operation, result }) => operation === "UpdateService" && result === "ok")
    .map(({ parameters }) => Object(parameters))
    .filter((parameters) => parameters.service === service)

const ecsOf = ({ url }: Simulator): ECSClient =>
  new ECSClient({
    region: "eu-central-1",
    endpoint: url,
    maxAttempts: 1,
    credentials: { accessKeyId: "AKIAPERSON", secretAccessKey: "a person's key" },
  })

/** Another person deploys at the first line of progress that matches. */
function meddling(simulator: Simulator, pattern: RegExp, taskDefinition: string) {
  let done: Promise<unknown> | null = null
  return {
    print: (line: string) => {
      if (done === null && pattern.test(line))
        done = ecsOf(simulator).send(
          new UpdateServiceCommand({ cluster: "clinic", service: "web", taskDefinition }),
        )
    },
  }
}

/** Runs a request while another person deploys at a line of its progress. */
async function supersededAt(simulator: Simulator, changes: Changes, line: RegExp): Promise<void> {
  const ran = await run(simulator, changes, meddling(simulator, line, "clinic-web:7"))
  show(ran)
  expect([ran.result.outcome, updates(simulator, "web").at(-1).taskDefinition]).toEqual([
    ...["superseded", "clinic-web:7"],
  ])
}

describe("a question", () => {
  const environment: Environment = {
    services: [
      {
        ...WEB,
        strategy: { kind: "blue-green", bakeMinutes: 1 },
        pause: { before: "production-traffic", timeoutMinutes: 14 * 24 * 60 },
      },
      WORKER,
    ],
  }

  it("can be answered for as long as ECS waits, by the deployment's own ARN", async () => {
    const first = await simulate(QUICK)
    const waiting = await run(first, { environment })
    expect(waiting.result.exitCode).toBe(46)
    const simulator = await simulateFrom(first.rehearsal.look(), 13 * DAY_MS)
    const ran = await run(simulator, { environment, request: { answer: "continue" } })
    show(ran)
    expect([ran.result.outcome, ran.result.release]).toEqual(["succeeded", 1])
    expect(updates(simulator, "web")).toEqual([])
  })

  it("has an id, and the answer to another question is not taken for it", async () => {
    const simulator = await simulate(QUICK)
    const waiting = await run(simulator, { environment })
    const [, id = ""] = /\(question (\w+)\)/.exec(waiting.result.ask ?? "") ?? []
    expect(id).toMatch(/^\w{8}$/)
    const other = await run(simulator, { environment, request: { answer: "continue", question: "00000000" } })
    expect([other.result.exitCode, other.result.what]).toEqual([
      ...[44, `nothing to answer with continue: question 00000000 is not open; the last one is ${id}`],
    ])
    const own = await run(simulator, { environment, request: { answer: "continue", question: id } })
    expect(own.result.outcome).toBe("succeeded")
  })
})

describe("settings of a service", () => {
  it("are always sent, alarms also where there are none", async () => {
    const simulator = await simulate({ ...QUICK, deploymentConfiguration: { alarms: OWN_ALARMS } })
    await run(simulator)
    for (const { deploymentConfiguration } of updates(simulator, "web"))
      expect(deploymentConfiguration.alarms).toEqual({ alarmNames: [], enable: false, rollback: false })
  })

  it("are as configured after a rollback, and hooks of others stay", async () => {
    const simulator = await simulate(QUICK)
    const environment: Environment = {
      services: [{ ...WEB, strategy: { kind: "blue-green", bakeMinutes: 3 }, pause: null }, WORKER],
      bake: { minutes: 1, alarms: ["clinic-5xx"] },
    }
    await run(simulator, { environment })
    await run(simulator, { environment, commit: 1 })
    const hook = {
      hookTargetArn: "arn:aws:lambda:eu-central-1:111122223333:function:audit",
      roleArn: "arn:aws:iam::111122223333:role/hooks",
      lifecycleStages: ["POST_SCALE_UP"],
    }
    const state = simulator.rehearsal.look()
    simulator.rehearsal.become({
      ...state,
      services: state.services.map((one) => ({
        ...one,
        configuration: { ...one.configuration, lifecycleHooks: [hook] },
      })),
    })
    const ran = await run(simulator, { environment, commit: 1, action: "rollback" })
    show(ran)
    expect(ran.result.outcome).toBe("succeeded")
    const now = simulator.rehearsal.look().services.find(({ name }) => name === "web")?.configuration
    expect(now).toMatchObject({
      strategy: "BLUE_GREEN",
      bakeTimeInMinutes: 3,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      alarms: { alarmNames: ["clinic-5xx"], enable: true, rollback: true },
      lifecycleHooks: [hook],
    })
    for (const { deploymentConfiguration } of updates(simulator, "web").slice(-2))
      expect(deploymentConfiguration.lifecycleHooks).toContainEqual(hook)
  })
})

const OWN_ALARMS = { alarmNames: ["clinic-5xx"], enable: true, rollback: true }

describe("the way back", () => {
  const checks = (...paths: readonly string[]) =>
    paths.map((path) => ({ url: `https://clinic.example.org/${path}`, attempts: 2, intervalSeconds: 5 }))

  it("judges an old release by the checks that it was released with", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator, { environment: { checks: checks("health") } })
    const { result } = await run(simulator, {
      commit: 1,
      environment: { checks: [...checks("health"), { ...checks("health")[0], contains: "a new word" }] },
    })
    expect([result.outcome, result.text]).toEqual(["rolled-back", expect.stringContaining("aaaaaaaaaaaa")])
  })

  it("leaves out a service that was added since, by name", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator, { environment: { services: [WEB] } })
    await run(simulator, { commit: 1 })
    const ran = await run(simulator, { action: "rollback", commit: 1 })
    show(ran)
    expect(ran.result.what).toContain("left as it is: worker (not in release 1)")
    expect(ran.printed.join("\n")).toContain("worker: not in release 1; left as it is")
    expect(updates(simulator, "worker").length).toBe(1)
  })

  it("ends as superseded where a person deploys meanwhile, and undoes nothing of theirs", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator)
    await run(simulator, { commit: 1 })
    await supersededAt(simulator, { action: "rollback", commit: 1 }, /✓ back/)
  })
})

describe("the bake time", () => {
  it("ends as superseded where a person deploys meanwhile, and undoes nothing of theirs", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator)
    await supersededAt(simulator, { commit: 1, environment: { bake: { minutes: 20 } } }, /✓ health/)
  })
})

describe("a service without tasks", () => {
  it("proves nothing: neither it nor its release", async () => {
    const simulator = await simulate(QUICK, {
      services: [
        { name: "web", hosts: ["clinic.example.org"], revision: 7 },
        { name: "worker", revision: 4, desired: 0 },
      ],
    })
    const { result } = await run(simulator)
    expect([result.outcome, result.what]).toEqual([
      "succeeded",
      expect.stringContaining("not proven good: worker runs no task (desired count 0)"),
    ])
    expect((await run(simulator, { action: "status" })).result.proven).toBeNull()
  })
})

describe("a freeze", () => {
  it("that begins during the wait for the lease refuses the run", async () => {
    const simulator = await simulate(QUICK)
    leaseToOther(simulator, "staging")
    const freeze = { zone: "UTC", windows: [{ days: ["mon" as const], from: "09:01", to: "18:00" }] }
    const { result } = await run(simulator, { environment: { freeze } })
    expect([result.outcome, result.what]).toEqual(["refused", expect.stringContaining("is frozen")])
    expect(result.steps.map(({ verdict }) => verdict)).toEqual(["done", "ended"])
    expect(updates(simulator, "web")).toEqual([])
  })

  it("goes by AWS's clock where the machine's is wrong", async () => {
    const simulator = await simulate(QUICK)
    const date = new Date(Date.now() + 5 * 3_600_000).toUTCString()
    const proxy = await proxyOf(simulator, { headers: { date } })
    const freeze = { zone: "UTC", windows: [{ days: ["mon" as const], from: "13:00", to: "18:00" }] }
    const { result, printed } = await run(simulator, { environment: { freeze } }, {}, proxy.url)
    await proxy.close()
    expect([result.outcome, result.what]).toEqual(["refused", expect.stringContaining("is frozen")])
    expect(printed.join("\n")).toMatch(/this machine's clock is (5 h|4 h 59 min).* behind AWS's/)
    expect((await run(simulator, { environment: { freeze } })).result.outcome).toBe("succeeded")
  })
})

describe("a bake time", () => {
  it("goes on where a machine with a wrong clock continues it", async () => {
    const first = await simulate(QUICK)
    const environment = { checks: [], bake: { minutes: 10 } }
    const stop = new AbortController()
    const print = (line: string) => (/. health/.test(line) ? stop.abort() : undefined)
    await run(first, { environment }, { print, signal: stop.signal })
    // Its clock is 5 h ahead of that of the machine before, and of AWS's.
    const ahead = 5 * 3_600_000
    const simulator = await simulateFrom(first.rehearsal.look(), ahead)
    const proxy = await proxyOf(simulator, {
      headers: { date: new Date(Date.now() - ahead).toUTCString() },
    })
    const { result, printed } = await run(simulator, { environment }, {}, proxy.url)
    await proxy.close()
    expect(result.outcome, result.text).toBe("succeeded")
    expect(printed.join("\n")).toMatch(/ahead of AWS's: this run goes by AWS's/)
    const baked = result.steps.find(({ step }) => step === "bake")?.milliseconds
    expect(Math.round((baked ?? 0) / 60_000)).toBeGreaterThan(8)
    expect(result.milliseconds).toBeLessThan(3_600_000)
  })
})

describe("a migration whose start nobody saw", () => {
  it("is not started again a day later: ECS no longer knows its token", async () => {
    const first = await simulate(QUICK)
    let noted = first.rehearsal.look()
    const print = (line: string) => {
      if (/. settle/.test(line)) noted = first.rehearsal.look()
    }
    await run(first, { environment: { migration: MIGRATION } }, { print })
    const ledger = noted.objects.find(({ key }) => key.endsWith("/ledger.json"))
    const text = JSON.parse(String(ledger?.body))
    text.inflight.events.push({
      at: noted.now,
      run: "run-0",
      set: {
        migration: {
          phase: "expand",
          token: "t",
          definition: "d",
          task: null,
          intent: noted.now,
          exitCode: null,
        },
      },
    })
    const objects = noted.objects.map((one) =>
      one === ledger ? { ...one, body: Buffer.from(JSON.stringify(text)) } : one,
    )
    const later = await simulateFrom({ ...noted, objects }, DAY_MS)
    const again = await run(later, { environment: { migration: MIGRATION } })
    show(again)
    expect([again.result.outcome, again.result.what]).toEqual([
      "failed",
      expect.stringContaining("the result of the migration is unknown"),
    ])
    expect(later.rehearsal.journal.filter(({ operation }) => operation === "RunTask")).toEqual([])
  })
})

describe("a database cluster", () => {
  const world = { database: null, databaseClusters: { clinic: ["clinic-writer", "clinic-reader"] } }
  const database = (instance: string) => ({ environment: { database: { instance, keep: 1 } } })

  it.each([
    "clinic",
    "clinic-writer",
  ])("has a snapshot of the cluster, whoever names it: %s", async (name) => {
    const simulator = await simulate({ ...QUICK, snapshot: { seconds: 4, fails: false, busy: 20 } }, world)
    for (const commit of [0, 1]) {
      const { result } = await run(simulator, { commit, ...database(name) })
      expect(result.outcome).toBe("succeeded")
    }
    const made = simulator.rehearsal.look().snapshots.map(({ id, of, database: from }) => [id, of, from])
    expect(made).toEqual([
      [expect.stringMatching(/^slipway-staging-b{12}-2-[0-9a-f]{6}$/), "cluster", "clinic"],
    ])
    const refused = simulator.rehearsal.journal.find(({ result }) => result === "InvalidDBClusterStateFault")
    expect(refused?.operation).toBe("CreateDBClusterSnapshot")
  })

  it("is missing where neither an instance nor a cluster has the name", async () => {
    const simulator = await simulate({ ...QUICK, denied: ["rds:DescribeDBClusters"] }, world)
    const { result } = await run(simulator, database("clinik"))
    expect([result.outcome, result.what]).toEqual(["refused", expect.stringContaining("database clinik")])
  })
})
