import { setImmediate } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { decide } from "../../../modules/deploy/program/core/decide.ts"
import { adopted } from "../../../modules/deploy/program/core/opening.ts"
import { CALM, diceOf } from "./model/dice.ts"
import { history } from "./model/history.ts"
import { REQUESTS } from "./model/requests.ts"
import { Run } from "./model/run.ts"
import { World } from "./model/world.ts"

/** How many are tried here; `HISTORIES=100000` tries more. */
const HISTORIES = Number(process.env.HISTORIES ?? 1_000)

describe("the machine", () => {
  it(`keeps its promises over ${HISTORIES} histories`, { timeout: 60_000 + HISTORIES * 10 }, async () => {
    const broken: string[] = []
    for (let seed = 1; seed <= HISTORIES && broken.length < 5; seed += 1) {
      // Vitest's own messages must get through.
      if (seed % 200 === 0) await setImmediate()
      for (const what of history(seed, REQUESTS)) broken.push(`seed ${seed}: ${what}`)
    }
    expect(broken).toEqual([])
  })

  it("decides something for every prefix of every log", () => {
    const [request] = REQUESTS.pool
    if (request === undefined) throw new Error("no request")
    const odds = { ...CALM, bad: 0.3, kill: 0.05 }
    for (let seed = 1; seed <= 200; seed += 1) {
      const world = new World()
      for (const _wait of new Run(world, request, diceOf(seed), () => odds, 0).course()) world.goes()
      const { inflight } = world.ledger
      for (let length = 0; length <= (inflight?.events.length ?? -1); length += 1) {
        const flight = inflight && { ...inflight, events: inflight.events.slice(0, length) }
        const ledger = { ...world.ledger, inflight: flight }
        const looked = { open: true, passed: new Set<never>(), last: null, services: null, leaves: null }
        const next = decide(ledger, request, { ...looked, now: 1, approvers: [] })
        expect(["step", "end"]).toContain(next.do)
        expect(adopted(ledger, request)?.number).toBe(inflight?.opened.number)
      }
    }
  })
})
