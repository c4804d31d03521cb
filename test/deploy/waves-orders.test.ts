/** Orders of events around a release over waves: what people do, what AWS refuses, and when. */
import { expect, it } from "vitest"
import type { Simulator } from "../../modules/aws-simulator/program/simulator.ts"
import { liveIn, NAMES, type Name, type Places, places, released, runIn, type Told } from "./over-waves.ts"
import type { Changes } from "./rehearsal.ts"

const DIGEST = `sha256:${"b".repeat(64)}`

/** Each event in one order; `ORDERS=all` tries all orders. */
const ALL = process.env.ORDERS === "all"

const MOMENTS = ["deploy eu-canary", "health eu-canary", "deploy us-east"] as const
const THEN = ["deploy", "rollback"] as const
const POLICIES = ["stop", "rollback"] as const

/** What runs below the first release. */
const BEFORE = "clinic-web:7,clinic-worker:4"

/** What one order has changed. */
interface Order {
  readonly all: Places
  /** Whether somebody went below the first release. */
  low: boolean
  readonly told: { environments: Partial<Record<Name, Changes["environment"]>>; bad: boolean }
}
type Event = (order: Order) => unknown

/** From now on AWS denies the deployer's calls in an account. */
function denies({ all }: Order, name: Name, denied: readonly string[]): void {
  const { rehearsal } = all[name]
  const state = rehearsal.look()
  rehearsal.become({ ...state, scenario: { ...state.scenario, denied } })
}

const FROZEN = { zone: "UTC", windows: [{ from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" }] }
const by = (id: string) => ({ run: { id, actor: id } })

const EVENTS: Readonly<Record<string, Event>> = {
  "a freeze of us-east begins": ({ told }) => {
    told.environments["us-east"] = { freeze: FROZEN }
  },
  "AWS denies the ledger in us-east": (order) => denies(order, "us-east", ["s3:*"]),
  "AWS denies ECS in eu-canary": (order) => denies(order, "eu-canary", ["ecs:*"]),
  "AWS denies ECS in us-east": (order) => denies(order, "us-east", ["ecs:*"]),
  "bob takes eu-canary back": ({ all }) =>
    runIn(all, "eu-canary", 1, { action: "rollback", request: by("bob") }),
  "bob deploys a newer commit to us-east": ({ all }) => runIn(all, "us-east", 2, { request: by("bob") }),
  "the release turns bad in us-east": ({ told }) => {
    told.bad = true
  },
  "the deployer breaks": () => {
    throw new Error("the deployer does not start")
  },
}

/** Ends all that can end again by itself. */
function calm(order: Order): void {
  for (const name of NAMES) denies(order, name, [])
  order.told.environments = {}
}

const rowOf = (text: string, name: Name): string =>
  new RegExp(`^[ \\d]+${name} +(.*)$`, "m").exec(text)?.[1] ?? ""

/** Returns whether all services run the images of the release. */
function runsRelease({ rehearsal }: Simulator): boolean {
  const { services, taskDefinitions } = rehearsal.look()
  return services.every(({ taskDefinition }) =>
    JSON.stringify(taskDefinitions.find(({ arn }) => arn === taskDefinition)).includes(DIGEST),
  )
}

/** Expects that the words are what is live, and that nothing went one release too far back. */
function holds(
  { all, low }: Order,
  action: Told["action"],
  ended: { exitCode: number | null; text: string },
): void {
  const { exitCode, text } = ended
  const isNew = NAMES.map((name) => runsRelease(all[name]))
  for (const [index, name] of NAMES.entries()) {
    const row = rowOf(text, name)
    if (/live and proven good|is still live|the release is live/.test(row))
      expect([name, row, isNew[index]]).toEqual([name, row, true])
    if (/rolled back|taken back(?!.*exit)|not started|left as it is/.test(row))
      expect([name, row, isNew[index]]).toEqual([name, row, false])
    // Bob's own rollback of the first release is no fault.
    if (!low) expect(liveIn(all[name]).join(), text).not.toBe(BEFORE)
  }
  if (exitCode === 0) expect([text, isNew]).toEqual([text, isNew.map(() => action === "deploy")])
  // A later wave never has what the first one lacks.
  if (action === "deploy" && isNew[1] && !isNew[0]) expect([text, exitCode]).not.toEqual([text, 0])
}

const ORDERS = Object.entries(EVENTS)
  .flatMap(([name, event], index) =>
    MOMENTS.flatMap((moment, at) =>
      THEN.flatMap((then, next) =>
        POLICIES.map((policy, last) => ({
          ...{ name, event, moment, then, policy },
          // Each event once, and each moment, sequel and policy with some of them.
          chosen: at === (index + 1) % 3 && next === index % 2 && last === (index >> 1) % 2,
        })),
      ),
    ),
  )
  .filter(({ chosen }) => ALL || chosen)

it.each(ORDERS)("tells what is live where, before `$moment`, $name, and then converges ($policy; $then)", {
  timeout: 120_000,
}, async ({ event, moment, then, policy }) => {
  const order: Order = { all: await places(), low: false, told: { environments: {}, bad: false } }
  const waves = { order: NAMES.map((name) => [name]), bakeMinutes: 5, onFailure: policy }
  let happened = false
  const told: Told = {
    waves,
    get environments() {
      return order.told.environments
    },
    get bad() {
      return order.told.bad
    },
    meanwhile: {
      [moment]: async () => {
        if (happened) return
        happened = true
        await event(order)
        order.low = liveIn(order.all["eu-canary"]).join() === BEFORE
      },
    },
  }
  holds(order, "deploy", await released(order.all, told))
  calm(order)
  const again = await released(order.all, {
    ...told,
    bad: order.told.bad,
    environments: {},
    meanwhile: {},
    action: then,
  })
  holds(order, then, again)
  if (then === "rollback")
    expect([again.text, [0, 44]]).toEqual([again.text, expect.arrayContaining([again.exitCode])])
})
