/** A run's place in the queue. Whatever goes wrong with the queue, the run goes on as if there were none. */
import type { Clock } from "./clock.ts"
import { Ended } from "./outcome.ts"
import { entered, left, queueSchema, runsBefore, supersededEnd, type Waiter, waiterOf } from "./queue.ts"
import type { Request } from "./request.ts"
import type { Store } from "./store.ts"

/** How often a waiting run renews its word, in milliseconds. */
const BEAT_MS = 10_000
/** How long a run waits before people are told, in milliseconds. */
const TELL_MS = 30_000
/** How often a run writes again after another one has written first. */
const ATTEMPTS = 5

const keyOf = (environment: string): string => `${environment}/queue.json`

interface Queue {
  readonly waiting: readonly Waiter[]
  readonly etag: string | null
}

function waitingIn(body: string): readonly Waiter[] {
  try {
    return queueSchema.parse(JSON.parse(body)).waiting
  } catch {
    return []
  }
}

async function readQueue(bucket: Store, environment: string): Promise<Queue> {
  const stored = await bucket.read(keyOf(environment))
  return { waiting: stored === null ? [] : waitingIn(stored.body), etag: stored?.etag ?? null }
}

/** Returns the runs that wait for an environment, the next one first. */
export const waitingFor = async (bucket: Store, environment: string): Promise<readonly Waiter[]> =>
  (await readQueue(bucket, environment)).waiting

/** The place of a run among those that wait for the lease. */
export interface Place {
  /**
   * Says that the run waits; repeated from time to time.
   *
   * @param holder the run that it waits for; null: those before it in the queue.
   * @throws {Ended} if another waiting run supersedes it.
   */
  readonly wait: (holder: string | null) => Promise<void>
  /** Returns how many runs get the lease before this one. */
  readonly before: () => Promise<number>
  /** Takes the run out of the queue. @param passed how many runs before it as well. */
  readonly leave: (passed: number) => Promise<void>
}

interface Options {
  /** Calls succeed or fail within seconds. */
  readonly pulse: Store
  readonly clock: Clock
  readonly request: Request
  /** Tells people once that the run waits. */
  readonly tell: (holder: string) => Promise<void>
}

/** @returns the queue as it was written; null: it could not be. */
async function written(
  { pulse, request }: Options,
  change: (waiting: readonly Waiter[]) => readonly Waiter[],
): Promise<readonly Waiter[] | null> {
  const { name } = request.environment
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const { waiting, etag } = await readQueue(pulse, name)
    const next = change(waiting)
    const body = JSON.stringify({ version: 1, waiting: next })
    if (body === JSON.stringify({ version: 1, waiting })) return next
    if ((await pulse.write(keyOf(name), body, etag)) !== null) return next
  }
  return null
}

const quietly = <T>(act: () => Promise<T>, otherwise: T): Promise<T> => act().catch(() => otherwise)

/** Returns the place of a run that does not wait yet. */
export function placeIn(options: Options): Place {
  const { pulse, clock, request, tell } = options
  const contains = new Set(request.release.ancestors)
  let mine = waiterOf(request, clock.now())
  let beat: number | null = null
  const renewed = (waiting: readonly Waiter[]) => {
    const known = waiting.find(({ run }) => run.id === request.run.id)
    // A rerun keeps its place; what superseded the run before it may be gone by now.
    mine = {
      ...mine,
      ...(known && {
        since: known.since,
        told: mine.told || known.told,
        superseded: beat === null ? null : known.superseded,
      }),
    }
    return entered(waiting, { ...mine, seen: clock.now() }, contains)
  }
  return {
    wait: async (holder) => {
      if (beat !== null && clock.steady() - beat < BEAT_MS) return
      const before = mine.told
      mine = { ...mine, told: before || (holder !== null && clock.now() - mine.since >= TELL_MS) }
      await quietly(() => written(options, renewed), null)
      beat = clock.steady()
      const over = supersededEnd(mine)
      if (over !== null) throw new Ended(over)
      if (holder !== null && mine.told && !before) await tell(holder)
    },
    before: () => quietly(async () => runsBefore(await waitingFor(pulse, request.environment.name), mine), 0),
    leave: async (passed) => {
      await quietly(() => written(options, (waiting) => left(waiting, mine, passed)), null)
    },
  }
}
