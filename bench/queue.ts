/** Runs that wait for a free engine: by formula, and by simulation. */

/** Runs of one kind. */
export interface Kind {
  /** Its part of all runs, 0 to 1. */
  readonly share: number
  readonly seconds: number
}

/** Runs that come by chance, and engines that each take one at a time, the longest waiting first. */
export interface Queue {
  /** Runs in an hour. */
  readonly hourly: number
  readonly kinds: readonly Kind[]
  readonly engines: number
}

/** What runs wait. */
export interface Waits {
  /** Seconds that a run waits on average. */
  readonly mean: number
  /** The part of the runs that wait longer than a time in seconds. */
  readonly beyond: (seconds: number) => number
  /** The seconds within which a part of the runs begins. */
  readonly within: (share: number) => number
}

/** Where more runs come than the engines do. */
const ENDLESS: Waits = {
  mean: Number.POSITIVE_INFINITY,
  beyond: () => 1,
  within: () => Number.POSITIVE_INFINITY,
}

/** Returns the mean seconds of a run. */
export const meanSeconds = (kinds: readonly Kind[]): number =>
  kinds.reduce((sum, { share, seconds }) => sum + share * seconds, 0)

/** Returns how many engines are busy on average, where there are enough of them. */
export const busyEngines = ({ hourly, kinds }: Pick<Queue, "hourly" | "kinds">): number =>
  (hourly / 3600) * meanSeconds(kinds)

/** Returns the probability that a run finds all engines busy: Erlang's C. */
export function allBusy(busy: number, engines: number): number {
  if (busy >= engines) return 1
  let blocked = 1
  for (let n = 1; n <= engines; n++) blocked = (busy * blocked) / (n + busy * blocked)
  return blocked / (1 - (busy / engines) * (1 - blocked))
}

/**
 * Returns the waits of a queue in balance, by Erlang's C with the correction of Allen and Cunneen for durations that
 * are not exponential (M/G/c).
 */
export function expectedWaits(queue: Queue): Waits {
  const busy = busyEngines(queue)
  if (busy >= queue.engines) return ENDLESS
  const square = queue.kinds.reduce((sum, { share, seconds }) => sum + share * seconds ** 2, 0)
  const waiting = allBusy(busy, queue.engines)
  /** Seconds in which the number of those that still wait falls by the factor e. */
  const scale = square / (2 * meanSeconds(queue.kinds) * (queue.engines - busy))
  return {
    mean: waiting * scale,
    beyond: (seconds) => waiting * Math.exp(-seconds / scale),
    within: (share) => Math.max(0, scale * Math.log(waiting / (1 - share))),
  }
}

/** Returns the least number of engines on which a part of the runs begins within some seconds. */
export function enginesFor(runs: Omit<Queue, "engines">, share: number, seconds: number): number {
  let engines = Math.floor(busyEngines(runs)) + 1
  while (expectedWaits({ ...runs, engines }).within(share) > seconds) engines++
  return engines
}

/** Simulates a queue run by run. The same seed gives the same runs. */
export function simulatedWaits(queue: Queue, runs: number, seed: number): Waits {
  const chance = random(seed)
  const free = new Float64Array(queue.engines)
  const waits = new Float64Array(runs)
  let now = 0
  for (let run = 0; run < runs; run++) {
    now -= (Math.log(1 - chance()) * 3600) / queue.hourly
    const engine = first(free)
    const begin = Math.max(now, free[engine] ?? 0)
    free[engine] = begin + secondsOf(queue.kinds, chance())
    waits[run] = begin - now
  }
  const sorted = waits.sort()
  return {
    mean: sorted.reduce((sum, wait) => sum + wait, 0) / runs,
    beyond: (seconds) => sorted.filter((wait) => wait > seconds).length / runs,
    within: (share) => sorted[Math.ceil(share * runs) - 1] ?? 0,
  }
}

/** Returns the engine that is free first. */
function first(free: Float64Array): number {
  let found = 0
  for (let engine = 1; engine < free.length; engine++)
    if ((free[engine] ?? 0) < (free[found] ?? 0)) found = engine
  return found
}

/** Returns how long a run takes, by a number between 0 and 1. */
function secondsOf(kinds: readonly Kind[], chance: number): number {
  let below = 0
  for (const { share, seconds } of kinds) {
    below += share
    if (chance < below) return seconds
  }
  return kinds.at(-1)?.seconds ?? 0
}

/** Returns a source of even numbers from 0 to 1 (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
