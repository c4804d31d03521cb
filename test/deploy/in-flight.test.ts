/** A release in flight: its reruns pass the gate, and its questions get one answer each. */
import { ContinueServiceDeploymentCommand, ECSClient } from "@aws-sdk/client-ecs"
import { describe, expect, it } from "vitest"
import { signatory } from "../../ci/src/deploy/made-up-people.js"
import type { RunOptions } from "../../modules/deploy/program/deploy.ts"
import { type Changes, commit, requestInput, run, show, simulate, simulateFrom, WHOLE } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>
type Environment = NonNullable<Changes["environment"]>
type Request = NonNullable<Changes["request"]>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
  snapshot: { seconds: 4, fails: false },
}
const HOUR_MS = 3_600_000
const WORKER = { name: "worker", container: "worker", image: "worker" }
/** ECS asks before each shift of a canary. */
const ASKS: Environment = {
  services: [
    {
      name: "web",
      container: "web",
      image: "web",
      strategy: { kind: "canary", percent: 10, canaryBakeMinutes: 0 },
      pause: { before: "production-traffic" },
    },
    WORKER,
  ],
}
/** The simulator begins at nine on that Monday. */
const FREEZE = { zone: "UTC", windows: [{ days: ["mon" as const], from: "09:30", to: "18:00" }] }

const idOf = (ask: string | null): string => /\(question (\w+)\)/.exec(ask ?? "")?.[1] ?? "none"

const by = (id: string, rest: Request = {}): Request => ({
  ...rest,
  run: { id, actor: id },
})

const updates = ({ rehearsal }: Simulator): number =>
  rehearsal.journal.filter(({ operation, result }) => operation === "UpdateService" && result === "ok").length

/** A person answers in the console of AWS. */
async function continuedByHand({ url, rehearsal }: Simulator): Promise<void> {
  const ecs = new ECSClient({
    region: "eu-central-1",
    endpoint: url,
    maxAttempts: 1,
    credentials: { accessKeyId: "AKIAPERSON", secretAccessKey: "a person's key" },
  })
  for (const { arn, hooks } of rehearsal.look().serviceDeployments)
    for (const { id } of hooks.filter(({ status }) => status === "AWAITING_ACTION"))
      await ecs.send(
        new ContinueServiceDeploymentCommand({ serviceDeploymentArn: arn, hookId: id, action: "CONTINUE" }),
      )
}

/** Runs a request until a line of its progress, and returns the account an hour later. */
async function leftAt(pattern: RegExp, changes: Changes, ports: RunOptions["ports"] = {}) {
  const first = await simulate(QUICK)
  const stop = new AbortController()
  const print = (line: string) => {
    if (pattern.test(line)) stop.abort()
  }
  await run(first, changes, { ports, print, signal: stop.signal })
  return simulateFrom(first.rehearsal.look(), HOUR_MS)
}

describe("a freeze that begins midway", () => {
  const frozen = (environment: Environment): Environment => ({ ...environment, freeze: FREEZE })

  it("blocks no way back", async () => {
    const smoke = async () => ({ exitCode: 1, output: "Error: no patients found" })
    const simulator = await leftAt(/rolling back to/, { environment: WHOLE }, { smoke })
    const ran = await run(simulator, { environment: frozen(WHOLE) })
    show(ran)
    expect([ran.result.outcome, ran.result.release]).toEqual(["rolled-back", 1])
  })

  it.each([
    ["full", "succeeded"],
    ["rollback", "rolled-back"],
  ] as const)("blocks no answer: %s", async (answer, outcome) => {
    const simulator = await leftAt(/nothing/, { environment: ASKS })
    const waits = await run(simulator, { environment: frozen(ASKS) })
    expect(waits.result.exitCode).toBe(46)
    const { result } = await run(simulator, { environment: frozen(ASKS), request: by("ben", { answer }) })
    expect([result.outcome, result.release]).toEqual([outcome, 1])
  })

  it("blocks a release that changed no service yet, and an answer to nothing with it", async () => {
    const simulator = await leftAt(/✓ snapshot/, { environment: WHOLE })
    for (const answer of [null, "continue", "rollback"] as const) {
      const { result } = await run(simulator, { environment: frozen(WHOLE), request: { answer } })
      expect([result.outcome, result.what]).toEqual(["refused", expect.stringContaining("is frozen")])
    }
    expect(updates(simulator)).toBe(0)
  })
})

