/** What one of several machines can run: a stage, with what must run before it on the same machine. */
export interface Item {
  readonly name: string
  /** Names of all items that must run before it there. */
  readonly before: ReadonlySet<string>
  /** Seconds of work, without those before it. */
  readonly seconds: number
  /** True where several machines can share it. */
  readonly splits: boolean
}

/** An item on a machine, or one of `count` parts of it. */
export interface Piece {
  readonly name: string
  /** 1-based; null for the whole item. */
  readonly part: { readonly index: number; readonly count: number } | null
}

/** What one machine runs. */
export interface Load {
  readonly pieces: readonly Piece[]
  /** Seconds of work. */
  readonly seconds: number
}

/** Seconds that each part of a stage takes more than its share: a container of its own, and the list of test files. */
const SPLIT_SECONDS = 5
/** Seconds that a split must save. */
const WORTHWHILE = 1

/**
 * Shares items out among machines, so that the busiest of them has as little work as possible: the longest first, each to
 * the machine that has the least work with it. What must run before an item counts on each machine that runs it. Then
 * divides items of the busiest machine as long as that saves time. The same input has the same result everywhere.
 */
export function shareOut(items: readonly Item[], count: number): readonly Load[] {
  let parts: ReadonlyMap<string, number> = new Map()
  let best = placed(items, parts, count)
  for (;;) {
    const better = divisions(items, parts, best, count)
      .map((division) => ({ division, loads: placed(items, division, count) }))
      .find(({ loads }) => busiest(loads) < busiest(best) - WORTHWHILE)
    if (!better) return best
    parts = better.division
    best = better.loads
  }
}

const busiest = (loads: readonly Load[]): number => Math.max(...loads.map(({ seconds }) => seconds))

/** Returns the ways to divide one more item of the busiest machine, or to divide it further; the longest item first. */
function divisions(
  items: readonly Item[],
  parts: ReadonlyMap<string, number>,
  loads: readonly Load[],
  count: number,
): readonly ReadonlyMap<string, number>[] {
  const most = busiest(loads)
  const there = new Set(loads.find(({ seconds }) => seconds === most)?.pieces.map(({ name }) => name) ?? [])
  // Who needs a stage needs all of it.
  const wanted = new Set(items.flatMap(({ before }) => [...before]))
  return items
    .filter(({ name, splits }) => splits && there.has(name) && !wanted.has(name))
    .toSorted((a, b) => b.seconds - a.seconds || order(a.name, b.name))
    .flatMap(({ name }) => {
      const now = parts.get(name) ?? 1
      return Array.from({ length: count - now }, (_, i) => new Map([...parts, [name, now + 1 + i]]))
    })
}

/** By code units: a locale may differ between machines. */
const order = (a: string, b: string): number => {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** A machine while items are shared out. */
interface Machine {
  readonly pieces: Map<string, Piece>
  seconds: number
}

function placed(items: readonly Item[], parts: ReadonlyMap<string, number>, count: number): readonly Load[] {
  const byName = new Map(items.map((item) => [item.name, item]))
  const machines = Array.from({ length: count }, (): Machine => ({ pieces: new Map(), seconds: 0 }))
  const missing = (machine: Machine, { before }: Item) =>
    [...before].flatMap((name) => (machine.pieces.has(name) ? [] : (byName.get(name) ?? [])))
  const added = (machine: Machine, item: Item) =>
    machine.seconds + missing(machine, item).reduce((sum, { seconds }) => sum + seconds, 0)
  for (const { item, piece, seconds } of pieces(items, byName, parts)) {
    // What has run as the need of another need not run again.
    if (piece.part === null && machines.some((machine) => machine.pieces.has(item.name))) continue
    const free = machines.filter((machine) => !machine.pieces.has(item.name))
    const least = free.reduce((a, b) => (added(b, item) < added(a, item) ? b : a))
    least.seconds = added(least, item) + seconds
    for (const need of missing(least, item)) least.pieces.set(need.name, { name: need.name, part: null })
    least.pieces.set(item.name, piece)
  }
  const positions = new Map(items.map(({ name }, i) => [name, i]))
  const at = ({ name }: Piece) => positions.get(name) ?? 0
  return machines.map(({ pieces, seconds }) => ({
    seconds,
    pieces: [...pieces.values()].sort((a, b) => at(a) - at(b)),
  }))
}

/** Returns all items or their parts: those first that take longest, with what must run before them. */
function pieces(
  items: readonly Item[],
  byName: ReadonlyMap<string, Item>,
  parts: ReadonlyMap<string, number>,
): readonly { readonly item: Item; readonly piece: Piece; readonly seconds: number }[] {
  const weights = new Map(
    items.map(({ name, before, seconds }) => [
      name,
      [...before].reduce((sum, one) => sum + (byName.get(one)?.seconds ?? 0), seconds),
    ]),
  )
  const weight = ({ name }: Item) => weights.get(name) ?? 0
  return items
    .toSorted((a, b) => weight(b) - weight(a) || order(a.name, b.name))
    .flatMap((item) => {
      const count = parts.get(item.name) ?? 1
      const seconds = count === 1 ? item.seconds : item.seconds / count + SPLIT_SECONDS
      return Array.from({ length: count }, (_, i) => ({
        item,
        piece: { name: item.name, part: count === 1 ? null : { index: i + 1, count } },
        seconds,
      }))
    })
}
