/** Which release to go back to, and whether that is allowed. */

import type { Ledger, ReleaseRecord } from "./state.ts"
import { short } from "./text.ts"

export type Target =
  | { readonly allowed: true; readonly record: ReleaseRecord }
  | { readonly allowed: false; readonly reason: string }

/** Whether a contract migration ran, or may have run, for this release. */
const contracts = ({ migration }: Pick<ReleaseRecord, "migration">): boolean =>
  migration?.phase === "contract"

/**
 * The number of the newest release whose contract migration ran: nothing below it works with the schema as it is now.
 * One that failed may have got half way, and counts.
 */
export const floorOf = (ledger: Ledger): number =>
  Math.max(0, ...ledger.releases.filter(contracts).map(({ number }) => number))

/**
 * The last proven-good release that is live in none of our hands.
 *
 * @param below only releases with smaller numbers.
 * @param contracted whether the release that fails now ran a contract migration.
 */
export function rollbackTarget(ledger: Ledger, below: number, contracted: boolean): Target {
  const record = ledger.releases.findLast(({ proven, number }) => proven && number < below)
  if (!record) return { allowed: false, reason: "no release in the ledger was ever proven good" }
  return permitted(ledger, record, contracted)
}

/**
 * The target of an asked-for rollback: by number, or the last proven-good one that is not what is to be left: what a
 * run left half way, or else what is live.
 */
export function askedTarget(ledger: Ledger, number: number | null): Target {
  const left = ledger.inflight?.commit ?? ledger.live?.commit
  const record =
    number === null
      ? ledger.releases.findLast((one) => one.proven && one.commit !== left)
      : ledger.releases.findLast((one) => one.number === number)
  if (!record) {
    const known = ledger.releases
      .filter(({ proven }) => proven)
      .map((one) => `${one.number} (${short(one.commit)})`)
    return {
      allowed: false,
      reason:
        number === null
          ? "the ledger has no other release that was proven good"
          : `the ledger has no release ${number}; proven good are ${known.join(", ") || "none"}`,
    }
  }
  if (!record.proven)
    return {
      allowed: false,
      reason: `release ${record.number} (${short(record.commit)}) was never proven good`,
    }
  return permitted(ledger, record, false)
}

function permitted(ledger: Ledger, record: ReleaseRecord, contracted: boolean): Target {
  const floor = floorOf(ledger)
  if (!contracted && original(ledger, record) >= floor) return { allowed: true, record }
  const by = contracted ? "this release" : `release ${floor}`
  return {
    allowed: false,
    reason: `the contract migration of ${by} took away what release ${record.number} (${short(record.commit)}) needs`,
  }
}

/** A rollback's record holds what an earlier release holds: the floor asks for that one. */
function original(ledger: Ledger, record: ReleaseRecord): number {
  if (record.action !== "rollback") return record.number
  const first = ledger.releases.findLast(
    (one) => one.action !== "rollback" && one.commit === record.commit && one.number < record.number,
  )
  return first?.number ?? record.number
}