describe("a release of production that another run continues", () => {
  const people = [signatory(), signatory()]
  const identities = Object.fromEntries(
    people.map(({ key }, index) => [`person-${index}@x.org`, { also: [], keys: [key] }]),
  )
  const production = (environment: Environment): Environment => ({
    ...environment,
    name: "production",
    production: true,
    approvals: { identities },
  })
  const ports = { verify: async () => ({ exitCode: 0, output: "" }) }
  /** Signed 72 hours before the simulator begins, and half an hour. */
  const approvals = people.map((person) =>
    person.approve({
      environment: "production",
      commit: commit(0),
      at: "2026-02-27T09:30:00Z",
      images: Object.values(requestInput().release.images ?? {}),
    }),
  )

  it("needs its approvals again, which may have expired since it began", async () => {
    const environment = production(WHOLE)
    const simulator = await leftAt(/web: 0 of 2/, { environment, request: { approvals } }, ports)
    const begun = updates(simulator)
    const alone = await run(simulator, { environment, request: by("eve") }, { ports })
    expect(alone.result.what).toContain("0 of 2 required approvals")
    const backwards = by("eve", { answer: "rollback" })
    const pretends = await run(simulator, { environment, request: backwards }, { ports })
    expect([pretends.result.outcome, updates(simulator)]).toEqual(["refused", begun])
    const { result } = await run(simulator, { environment, request: by("ben", { approvals }) }, { ports })
    expect([result.outcome, result.release, updates(simulator)]).toEqual(["succeeded", 1, begun])
  })

  it("goes back by an answer without approvals, and forward with them alone", async () => {
    const environment = production(ASKS)
    const simulator = await leftAt(/nothing/, { environment, request: { approvals } }, ports)
    const answered = (answer: "continue" | "rollback") =>
      run(simulator, { environment, request: by("eve", { answer }) }, { ports })
    expect((await answered("continue")).result.what).toContain("0 of 2 required approvals")
    expect((await answered("rollback")).result.outcome).toBe("rolled-back")
  })
})

describe("an answer", () => {
  const deploys = (simulator: Simulator, request: Request, environment = ASKS) =>
    run(simulator, { environment, request })

  it("with the ID of an earlier question is refused", async () => {
    const simulator = await simulate(QUICK)
    const first = await deploys(simulator, {})
    const id = idOf(first.result.ask)
    expect(first.result.text).toContain(`--answer continue:${id}`)
    const second = await deploys(simulator, by("ben", { answer: "continue", question: id }))
    expect([second.result.exitCode, idOf(second.result.ask)]).toEqual([46, expect.not.stringMatching(id)])
    for (const answer of ["continue", "rollback"] as const) {
      const late = await deploys(simulator, by("eve", { answer, question: id }))
      expect([late.result.outcome, late.result.what]).toEqual([
        ...["refused", expect.stringContaining(`question ${id} is not open`)],
      ])
    }
    const own = by("ben", { answer: "continue", question: idOf(second.result.ask) })
    expect((await deploys(simulator, own)).result.outcome).toBe("succeeded")
  })

  it("given by two people counts once, and answers no later question", async () => {
    const simulator = await simulate(QUICK)
    const question = idOf((await deploys(simulator, {})).result.ask)
    const stop = new AbortController()
    const print = (line: string) => {
      if (line.includes("answered continue by ann")) stop.abort()
    }
    const request = by("ann", { answer: "continue" })
    await run(simulator, { environment: ASKS, request }, { print, signal: stop.signal })
    const again = await deploys(simulator, by("ben", { answer: "continue" }))
    expect([again.result.exitCode, again.result.ask]).toEqual([46, expect.not.stringContaining(question)])
    const continued = simulator.rehearsal.journal.filter(
      ({ operation, result }) => operation === "ContinueServiceDeployment" && result === "ok",
    )
    expect(continued).toHaveLength(1)
  })

  it("that goes back, given by two people, starts nothing", async () => {
    const simulator = await simulate(QUICK)
    await deploys(simulator, {})
    const first = await deploys(simulator, by("ann", { answer: "rollback" }))
    const begun = updates(simulator)
    const second = await deploys(simulator, by("ben", { answer: "rollback" }))
    show(second)
    expect([first.result.outcome, second.result.outcome, updates(simulator)]).toEqual([
      ...["rolled-back", "refused", begun],
    ])
    expect(second.result.what).toContain("no question is open")
  })

  it("that goes back is followed where ECS went on meanwhile", async () => {
    const simulator = await simulate(QUICK)
    const [web] = ASKS.services ?? []
    const once: Environment = web ? { services: [{ ...web, strategy: { kind: "blue-green" } }, WORKER] } : {}
    await deploys(simulator, {}, once)
    await continuedByHand(simulator)
    const { result } = await deploys(simulator, by("ben", { answer: "rollback" }), once)
    expect([result.outcome, result.what]).toEqual([
      "rolled-back",
      expect.stringContaining("ben answered rollback"),
    ])
  })
})
