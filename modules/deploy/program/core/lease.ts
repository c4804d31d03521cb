/** The lease of an environment: one owner at a time, with an increasing token. */
import { randomUUID } from "node:crypto"
import type { Clock } from "./clock.ts"
import { Fault } from "./fault.ts"
import { type Lease, leaseSchema } from "./journal.ts"
import { HEARTBEAT_MS, LEASE_MS, leaseDecision } from "./order.ts"
import { Ended, end, LeaseLost } from "./outcome.ts"
import type { Request } from "./request.ts"
import type { Store, Stored } from "./store.ts"
import { utc } from "./text.ts"

const KEY = "lease.json"
/** How often another run's lease is checked, in milliseconds. */
const LOOK_MS = 2_000

export interface Hold {
  readonly token: number
  /** Whether the previous owner died. */
  readonly takenOver: boolean
  /** The run that took the lease over; null: none. */
  readonly lostTo: () => string | null
  readonly free: () => Promise<void>
}

interface LeaseOptions {
  readonly bucket: Store
  readonly clock: Clock
  readonly request: Request
  readonly say: (line: string) => void
  /** Called once if another run takes the lease over. */
  readonly onLost: () => void
}

const keyOf = (request: Request): string => `${request.environment.name}/${KEY}`

/** Reads the lease; null before the first run. */
export async function readLease(
  bucket: Store,
  request: Request,
): Promise<{ lease: Lease | null; stored: Stored | null }> {
  const stored = await bucket.read(keyOf(request))
  if (stored === null) return { lease: null, stored }
  return { lease: leaseSchema.parse(JSON.parse(stored.body)), stored }
}

/**
 * Takes the lease and renews it until it is freed. Waits for a live owner; takes over from a dead one.
 *
 * @throws {Ended} `refused` if the owner does not finish in time.
 */
export async function takeLease(options: LeaseOptions): Promise<Hold> {
  const { bucket, clock, request, say } = options
  const { run, release, environment } = request
  const owner = `${run.id}/${run.attempt}/${randomUUID()}`
  const latest = clock.now() + environment.leaseWaitMinutes * 60_000
  let announced = ""
  for (;;) {
    const { lease, stored } = await readLease(bucket, request)
    const decision = leaseDecision(lease, clock.now())
    if (decision.kind === "take") {
      const mine: Lease = {
        owner,
        run: { id: run.id, url: run.url, actor: run.actor, attempt: run.attempt },
        commit: release.commit,
        token: decision.token,
        expires: clock.now() + LEASE_MS,
      }
      const etag = await bucket.write(keyOf(request), JSON.stringify(mine), stored?.etag ?? null)
      if (etag !== null) return held(options, mine, etag, decision.takenOver)
      continue
    }
    if (clock.now() >= latest) throw new Ended(busy(decision.holder, environment.leaseWaitMinutes))
    if (announced !== decision.holder)
      say(`  waiting for ${decision.holder}; its lease lasts until ${utc(decision.until)}`)
    announced = decision.holder
    await clock.sleep(LOOK_MS)
  }
}

const busy = (holder: string, minutes: number) =>
  end("refused", `${holder} still holds the lease after ${minutes} min of waiting`, {
    todo: ["check that run; when it has ended, run this one again"],
  })

function held(
  { bucket, clock, request, onLost }: LeaseOptions,
  mine: Lease,
  first: string,
  takenOver: boolean,
): Hold {
  const key = keyOf(request)
  let etag = first
  let lost: string | null = null
  let freed = false
  const write = async (lease: Lease): Promise<boolean> => {
    const next = await bucket.write(key, JSON.stringify(lease), etag)
    if (next !== null) etag = next
    return next !== null
  }
  const beat = async (): Promise<void> => {
    if (freed || lost !== null) return
    try {
      if (await write({ ...mine, expires: clock.now() + LEASE_MS })) return
    } catch (error) {
      // S3 is unreachable for now: the next heartbeat retries, and the fence protects the ledger meanwhile.
      if (error instanceof Fault) return
      throw error
    }
    if (freed) return
    const { lease } = await readLease(bucket, request)
    lost = `run ${lease?.run?.id ?? "unknown"}`
    onLost()
  }
  // Sequential: each write needs the etag of the previous one.
  let last = Promise.resolve()
  const stop = clock.every(HEARTBEAT_MS, () => {
    last = last.then(beat)
    return last
  })
  return {
    token: mine.token,
    takenOver,
    lostTo: () => lost,
    free: async () => {
      stop()
      freed = true
      await last.catch(() => {})
      if (lost === null) await write({ ...mine, owner: null, run: null, commit: null, expires: 0 })
    },
  }
}

/** @throws {LeaseLost} if another run has taken the lease over. */
export function assertHeld(hold: Hold): void {
  const by = hold.lostTo()
  if (by !== null) throw new LeaseLost(by)
}
