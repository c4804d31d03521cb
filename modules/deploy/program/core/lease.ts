/** The lease of an environment: one owner at a time, with an increasing token. */
import { randomUUID } from "node:crypto"
import type { Clock } from "./clock.ts"
import type { Lease } from "./journal.ts"
import { LEASE_MS, leaseDecision } from "./lease-rule.ts"
import { Ended, end } from "./outcome.ts"
import type { Request } from "./request.ts"
import { BrokenState, leaseIn } from "./state.ts"
import type { Store, Stored } from "./store.ts"
import { type Hold, held, type Taken } from "./tenure.ts"

const KEY = "lease.json"
/** How often another run's lease is checked, in milliseconds. */
const LOOK_MS = 2_000

export interface LeaseOptions {
  readonly bucket: Store
  /** The same objects; calls succeed or fail within seconds. */
  readonly pulse: Store
  readonly clock: Clock
  readonly request: Request
  readonly say: (line: string) => void
  /** Token of the last writer of the ledger: it had a lease. */
  readonly fence: number
  /** Called once if the lease is lost. */
  readonly onLost: () => void
}

export const leaseKey = ({ environment }: Request): string => `${environment.name}/${KEY}`

interface ReadLease {
  readonly lease: Lease | null
  readonly stored: Stored | null
}

/** Reads the lease; null before the first run. */
async function readLease(bucket: Store, request: Request, fence: number): Promise<ReadLease> {
  const stored = await bucket.read(leaseKey(request))
  const lease = stored === null ? null : leaseIn(leaseKey(request), stored)
  if (lease === null && fence > 0) throw new BrokenState(leaseKey(request), LOST)
  return { lease, stored }
}

const takenFrom = (lease: Lease | null, how: Taken["how"] | "free"): Taken | null =>
  lease === null || how === "free" ? null : { how, lease }

/**
 * Takes the lease and renews it until it is freed. Waits for a living owner; takes over from one whose lease stood still,
 * and from one that only watches if the request says so.
 *
 * @throws {Ended} `refused` if the owner does not finish in time, or must not be preempted.
 */
export async function takeLease(options: LeaseOptions): Promise<Hold> {
  const { bucket, clock, request, say } = options
  const { leaseWaitMinutes } = request.environment
  const latest = clock.steady() + leaseWaitMinutes * 60_000
  let seen: { readonly etag: string | null; readonly since: number; readonly renewed: boolean } | null = null
  let announced = ""
  for (;;) {
    const { lease, stored } = await readLease(bucket, request, options.fence)
    const etag = stored?.etag ?? null
    const now = clock.steady()
    // Counted from after the answer: the object was there at the latest then.
    if (seen === null || seen.etag !== etag) seen = { etag, since: now, renewed: seen !== null }
    const decision = leaseDecision(
      { lease, still: now - seen.since, renewed: seen.renewed },
      request.takeOver,
    )
    if (decision.kind === "refuse") throw new Ended(decision.end)
    if (decision.kind === "take") {
      const mine = leaseOf(options, decision.token, lease)
      const written = await bucket.write(leaseKey(request), JSON.stringify(mine), etag)
      if (written === null) continue
      const from = takenFrom(lease, decision.from)
      return held({ ...options, key: leaseKey(request) }, { lease: mine, etag: written }, from)
    }
    if (now >= latest) throw new Ended(tooLong(decision.holder, leaseWaitMinutes))
    if (announced !== decision.holder)
      say(
        `  waiting for ${decision.holder}; takes over if it does not renew its lease for ${LEASE_MS / 1000} s`,
      )
    announced = decision.holder
    await clock.sleep(LOOK_MS)
  }
}

/**
 * Reads the lease.
 *
 * @param fence of the ledger: its writer had a lease.
 * @throws {BrokenState} if it is damaged or was deleted.
 */
export async function leaseUnder(bucket: Store, request: Request, fence: number): Promise<Lease | null> {
  const { lease } = await readLease(bucket, request, fence)
  return lease
}

const LOST = { kind: "missing", detail: "the ledger was written under one" } as const

const leaseOf = ({ clock, request }: LeaseOptions, token: number, before: Lease | null): Lease => {
  const { run, release } = request
  return {
    owner: `${run.id}/${run.attempt}/${randomUUID()}`,
    run: { id: run.id, url: run.url, actor: run.actor, attempt: run.attempt },
    commit: release.commit,
    token,
    expires: clock.now() + LEASE_MS,
    beat: 0,
    doing: { what: "its start", watches: false },
    ledger: before?.ledger ?? false,
  }
}

const tooLong = (holder: string, minutes: number) =>
  end("refused", `${holder} still holds the lease after ${minutes} min of waiting`, {
    todo: ["check that run; when it has ended, run this one again"],
  })
