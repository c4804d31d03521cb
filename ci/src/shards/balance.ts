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

/** Extra seconds of each part of a stage: it starts a container and lists the test files. */
const SPLIT_SECONDS = 5
/** Seconds that a change must save. */
const WORTHWHILE = 1
/** Of the busiest machine, how many of the longest items may be divided further. */
const LONGEST = 3
/** Of the others, with how many of the least busy it may exchange. */
const IDLEST = 4

/**
 * Shares items out among machines, so that the busiest of them has as little work as possible: the longest first, each to
 * the machine that has the least work with it. What must run before an item counts on each machine that runs it. Divides
 * items of the busiest machine as long as that saves time; at last moves and swaps what that makes faster. The same input
 * has the same result everywhere.
 */
export function shareOut(items: readonly Item[], count: number): readonly Load[] {
  const known = new Map(items.map((item) => [item.name, item]))
  let parts: ReadonlyMap<string, number> = new Map()
  let best = placed(items, known, parts, count)
  for (;;) {
    const before = busiest(best, known)
    const better = divisions(items, parts, before.machine, count)
      .map((division) => ({ division, machines: placed(items, known, division, count) }))
      .find(({ machines }) => busiest(machines, known).seconds < before.seconds - WORTHWHILE)
    if (!better) return refined(best, known).map((machine) => loadOf(machine, items, known))
    parts = better.division
    best = better.machines
  }
}

/** An item or a part of it, and the seconds that it takes by itself. */
interface Share {
  readonly item: Item
  readonly piece: Piece
  readonly seconds: number
}

/** What a machine is given; what must run before that is not in it. */
type Machine = readonly Share[]
type Known = ReadonlyMap<string, Item>

/** Returns all that runs on a machine, with its seconds. */
function running(machine: Machine, known: Known): ReadonlyMap<string, number> {
  const needs = machine.flatMap(({ item }) => [...item.before].flatMap((name) => known.get(name) ?? []))
  return new Map([
    ...needs.map(({ name, seconds }) => [name, seconds] as const),
    ...machine.map(({ item, seconds }) => [item.name, seconds] as const),
  ])
}

const secondsOf = (machine: Machine, known: Known): number =>
  [...running(machine, known).values()].reduce((sum, seconds) => sum + seconds, 0)

function busiest(machines: readonly Machine[], known: Known) {
  const all = machines.map((machine) => ({ machine, seconds: secondsOf(machine, known) }))
  return all.reduce((a, b) => (b.seconds > a.seconds ? b : a))
}

function loadOf(machine: Machine, items: readonly Item[], known: Known): Load {
  const there = running(machine, known)
  const own = new Map(machine.map(({ piece }) => [piece.name, piece]))
  return {
    seconds: secondsOf(machine, known),
    pieces: items
      .filter(({ name }) => there.has(name))
      .map(({ name }) => own.get(name) ?? { name, part: null }),
  }
}

/** Returns the ways to divide an item of a machine into more parts; the longest item first. */
function divisions(
  items: readonly Item[],
  parts: ReadonlyMap<string, number>,
  machine: Machine,
  count: number,
): readonly ReadonlyMap<string, number>[] {
  const there = new Set(machine.map(({ item }) => item.name))
  // Who needs a stage needs all of it.
  const wanted = new Set(items.flatMap(({ before }) => [...before]))
  return items
    .filter(({ name, splits }) => splits && there.has(name) && !wanted.has(name))
    .toSorted((a, b) => b.seconds - a.seconds || order(a.name, b.name))
    .slice(0, LONGEST)
    .flatMap(({ name }) => {
      const now = parts.get(name) ?? 1
      return [now + 1, now + 2].flatMap((more) => (more <= count ? [new Map([...parts, [name, more]])] : []))
    })
}

