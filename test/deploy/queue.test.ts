import { describe, expect, it } from "vitest"
import { Ended } from "../../modules/deploy/program/core/outcome.ts"
import { waitingFor } from "../../modules/deploy/program/core/place.ts"
import type { Store } from "../../modules/deploy/program/core/store.ts"
import { machine } from "./machine.ts"
import { type Changes, MIGRATION, type Ran, run, simulate } from "./rehearsal.ts"
import { DENIED, weatherFor } from "./weather.ts"

type Simulator = Awaited<ReturnType<typeof simulate>>

const MINUTE = 60_000
const DEPLOY: Changes = { action: "deploy" }

type Machine = Awaited<ReturnType<typeof machine>>

interface Waits {
  readonly id: string
  /** When it begins to wait, in seconds. */
  readonly from: number
  readonly changes?: Changes
  /** When its machine is lost, in seconds. */
  readonly dies?: number
}

/** The clock and the bucket of a machine: once it is lost, nothing of it reaches them. */
function losing({ clock, bucket }: Pick<Machine, "clock" | "bucket">, isLost: () => boolean) {
  const call = async <T>(act: () => Promise<T>): Promise<T> => {
    if (isLost()) throw new Lost()
    return act()
  }
  const pulse: Store = {
    ...bucket,
    read: (key) => call(() => bucket.read(key)),
    write: (...what) => call(() => bucket.write(...what)),
  }
  const sleep = (milliseconds: number) => call(() => clock.sleep(milliseconds))
  return { pulse, clock: { ...clock, sleep } }
}

/** Lets machines wait for one that frees the lease after a minute. @returns who got it and after how many seconds, in order. */
async function waiting(
  simulator: Simulator,
  machines: readonly Waits[],
  endpoint: { readonly url: string } = simulator,
) {
  const got: [string, number][] = []
  const ends: Record<string, string> = {}
  const begun = simulator.rehearsal.clock.now()
  const owner = await machine(simulator, "owner", 0, { commit: 0 })
  const hold = await owner.take()
  const all = await Promise.all(
    machines.map(async (one) => ({ ...one, ...(await machine(endpoint, one.id, 0, one.changes ?? DEPLOY)) })),
  )
  const works = async () => {
    await owner.clock.sleep(MINUTE)
    await hold.free()
    await owner.clock.close()
  }
  const waits = async (one: (typeof all)[number]) => {
    await one.clock.sleep(one.from * 1000 + 1)
    const isLost = () => one.dies !== undefined && one.clock.now() - begun > one.dies * 1000
    try {
      const mine = await one.take(losing(one, isLost))
      got.push([one.id, Math.round((one.clock.now() - begun) / 1000)])
      await one.clock.sleep(10_000)
      await mine.free()
    } catch (error) {
      if (error instanceof Ended) ends[one.id] = `${error.end.outcome}: ${error.end.what}`
      else if (!(error instanceof Lost)) throw error
    }
    await one.clock.close()
  }
  await Promise.all([works(), ...all.map(waits)])
  return { got, ends, left: await waitingFor(owner.bucket, "staging") }
}

class Lost extends Error {}

describe("runs that wait for the lease", () => {
  it("get it in the order in which they began to wait", async () => {
    const order = ["cleo", "ann", "dan", "bob"]
    const machines = order.map((id, index) => ({ id, from: 3 * index + 1 }))
    const { got, left } = await waiting(await simulate(), [...machines].reverse())
    expect([got.map(([id]) => id), left]).toEqual([order, []])
    // Each frees it after 10 s, and the next one looks every 2 s.
    expect(got.at(-1)?.[1]).toBeLessThan(60 + 3 * 13 + 3)
  })

  it("let a rollback go first", async () => {
    const { got } = await waiting(await simulate(), [
      { id: "ann", from: 1 },
      { id: "bob", from: 5, changes: { action: "rollback" } },
    ])
    expect(got.map(([id]) => id)).toEqual(["bob", "ann"])
  })

  it("are not held up by those whose machines are lost", async () => {
    const lost = ["eve", "gus"].map((id, index) => ({ id, from: index, dies: 20 }))
    const { got, left } = await waiting(await simulate(), [...lost, { id: "ann", from: 5 }])
    expect(got).toEqual([["ann", expect.any(Number)]])
    expect(got[0]?.[1]).toBeLessThanOrEqual(60 + 15)
    expect(left).toEqual([])
  })

  it("keep their place where they are run again", async () => {
    const { got, left } = await waiting(await simulate(), [
      { id: "ann", from: 1, dies: 20 },
      { id: "bob", from: 5 },
      { id: "ann", from: 30 },
    ])
    expect([got.map(([id]) => id), left]).toEqual([["ann", "bob"], []])
  })

  it("go on without the queue where it cannot be written or is damaged", async () => {
    const simulator = await simulate()
    const proxy = await weatherFor(simulator, ({ operation }) =>
      operation.endsWith("/queue.json") ? DENIED : null,
    )
    const denied = await waiting(simulator, [{ id: "ann", from: 1 }], proxy)
    await proxy.close()
    const damaged = await simulate()
    const bob = await machine(damaged, "bob", 0)
    await bob.bucket.write("staging/queue.json", '{"version": 7', null)
    await bob.clock.close()
    const { got, left } = await waiting(damaged, [
      { id: "ann", from: 1 },
      { id: "cleo", from: 2 },
    ])
    expect([denied.got.map(([id]) => id), got.map(([id]) => id), left]).toEqual([
      ["ann"],
      ["ann", "cleo"],
      [],
    ])
  })
})

