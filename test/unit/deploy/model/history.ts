/** Histories: several people and machines act on one environment, then all is calm. */
import { ANSWERS } from "../../../../modules/deploy/program/core/journal.ts"
import type { End } from "../../../../modules/deploy/program/core/outcome.ts"
import type { Request } from "../../../../modules/deploy/program/core/request.ts"
import { CALM, type Dice, diceOf, type Odds, ROUGH } from "./dice.ts"
import { type Course, Run } from "./run.ts"
import { HOUR, SECOND, World } from "./world.ts"

/** Requests as people and machines make them. */
export interface Requests {
  readonly pool: readonly Request[]
  /** The newest commit, by runs that differ. */
  readonly newest: readonly Request[]
  readonly rollback: Request
}

/** How far the clocks of two machines may be apart. */
const SKEW_MS = 1_200 * SECOND

interface Actor {
  readonly course: Course<unknown>
  wake: number
}

/** Lets all act in the order of their clocks, until each has ended. */
function play(world: World, actors: Actor[]): void {
  while (actors.length > 0) {
    const [next] = actors.sort((a, b) => a.wake - b.wake)
    if (next === undefined) return
    world.now = Math.max(world.now, next.wake)
    world.goes()
    const turn = next.course.next()
    if (turn.done) actors.splice(0, 1)
    else next.wake = world.now + turn.value
  }
}

/** A person changes a service while nobody looks. */
function* person(world: World, dice: Dice): Course<void> {
  yield 0
  world.meddle(dice.chance(0.5) ? "web" : "worker", dice)
}

/** Returns the same request by a rerun, or with an answer. */
function varied(request: Request, dice: Dice): Request {
  const answer = dice.chance(0.4) ? null : ANSWERS[dice.below(ANSWERS.length)]
  const attempt = 1 + dice.below(2)
  return VARIANTS.get(request)?.find((one) => one.answer === answer && one.run.attempt === attempt) ?? request
}

const VARIANTS = new Map<Request, readonly Request[]>()

function vary(requests: readonly Request[]): void {
  for (const request of requests)
    if (!VARIANTS.has(request))
      VARIANTS.set(
        request,
        [1, 2].flatMap((attempt) =>
          [null, ...ANSWERS].map((answer) => ({
            ...request,
            answer,
            run: { ...request.run, attempt },
          })),
        ),
      )
}

/** Some time until the next request: at once, later, or so late that the platform has forgotten. */
const pause = (dice: Dice): number =>
  dice.chance(0.4) ? dice.below(60) * SECOND : dice.chance(0.1) ? 25 * HOUR : (300 + dice.below(600)) * SECOND

/** Plays a history. @returns what was broken in it. */
export function history(seed: number, { pool, newest, rollback }: Requests): readonly string[] {
  vary(pool)
  const dice = diceOf(seed)
  const world = new World()
  let odds: Odds = ROUGH
  const course = (request: Request) =>
    new Run(world, request, dice, () => odds, dice.below(2 * SKEW_MS) - SKEW_MS).course()
  const actors: Actor[] = []
  let last = pool[0]
  let wake = world.now
  for (let count = 1 + dice.below(6); count > 0; count -= 1) {
    const request = dice.chance(0.4) ? last : pool[dice.below(pool.length)]
    if (request === undefined) continue
    last = request
    actors.push({ course: course(varied(request, dice)), wake })
    if (dice.chance(0.05)) actors.push({ course: person(world, dice), wake: wake + 100 * SECOND })
    wake += pause(dice)
  }
  play(world, actors)
  odds = CALM
  const alone = (request: Request): End | null => {
    let ended: End | null = null
    const run = course(request)
    play(world, [
      {
        course: (function* () {
          ended = yield* run
        })(),
        wake: world.now,
      },
    ])
    return ended
  }
  converges(world, alone, newest)
  for (let count = 0; count < 2; count += 1) alone(rollback)
  return world.promises.broken
}

/** Deploys the newest commit: it must become live, however the environment was left. */
function converges(world: World, alone: (request: Request) => End | null, newest: readonly Request[]): void {
  const ends: string[] = []
  for (const request of newest) {
    const ended = alone(request)
    ends.push(`${ended?.outcome}: ${ended?.what}`)
    if (ended?.outcome === "succeeded") break
  }
  const { live, inflight, running, releases } = world.ledger
  const record = releases.findLast(({ number }) => number === live?.number)
  const all = Object.entries(world.live).every(([name, revision]) => record?.revisions[name] === revision)
  if (!all || inflight !== null || running !== null)
    world.promises.wrong(`does not converge: ${ends.join(" | ")}`)
}
