/** Chooses the release to return to, if the floor allows it. */
import type { Journal } from "./journal.ts"
import { floorOf, inflightOf, type Ledger, type ReleaseRecord } from "./ledger.ts"
import type { ServiceNow } from "./seen.ts"
import { short } from "./text.ts"

/** The release to return to, or why there is no way back. */
export type Target =
  | { readonly allowed: true; readonly record: ReleaseRecord }
  | { readonly allowed: false; readonly reason: string }

/** Returns a target that has at least one of the services: to return to nothing would change nothing, and say it did. */
export function havingAny(target: Target, names: readonly string[]): Target {
  if (!target.allowed || names.some((name) => target.record.revisions[name] !== undefined)) return target
  const { number, commit } = target.record
  return { allowed: false, reason: `release ${number} (${short(commit)}) has none of these services` }
}

/** Returns the record of a release; undefined: not in the ledger. */
export const releaseOf = (
  { releases }: Pick<Ledger, "releases">,
  number: number | undefined,
): ReleaseRecord | undefined => releases.findLast((one) => one.number === number)

/**
 * Returns the place of a release in the order of releases: its own number, or that of the release that it restored. A
 * release whose origin is unknown comes first, so that nothing relies on it.
 */
export function placeOf(ledger: Ledger, record: ReleaseRecord): number {
  if (record.action !== "rollback") return record.number
  if (record.to !== null) {
    const restored = releaseOf(ledger, record.to)
    return restored === undefined || restored === record ? record.to : placeOf(ledger, restored)
  }
  const first = ledger.releases.findLast(
    (one) => one.action !== "rollback" && one.commit === record.commit && one.number < record.number,
  )
  return first?.number ?? 0
}

/** Returns the place of the live release; null: nothing is live, or it is unknown. */
function livePlace(ledger: Ledger): number | null {
  if (ledger.live === null) return null
  const record = releaseOf(ledger, ledger.live.number)
  return record === undefined ? ledger.live.number : placeOf(ledger, record)
}

/** Returns the newest proven-good release that a test accepts by its place. */
const newestProven = (ledger: Ledger, accepts: (place: number) => boolean): ReleaseRecord | undefined =>
  ledger.releases.findLast((one) => one.proven && accepts(placeOf(ledger, one)))

/**
 * Returns the lowest place of the releases whose services all run the same in the live one: to return to any of them
 * would change nothing.
 */
function lowestAlike(ledger: Ledger, place: number): number {
  const live = releaseOf(ledger, ledger.live?.number)
  const alike = ledger.releases.filter(
    ({ proven, revisions }) =>
      proven && Object.entries(revisions).every(([service, one]) => live?.revisions[service] === one),
  )
  return Math.min(place, ...alike.map((one) => placeOf(ledger, one)))
}

/**
 * Returns the place of the newest proven-good release that the services ran before a release; null: they ran no such one.
 * Somebody may have taken them back without Slipway.
 */
function placeBefore(ledger: Ledger, before: Journal["before"]): number | null {
  const ran = Object.entries(before)
  const record = ledger.releases.findLast(
    ({ proven, revisions }) =>
      proven && ran.length > 0 && ran.every(([service, { revision }]) => revisions[service] === revision),
  )
  return record === undefined ? null : placeOf(ledger, record)
}

/**
 * Returns where a failing release goes back to: the release that was live before it, or the last proven-good one below
 * that. A release that someone rolled back from, with Slipway or without, is above it, and so is never chosen.
 */
export function returnTarget(ledger: Ledger, failing: Pick<Journal, "number" | "before">): Target {
  const live = livePlace(ledger)
  const ran = placeBefore(ledger, failing.before)
  const place = live === null || ran === null || ran < floorOf(ledger) ? live : Math.min(live, ran)
  const record = newestProven(ledger, (one) => (place === null || one <= place) && one < failing.number)
  return record
    ? permitted(ledger, record)
    : { allowed: false, reason: "the ledger has no proven-good release" }
}

/** Returns the highest place that a rollback without a number may choose; null: any. */
function limitOf(ledger: Ledger): number | null {
  const inflight = inflightOf(ledger)
  const back = inflight?.back ?? null
  if (back !== null) {
    const target = releaseOf(ledger, back.to)
    return target === undefined ? back.to : placeOf(ledger, target)
  }
  const place = livePlace(ledger)
  if (place === null) return null
  return inflight !== null && inflight.action !== "migrate" ? place : lowestAlike(ledger, place) - 1
}

/**
 * Returns the target of a requested rollback. By number: exactly that release. Otherwise the last proven-good release
 * below the live one that ran something else; if a release is in flight, the one that was live before it. So no rollback goes forward, however
 * often it is asked for.
 */
export function requestedTarget(ledger: Ledger, number: number | null): Target {
  if (number !== null) return namedTarget(ledger, number)
  const limit = limitOf(ledger)
  const record = newestProven(ledger, (place) => limit === null || place <= limit)
  return record
    ? permitted(ledger, record)
    : { allowed: false, reason: "the ledger has no other proven-good release" }
}

function namedTarget(ledger: Ledger, number: number): Target {
  const record = releaseOf(ledger, number)
  if (!record) {
    const proven = ledger.releases
      .filter(({ proven }) => proven)
      .map((one) => `${one.number} (${short(one.commit)})`)
    return {
      allowed: false,
      reason: `the ledger has no release ${number}; proven-good releases: ${proven.join(", ") || "none"}`,
    }
  }
  return record.proven
    ? permitted(ledger, record)
    : {
        allowed: false,
        reason: `release ${record.number} (${short(record.commit)}) was never proven good`,
      }
}

function permitted(ledger: Ledger, record: ReleaseRecord): Target {
  const floor = floorOf(ledger)
  if (placeOf(ledger, record) >= floor) return { allowed: true, record }
  const by = floor === inflightOf(ledger)?.number ? "this release" : `release ${floor}`
  return {
    allowed: false,
    reason: `the contract migration of ${by} removed what release ${record.number} (${short(record.commit)}) needs`,
  }
}

/**
 * Returns whether the platform may return the services by itself to what they ran before: only if that is not below the
 * floor. It holds for everything that makes it return: circuit breaker, alarms, pauses that time out, answers. It returns to
 * the last deployment that was complete, so what was not steady tells nothing of where that leads.
 */
export function mayReturn(ledger: Ledger, before: Readonly<Record<string, ServiceNow>>): boolean {
  const floor = floorOf(ledger)
  if (floor === 0) return true
  return Object.entries(before).every(
    ([service, { revision, steady }]) =>
      steady &&
      ledger.releases.some((one) => one.revisions[service] === revision && placeOf(ledger, one) >= floor),
  )
}
