/** A lease that this run holds: renewed until it is freed, lost, or can no longer be relied on. */
import type { Clock } from "./clock.ts"
import type { Lease } from "./journal.ts"
import { HEARTBEAT_MS, LAPSE_MS, LEASE_MS, ownerOf, SURE_MS } from "./lease-rule.ts"
import { LeaseLapsed, LeaseLost } from "./outcome.ts"
import { leaseIn } from "./state.ts"
import type { Store } from "./store.ts"
import { messageOf, oneLine } from "./text.ts"

/** What a run announces in its lease, and what it checks before a change. */
export interface Duty {
  /** Names what the run does, for other runs. */
  readonly step: (what: string) => void
  /** Says that the run only watches: a rollback may preempt it. */
  readonly watching: () => Promise<void>
  /**
   * Makes sure, right before a change is sent, that the lease is held, and that nobody takes it over meanwhile.
   *
   * @throws {LeaseLost}, {LeaseLapsed}
   */
  readonly changing: () => Promise<void>
}

/** A lease that this run holds. */
export interface Hold extends Duty {
  readonly token: number
  /** The owner that this run took the lease from, and how; null: it was free. */
  readonly from: Taken | null
  /** @throws {LeaseLost}, {LeaseLapsed} */
  readonly assertHeld: () => void
  /** Says that the environment has a ledger. */
  readonly opened: () => void
  readonly free: () => Promise<void>
}

/** `dead`: its lease stood still. `watching`: it was preempted. */
export interface Taken {
  readonly how: "dead" | "watching"
  readonly lease: Lease
}

/** What a run does first. */
export const STARTING: NonNullable<Lease["doing"]> = { what: "its start", watches: false }

/** A run without the lease makes no changes. */
export const NO_DUTY: Duty = {
  step: () => {},
  watching: async () => {},
  changing: async () => {
    throw new Error("no change without the lease")
  },
}

/** What keeping a lease needs. */
interface Keeping {
  readonly bucket: Store
  /** The same objects; calls succeed or fail within seconds. */
  readonly pulse: Store
  readonly clock: Clock
  readonly onLost: () => void
  readonly key: string
}

interface Written {
  readonly lease: Lease
  readonly etag: string
}

/** Wait before the run announces a change again, in milliseconds. */
const AGAIN_MS = 2_000

/** The lease in the bucket, as this run renews it. */
interface Pulse {
  /** Writes the lease. @returns why it could not be written; null: it is written. */
  readonly renew: (change: Partial<Lease>) => Promise<string | null>
  /** Milliseconds since the last renewal was sent. */
  readonly age: () => number
  /** Ends the lease: nothing is written any more. */
  readonly end: (why: Error) => void
  readonly over: () => Error | null
  readonly written: () => Written
}

/** Reads the lease; null: someone deleted it. */
async function storedIn({ pulse, key }: Keeping): Promise<Written | null> {
  const stored = await pulse.read(key)
  return stored === null ? null : { lease: leaseIn(key, stored), etag: stored.etag }
}

/** Writes the lease over what has an etag; null: that was changed. */
async function overwritten({ pulse, key }: Keeping, lease: Lease, etag: string): Promise<Written | null> {
  const next = await pulse.write(key, JSON.stringify(lease), etag)
  return next === null ? null : { lease, etag: next }
}

/** Writes the lease over the one that this run wrote last, unless another run has it. */
async function rewritten(keeping: Keeping, lease: Lease, last: Written): Promise<Written | LeaseLost> {
  const next = await overwritten(keeping, lease, last.etag)
  if (next !== null) return next
  // An earlier write of this run may have arrived although its answer did not.
  const there = await storedIn(keeping)
  const mine = there !== null && there.lease.owner === lease.owner
  const again = mine ? await overwritten(keeping, lease, there.etag) : null
  return again ?? new LeaseLost(ownerOf(there?.lease ?? null))
}

function pulseOf(keeping: Keeping, first: Written): Pulse {
  const { clock, onLost } = keeping
  // One clock stands still while the machine sleeps, the other can be set: the longer time counts.
  const moment = () => ({ wall: clock.now(), steady: clock.steady() })
  let written = first
  let renewed = moment()
  let over: Error | null = null
  const age = () => Math.max(clock.now() - renewed.wall, clock.steady() - renewed.steady)
  const end = (why: Error) => {
    if (over !== null) return
    over = why
    onLost()
  }
  return {
    renew: async (change) => {
      const sent = moment()
      const lease = {
        ...written.lease,
        ...change,
        beat: written.lease.beat + 1,
        expires: sent.wall + LEASE_MS,
      }
      try {
        const next = await rewritten(keeping, lease, written)
        if (next instanceof LeaseLost) end(next)
        else written = next
        renewed = sent
        return null
      } catch (error) {
        const why = oneLine(messageOf(error))
        if (age() >= LAPSE_MS) end(new LeaseLapsed(Math.round(age() / 1000), why))
        return why
      }
    },
    age,
    end,
    over: () => over,
    written: () => written,
  }
}

/** Returns a function that runs one call after the other: each write needs the etag of the previous one. */
function queue(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (act) => {
    const next = last.then(act)
    last = next.catch(() => {})
    return next
  }
}

/** Renews a lease with what the run announces, until it is freed. */
function renewing(keeping: Keeping, first: Written, announced: () => Pick<Lease, "doing" | "ledger">) {
  const { bucket, clock, key } = keeping
  const pulse = pulseOf(keeping, first)
  const inOrder = queue()
  let freed = false
  const renew = () => inOrder(async () => (freed || pulse.over() !== null ? null : pulse.renew(announced())))
  const stop = clock.every(HEARTBEAT_MS, async () => {
    await renew()
  })
  return {
    renew,
    age: pulse.age,
    assertHeld: (): void => {
      const why = pulse.over()
      if (why !== null) throw why
      if (freed) throw new Error("the lease is freed")
    },
    free: async (): Promise<void> => {
      stop()
      freed = true
      await inOrder(async () => {
        if (pulse.over() !== null) return
        const { lease, etag } = pulse.written()
        const { ledger } = announced()
        const none = { owner: null, run: null, commit: null, expires: 0, doing: null }
        await bucket.write(key, JSON.stringify({ ...lease, ...none, ledger }), etag)
      })
    },
  }
}

/** Renews a lease that was just written until it is freed. */
export function held(keeping: Keeping, first: Written, from: Taken | null): Hold {
  let ledger = first.lease.ledger
  let doing = first.lease.doing ?? STARTING
  // Whether the lease in the bucket may say that this run only watches: then a rollback may take it.
  let open = false
  const { renew, age, assertHeld, free } = renewing(keeping, first, () => ({ doing, ledger }))
  return {
    token: first.lease.token,
    from,
    assertHeld,
    free,
    opened: () => {
      ledger = true
    },
    step: (what) => {
      doing = { ...doing, what }
    },
    watching: async () => {
      if (open && doing.watches) return
      open = true
      doing = { ...doing, watches: true }
      await renew()
    },
    changing: async () => {
      doing = { ...doing, watches: false }
      for (;;) {
        assertHeld()
        if (!open && age() <= SURE_MS) return
        const why = await renew()
        assertHeld()
        if (why === null) open = false
        if (!open && age() <= LAPSE_MS) return
        await keeping.clock.sleep(AGAIN_MS)
      }
    },
  }
}
