/** Decides who may take the lease: by how long its object stood still, never by the clock of its owner. */
import type { Lease } from "./journal.ts"
import { type End, end } from "./outcome.ts"
import { short } from "./text.ts"

/** How long a run must see the same lease, on its own clock, before it takes it over, in milliseconds. */
export const LEASE_MS = 75_000
/** How often an owner renews its lease, in milliseconds. */
export const HEARTBEAT_MS = 10_000
/**
 * Age of the last renewal at which an owner stops itself, in milliseconds. A call that was sent just before then has timed
 * out before another run may take the lease.
 */
export const LAPSE_MS = 40_000
/** Age of the last renewal up to which a change is made without another renewal, in milliseconds. */
export const SURE_MS = 20_000

/** How long a run leaves a free lease to each run that waits before it, in milliseconds: they look every 2 s. */
const YIELD_MS = 5_000
/** The longest time that it does so: of the runs before it, any may be dead. */
const YIELD_MOST_MS = 30_000

/** How a run gets the lease. `watching`: it preempts the owner. */
type From = "free" | "dead" | "watching"

/**
 * Returns how long a run must see the same lease before it takes it.
 *
 * @param before how many runs get it first.
 */
export function patience(from: From, before: number): number {
  if (from === "watching") return 0
  const polite = Math.min(before * YIELD_MS, YIELD_MOST_MS)
  return from === "dead" ? LEASE_MS + polite : polite
}

/** A lease as another run sees it. */
export interface Sighting {
  readonly lease: Lease | null
  /** How long this run has seen the same object, in milliseconds on its own clock. */
  readonly still: number
  /** Whether this run saw its owner renew it. */
  readonly renewed: boolean
}

type LeaseDecision =
  | { readonly kind: "take"; readonly token: number; readonly from: From }
  | { readonly kind: "wait"; readonly holder: string }
  | { readonly kind: "refuse"; readonly end: End }

/**
 * Decides whether to take the lease.
 *
 * @param takeOver whether a living owner is preempted if it only watches.
 */
export function leaseDecision({ lease, still, renewed }: Sighting, takeOver: boolean): LeaseDecision {
  if (lease === null) return { kind: "take", token: 1, from: "free" }
  const token = lease.token + 1
  if (lease.owner === null) return { kind: "take", token, from: "free" }
  if (still >= LEASE_MS) return { kind: "take", token, from: "dead" }
  if (takeOver && lease.doing?.watches) return { kind: "take", token, from: "watching" }
  // Refuses only if the owner is surely alive: the lease of a dead one is free soon.
  if (takeOver && renewed) return { kind: "refuse", end: busy(lease) }
  return { kind: "wait", holder: holderText(lease) }
}

const holderText = ({ run, commit }: Lease): string =>
  [
    `run ${run?.id ?? "unknown"} of ${run?.actor ?? "unknown"}`,
    ...(commit ? [`with ${short(commit)}`] : []),
    ...(run?.url ? [`(${run.url})`] : []),
  ].join(" ")

/** Names the owner of a lease; null: there is no lease. */
export const ownerOf = (lease: Lease | null): string =>
  lease === null ? "someone who deleted it" : holderText(lease)

const busy = (lease: Lease): End =>
  end(
    "refused",
    `cannot take over: ${holderText(lease)} is in the middle of a change (${lease.doing?.what ?? "unknown"})`,
    {
      todo: [
        "wait until it watches or ends, then run this again: `status` shows what it does",
        "or stop that run in its CI: then this one takes over once the lease stood still",
        "nothing was changed by this run",
      ],
    },
  )