/** By code units: a locale may differ between machines. */
const order = (a: string, b: string): number => {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** A machine while it is given its shares: what runs on it, with the seconds of each. */
interface Filling {
  readonly shares: Share[]
  readonly there: Set<string>
  seconds: number
}

/** Gives each share to the machine that has the least work with it. */
function placed(
  items: readonly Item[],
  known: Known,
  parts: ReadonlyMap<string, number>,
  count: number,
): readonly Machine[] {
  const machines = Array.from(
    { length: count },
    (): Filling => ({ shares: [], there: new Set(), seconds: 0 }),
  )
  const needs = ({ there }: Filling, { item }: Share) =>
    [...item.before].flatMap((name) => (there.has(name) ? [] : (known.get(name) ?? [])))
  const secondsWith = (machine: Filling, share: Share) =>
    needs(machine, share).reduce((sum, { seconds }) => sum + seconds, machine.seconds + share.seconds)
  for (const share of sharesOf(items, known, parts)) {
    const free = machines.filter(({ there }) => !there.has(share.item.name))
    // What has run as the need of another need not run again.
    if (share.piece.part === null && free.length < count) continue
    const [least] = free
      .map((machine) => ({ machine, seconds: secondsWith(machine, share) }))
      .toSorted((a, b) => a.seconds - b.seconds)
    if (!least) throw new Error(`${share.item.name} has more parts than there are machines`)
    least.machine.seconds = least.seconds
    for (const { name } of needs(least.machine, share)) least.machine.there.add(name)
    least.machine.there.add(share.item.name)
    least.machine.shares.push(share)
  }
  return machines.map(({ shares }) => shares)
}

const hasItem = (machine: Machine, { item }: Share): boolean => machine.some((one) => one.item === item)

/** Returns all items or their parts: those first that take longest, with what must run before them. */
function sharesOf(
  items: readonly Item[],
  known: Known,
  parts: ReadonlyMap<string, number>,
): readonly Share[] {
  const whole = (item: Item): Share => ({
    item,
    piece: { name: item.name, part: null },
    seconds: item.seconds,
  })
  const weights = new Map(items.map((item) => [item, secondsOf([whole(item)], known)]))
  const weight = (item: Item) => weights.get(item) ?? 0
  return items
    .toSorted((a, b) => weight(b) - weight(a) || order(a.name, b.name))
    .flatMap((item) => {
      const count = parts.get(item.name) ?? 1
      if (count === 1) return [whole(item)]
      const seconds = item.seconds / count + SPLIT_SECONDS
      const part = (index: number) => ({ name: item.name, part: { index, count } })
      return Array.from({ length: count }, (_, i) => ({ item, piece: part(i + 1), seconds }))
    })
}

/** Moves shares of the busiest machine to another, or swaps them, as long as that saves time. */
function refined(machines: readonly Machine[], known: Known): readonly Machine[] {
  const { machine: most, seconds } = busiest(machines, known)
  const changes = machines
    .filter((other) => other !== most)
    .toSorted((a, b) => secondsOf(a, known) - secondsOf(b, known))
    .slice(0, IDLEST)
    .flatMap((other) => exchanges(most, other))
    .map((change) => ({ ...change, seconds: busiest([change.left, change.right], known).seconds }))
  const best = changes.reduce<(typeof changes)[number] | null>(
    (least, change) => (least === null || change.seconds < least.seconds ? change : least),
    null,
  )
  if (best === null || best.seconds >= seconds - WORTHWHILE) return machines
  const next = machines.map((machine) => {
    if (machine === most) return best.left
    return machine === best.other ? best.right : machine
  })
  return refined(next, known)
}

/** Returns what two machines come to when a share moves from the first to the second, alone or for one in return. */
function exchanges(most: Machine, other: Machine) {
  return most
    .filter((share) => !hasItem(other, share))
    .flatMap((share) =>
      [null, ...other.filter((one) => !hasItem(most, one))].map((back) => ({
        other,
        left: [...most.filter((one) => one !== share), ...(back ? [back] : [])],
        right: [...other.filter((one) => one !== back), share],
      })),
    )
}
