import { describe, expect, it } from "vitest"
import { decide } from "../../../modules/deploy/program/core/decide.ts"
import { fold } from "../../../modules/deploy/program/core/journal.ts"
import { adopted } from "../../../modules/deploy/program/core/opening.ts"
import type { Request } from "../../../modules/deploy/program/core/request.ts"
import { type Changes, MIGRATION, parsed, requestInput } from "../../deploy/rehearsal.ts"
import { type Dice, diceOf, type Odds, Run, World } from "./model.ts"

/** How many are tried here; `HISTORIES=100000` tries more. */
const HISTORIES = Number(process.env.HISTORIES ?? 1_000)
const COMMITS = 5

const requestOf = (changes: Changes, run: string): Request =>
  parsed(requestInput({ ...changes, request: { ...changes.request, run: { id: run, actor: "ann" } } }))

const PHASES = [undefined, { ...MIGRATION }, { ...MIGRATION, phase: "contract" as const }]

/** Requests that people and machines make, each of several runs. */
const POOL: readonly Request[] = Array.from({ length: COMMITS }, (_, index) => index).flatMap((index) => [
  ...PHASES.map((migration, phase) =>
    requestOf({ commit: index, environment: migration ? { migration } : {} }, `deploy-${index}-${phase}`),
  ),
  requestOf({ commit: index, environment: { featureFlags: { NEW: "on" } } }, `flags-${index}`),
  requestOf({ action: "migrate", commit: index, environment: { migration: MIGRATION } }, `migrate-${index}`),
  requestOf({ action: "rollback", commit: index }, `rollback-${index}`),
  requestOf({ action: "rollback", commit: index, request: { to: index } }, `to-${index}`),
])

const ROUGH: Odds = { kill: 0.04, bad: 0.2, person: 0.05, slow: 0.2, partial: 0.05 }
const CALM: Odds = { kill: 0, bad: 0, person: 0, slow: 0, partial: 0 }

const LAST: readonly Request[] = Array.from({ length: 3 }, (_, index) =>
  requestOf({ commit: COMMITS - 1 }, `last-${index}`),
)

/** Lets several people act on one environment; then all is calm, and the newest commit is deployed. */
function history(dice: Dice): World {
  const world = new World()
  const run = (request: Request, odds: Odds) => {
    world.token += 1
    return new Run(world, request, dice, odds, world.token).run()
  }
  let last = POOL[0]
  for (let count = 1 + dice.below(6); count > 0; count -= 1) {
    const request = dice.chance(0.4) ? last : POOL[dice.below(POOL.length)]
    if (request === undefined) continue
    last = request
    run(request, ROUGH)
  }
  converges(world, run)
  return world
}

function converges(
  world: World,
  run: (request: Request, odds: Odds) => { outcome: string; what: string } | null,
): void {
  const ends: string[] = []
  for (const request of LAST) {
    const ended = run(request, CALM)
    ends.push(`${ended?.outcome}: ${ended?.what}`)
    if (ended?.outcome === "succeeded") break
  }
  const live = world.ledger.live?.number
  const all = Object.values(world.live).every((revision) => revision.endsWith(`:${live}`))
  if (!all || world.ledger.inflight !== null || world.ledger.running !== null)
    world.wrong(`does not converge: ${ends.join(" | ")}`)
}

describe("the machine", () => {
  it(`keeps its promises over ${HISTORIES} histories`, () => {
    const broken: string[] = []
    for (let seed = 1; seed <= HISTORIES && broken.length < 5; seed += 1)
      for (const what of history(diceOf(seed)).broken) broken.push(`seed ${seed}: ${what}`)
    expect(broken).toEqual([])
  })

  it("decides something for every prefix of every log", () => {
    const [request] = POOL
    if (request === undefined) throw new Error("no request")
    for (let seed = 1; seed <= 200; seed += 1) {
      const world = new World()
      world.token = 1
      const steps = new Set<string>()
      new Run(world, request, diceOf(seed), { ...CALM, bad: 0.3, kill: 0.05 }, 1).run()
      const { inflight } = world.ledger
      if (inflight === null) continue
      for (let length = 0; length <= inflight.events.length; length += 1) {
        const prefix = { ...inflight, events: inflight.events.slice(0, length) }
        const ledger = { ...world.ledger, inflight: prefix }
        expect(fold(prefix).number).toBe(fold(inflight).number)
        const seen = {
          now: 1,
          open: true,
          passed: new Set<never>(),
          last: null,
          services: null,
          approvers: [],
        }
        const next = decide(ledger, request, seen)
        steps.add(next.do)
        expect(adopted(ledger, request)?.number).toBe(fold(inflight).number)
        expect(["step", "end"]).toContain(next.do)
      }
    }
  })
})
