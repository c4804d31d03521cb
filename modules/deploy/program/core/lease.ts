/** The lease of an environment: one owner at a time, with an increasing token. */
import { randomUUID } from "node:crypto"
import type { Clock } from "./clock.ts"
import { assertConditional } from "./conditions.ts"
import type { Lease } from "./journal.ts"
import { LEASE_MS, leaseDecision, patience } from "./lease-rule.ts"
import { Ended, end } from "./outcome.ts"
import { type Place, placeIn } from "./place.ts"
import type { Request } from "./request.ts"
import { BrokenState, leaseIn } from "./state.ts"
import type { Store } from "./store.ts"
import { type Hold, held, STARTING, type Taken } from "./tenure.ts"

const KEY = "lease.json"
/** How often another run's lease is checked, in milliseconds. */
const LOOK_MS = 2_000

/** What a run needs to get the lease of an environment, and to keep it. */
export interface LeaseOptions {
  readonly bucket: Store
  /** The same objects; calls succeed or fail within seconds. */
  readonly pulse: Store
  readonly clock: Clock
  readonly request: Request
  readonly say: (line: string) => void
  /** Token of the last writer of the ledger: it had a lease. */
  readonly fence: number
  /** Tells people that the run waits for another one. */
  readonly tell: (holder: string) => Promise<void>
  /** Called once if the lease is lost. */
  readonly onLost: () => void
}

/** Returns the key of an environment's lease in the bucket. */
export const leaseKey = (environment: string): string => `${environment}/${KEY}`

interface ReadLease {
  readonly lease: Lease | null
  readonly etag: string | null
}

/**
 * Reads the lease; null before the first run.
 *
 * @param fence of the ledger: its writer had a lease.
 * @throws {BrokenState} if it is damaged or was deleted.
 */
export async function readLease(bucket: Store, environment: string, fence: number): Promise<ReadLease> {
  const key = leaseKey(environment)
  const stored = await bucket.read(key)
  if (stored !== null) return { lease: leaseIn(key, stored), etag: stored.etag }
  if (fence > 0) throw new BrokenState(key, { kind: "missing", detail: "the ledger was written under one" })
  return { lease: null, etag: null }
}

const takenFrom = (lease: Lease | null, how: Taken["how"] | "free"): Taken | null =>
  lease === null || how === "free" ? null : { how, lease }

/** What a run knows of the lease while it waits. */
interface Sight {
  readonly etag: string | null
  readonly since: number
  readonly renewed: boolean
}

interface Waiting extends LeaseOptions {
  readonly place: Place
  /** The last moment to wait for a living owner, by the steady clock. */
  readonly latest: number
}

/** Whether it is this run's turn: a run that waits longer goes first, unless this one may not wait any more. */
async function myTurn({ place, clock, latest }: Waiting, from: Taken["how"] | "free", still: number) {
  if (from === "watching" || clock.steady() >= latest) return { turn: true, passed: 0 }
  const before = await place.before()
  return { turn: still >= patience(from, before), passed: before }
}

/** The hold, and how many runs of the queue it passed. */
interface Got {
  readonly hold: Hold
  readonly passed: number
}

/** What the lease allows now, and for how long it has stood still. */
interface Look extends ReadLease {
  readonly decision: ReturnType<typeof leaseDecision>
  readonly still: number
}

/** Returns a look at the lease that remembers how long the object has been the same. */
function looking({ bucket, clock, request, fence }: Waiting): () => Promise<Look> {
  let seen: Sight | null = null
  return async () => {
    const { lease, etag } = await readLease(bucket, request.environment.name, fence)
    const now = clock.steady()
    // Counts from after the answer: the object was there by then.
    if (seen === null || seen.etag !== etag) seen = { etag, since: now, renewed: seen !== null }
    const still = now - seen.since
    const decision = leaseDecision({ lease, still, renewed: seen.renewed }, request.takeOver)
    return { lease, etag, still, decision }
  }
}

/** Takes the lease if it is this run's turn. @returns null: it is another's; "again": someone was faster. */
async function tried(
  options: Waiting,
  { lease, etag, still }: Look,
  { from, token }: Extract<Look["decision"], { readonly kind: "take" }>,
): Promise<Got | "again" | null> {
  const { turn, passed } = await myTurn(options, from, still)
  if (!turn) return null
  const key = leaseKey(options.request.environment.name)
  const mine = leaseOf(options, token, lease)
  const written = await options.bucket.write(key, JSON.stringify(mine), etag)
  if (written === null) return "again"
  const hold = held({ ...options, key }, { lease: mine, etag: written }, takenFrom(lease, from))
  try {
    await assertConditional(options.bucket, key, JSON.stringify({ ...mine, beat: mine.beat + 1 }))
  } catch (error) {
    await hold.free().catch(() => {})
    throw error
  }
  return { hold, passed }
}

/** Looks at the lease until it is this run's. */
async function awaited(options: Waiting): Promise<Got> {
  const { clock, request, say, place, latest } = options
  const look = looking(options)
  let announced = ""
  const announce = (holder: string): string => {
    if (clock.steady() >= latest) throw new Ended(tooLong(holder, request.environment.leaseWaitMinutes))
    if (announced !== holder) say(waitText(holder))
    announced = holder
    return holder
  }
  for (;;) {
    const looked = await look()
    const { decision } = looked
    if (decision.kind === "refuse") throw new Ended(decision.end)
    const got = decision.kind === "take" ? await tried(options, looked, decision) : null
    if (got === "again") continue
    if (got !== null) return got
    await place.wait(decision.kind === "take" ? null : announce(decision.holder))
    await clock.sleep(LOOK_MS)
  }
}

const waitText = (holder: string): string =>
  `  waiting for ${holder}; takes over if it does not renew its lease for ${LEASE_MS / 1000} s`

/**
 * Takes the lease and renews it until it is freed. Waits for a living owner, and for the runs that waited before; takes over
 * from an owner whose lease stood still, and from one that only watches if the request says so.
 *
 * @throws {Ended} `refused` if the owner does not finish in time, or must not be preempted, or the store ignores conditions; `superseded` if another run that
 * waits deploys the same and more.
 */
export async function takeLease(options: LeaseOptions): Promise<Hold> {
  const { clock, request } = options
  const place = placeIn(options)
  const latest = clock.steady() + request.environment.leaseWaitMinutes * 60_000
  let passed = 0
  try {
    const taken = await awaited({ ...options, place, latest })
    passed = taken.passed
    return taken.hold
  } finally {
    await place.leave(passed)
  }
}

const leaseOf = ({ clock, request }: LeaseOptions, token: number, before: Lease | null): Lease => {
  const { run, release } = request
  return {
    owner: `${run.id}/${run.attempt}/${randomUUID()}`,
    run: { id: run.id, url: run.url, actor: run.actor, attempt: run.attempt },
    commit: release.commit,
    token,
    expires: clock.now() + LEASE_MS,
    beat: 0,
    doing: STARTING,
    ledger: before?.ledger ?? false,
  }
}

const tooLong = (holder: string, minutes: number) =>
  end("refused", `${holder} still holds the lease after ${minutes} min of waiting`, {
    todo: ["check that run; when it has ended, run this one again"],
  })
