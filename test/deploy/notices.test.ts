/** What people are told before the end of a deployment, and what they are not told twice. */
import { describe, expect, it } from "vitest"
import { type Changes, type Ran, run, simulate } from "./rehearsal.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

const QUICK = {
  seconds: { provision: 1, pull: 1, start: 1, healthy: 3, stop: 1, retry: 2, drain: 3, stage: 1 },
  snapshot: { seconds: 4, fails: false },
}
const NOTIFY = {
  team: "https://hooks.example.org/team/canary-path",
  quiet: "https://hooks.example.org/quiet/canary-path",
}
const CHANNELS = [
  { kind: "webhook", name: "team", on: ["started", "waiting"] },
  { kind: "slack", name: "quiet" },
] as const

const told = (changes: Changes): Changes => ({
  ...changes,
  environment: { ...changes.environment, notifications: [...CHANNELS] },
})

/** Returns what a channel was sent: the event, and what of it is for people. */
const sent = ({ rehearsal }: Simulator, channel: string): readonly string[] =>
  rehearsal.notifications
    .filter(({ path }) => path.includes(channel))
    .map(({ body }) => {
      const { event, what, text } = JSON.parse(body)
      return event === undefined ? String(text).split("\n", 1).join() : `${event}: ${what}`
    })

describe("a deployment that starts", () => {
  it("tells the channels that want to know, and the others its end alone", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator, told({}), { notify: NOTIFY })
    expect(sent(simulator, "team")).toEqual([
      "started: deployment of aaaaaaaaaaaa by ann (release 1)",
      "ended: aaaaaaaaaaaa is live and proven good",
    ])
    expect(sent(simulator, "quiet")).toEqual(["*succeeded: staging: aaaaaaaaaaaa is live and proven good*"])
  })

  it("tells it once, however often it is run again", async () => {
    const simulator = await simulate(QUICK)
    for (const line of [/✓ order/, /✓ preflight/]) {
      const stop = new AbortController()
      const print = (text: string) => (line.test(text) ? stop.abort() : undefined)
      await run(simulator, told({}), { notify: NOTIFY, print, signal: stop.signal })
    }
    await run(simulator, told({}), { notify: NOTIFY })
    expect(sent(simulator, "team").filter((text) => text.startsWith("started"))).toHaveLength(1)
  })

  it("does not wait for a channel that is down", async () => {
    const simulator = await simulate(QUICK)
    const down = { ...NOTIFY, team: "http://127.0.0.1:9/canary-path" }
    const { result, printed } = await run(simulator, told({}), { notify: down })
    expect([result.outcome, result.remarks]).toEqual([
      "succeeded",
      [expect.stringMatching(/webhook team/), expect.stringMatching(/webhook team/)],
    ])
    expect(JSON.stringify([result, printed])).not.toContain("canary-path")
  })

  it("says what a rollback returns to", async () => {
    const simulator = await simulate(QUICK)
    await run(simulator)
    await run(simulator, { commit: 1 })
    await run(simulator, told({ action: "rollback", commit: 1 }), { notify: NOTIFY })
    expect(sent(simulator, "team")[0]).toBe(
      "started: rollback to release 1 (aaaaaaaaaaaa) by ann (release 3)",
    )
  })
})

describe("a run that waits", () => {
  it("tells for whom, once and without secrets", async () => {
    const simulator = await simulate(QUICK)
    const others: Promise<Ran>[] = []
    const waits = (line: string) => {
      if (/✓ order/.test(line))
        others.push(run(simulator, told({ commit: 1 }), { notify: NOTIFY, secrets: ["ci.example.org"] }))
    }
    await run(simulator, { environment: { bake: { minutes: 5 } } }, { print: waits })
    expect((await others[0])?.result.outcome).toBe("succeeded")
    expect(sent(simulator, "team").map((text) => text.replace(/ \(release.*/, ""))).toEqual([
      "waiting: deploy by ann waits for run run-0 of ann with aaaaaaaaaaaa (https://***/runs/0)",
      "started: deployment of bbbbbbbbbbbb by ann",
      "ended: bbbbbbbbbbbb is live and proven good",
    ])
  })
})

const ASKS = {
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
} satisfies Changes["environment"]

describe("a question", () => {
  it("is told once, whoever runs again without an answer", async () => {
    const simulator = await simulate("paused-hook")
    const asks = () => run(simulator, told({ environment: ASKS }), { notify: NOTIFY })
    const first = await asks()
    const second = await asks()
    expect([first.result.exitCode, second.result.exitCode, second.result.ask]).toEqual([
      46,
      46,
      first.result.ask,
    ])
    expect(sent(simulator, "quiet")).toEqual([
      "*waits for you: staging: ECS waits for an answer before it continues with web*",
    ])
    await run(
      simulator,
      { ...told({ environment: ASKS }), request: { answer: "continue" } },
      { notify: NOTIFY },
    )
    expect(sent(simulator, "quiet")).toHaveLength(2)
  })
})