const contract: Changes["environment"] = { migration: { ...MIGRATION, phase: "contract" } }
const expand: Changes["environment"] = { migration: MIGRATION }

describe("an older commit that waits together with a newer one", () => {
  const ann = { id: "ann", from: 1, changes: { commit: 1 } }
  const bob = { id: "bob", from: 5, changes: { commit: 2 } }

  it.each([
    ["before it", [ann, bob]],
    ["behind it", [{ ...ann, from: 9 }, bob]],
    [
      "and both expand the schema",
      [
        { ...ann, changes: { commit: 1, environment: expand } },
        { ...bob, changes: { commit: 2, environment: expand } },
      ],
    ],
  ])("is superseded: %s", async (_, machines) => {
    const { got, ends } = await waiting(await simulate(), machines)
    expect(got.map(([id]) => id)).toEqual(["bob"])
    expect(ends.ann).toMatch(
      /^superseded: run bob of bob waits with cccccccccccc, which contains bbbbbbbbbbbb/,
    )
  })

  it.each([
    ["the newer one contracts the schema", {}, contract],
    ["the newer one does not migrate", expand, {}],
  ])("goes out before it where %s", async (_, older, newer) => {
    const { got, ends } = await waiting(await simulate(), [
      { ...ann, changes: { commit: 1, environment: older } },
      { ...bob, changes: { commit: 2, environment: newer } },
    ])
    expect([got.map(([id]) => id), ends]).toEqual([["ann", "bob"], {}])
  })

  it("goes out before it where it brings an answer", async () => {
    const answers: Changes = { commit: 1, request: { answer: "continue" } }
    const { got } = await waiting(await simulate(), [{ ...ann, changes: answers }, bob])
    expect(got.map(([id]) => id)).toEqual(["ann", "bob"])
  })
})

it("shows who deploys, and who waits since when", async () => {
  const simulator = await simulate()
  const others: Promise<Ran>[] = []
  const status = (line: string) => {
    if (/^ {2}waiting for/.test(line)) others.push(run(simulator, { action: "status" }))
  }
  const waits = (line: string) => {
    if (/✓ health/.test(line)) others.push(run(simulator, { commit: 1 }, { print: status }))
  }
  await run(simulator, { commit: 0, environment: { bake: { minutes: 2 } } }, { print: waits })
  const second = await others[0]
  const shown = await others[1]
  expect([second?.result.outcome, shown?.result.outcome]).toEqual(["succeeded", "succeeded"])
  const lines = shown?.result.details.join("\n")
  expect(lines).toMatch(/^lease +run run-0 of ann with aaaaaaaaaaaa .*, watches: \w+/m)
  expect(lines).toMatch(
    /^in flight +release 1 \(aaaaaaaaaaaa\), deploy of run run-0 since 2026-03-02 09:\d\d UTC/m,
  )
  expect(lines).toMatch(
    /^waiting +1\. deploy bbbbbbbbbbbb, run run-1 of ann \(https:.*\), since 2026-03-02 09:\d\d UTC$/m,
  )
  const after = await run(simulator, { action: "status" })
  expect(after.result.text).not.toContain("waiting")
})
