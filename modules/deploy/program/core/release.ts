/** Chooses the release to roll back to, if a rollback is allowed. */

import type { Ledger, ReleaseRecord } from "./journal.ts"
import { short } from "./text.ts"

type Target =
  | { readonly allowed: true; readonly record: ReleaseRecord }
  | { readonly allowed: false; readonly reason: string }

/** Returns whether a contract migration ran, or may have run, with a release. */
const contracts = ({ migration }: Pick<ReleaseRecord, "migration">): boolean =>
  migration?.phase === "contract"

/**
 * Returns the newest release with a contract migration: older releases do not work with its schema. A failed migration
 * counts, because it may have run in part.
 */
export const floorOf = (ledger: Ledger): number =>
  Math.max(0, ...ledger.releases.filter(contracts).map(({ number }) => number))

/**
 * Returns the last proven-good release.
 *
 * @param below only releases with smaller numbers.
 * @param contracted whether the failing release ran a contract migration.
 */
export function rollbackTarget(ledger: Ledger, below: number, contracted: boolean): Target {
  const record = ledger.releases.findLast(({ proven, number }) => proven && number < below)
  if (!record) return { allowed: false, reason: "the ledger has no proven-good release" }
  return permitted(ledger, record, contracted)
}

/**
 * Returns the target of a requested rollback: by number, or the last proven-good release of another commit than the one
 * in flight or live.
 */
export function requestedTarget(ledger: Ledger, number: number | null): Target {
  const left = ledger.inflight?.commit ?? ledger.live?.commit
  const record =
    number === null
      ? ledger.releases.findLast((one) => one.proven && one.commit !== left)
      : ledger.releases.findLast((one) => one.number === number)
  if (!record) {
    const proven = ledger.releases
      .filter(({ proven }) => proven)
      .map((one) => `${one.number} (${short(one.commit)})`)
    return {
      allowed: false,
      reason:
        number === null
          ? "the ledger has no other proven-good release"
          : `the ledger has no release ${number}; proven-good releases: ${proven.join(", ") || "none"}`,
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
    reason: `the contract migration of ${by} removed what release ${record.number} (${short(record.commit)}) needs`,
  }
}

/** Returns the number of the release that a rollback restored: that one is compared with the floor. */
function original(ledger: Ledger, record: ReleaseRecord): number {
  if (record.action !== "rollback") return record.number
  const first = ledger.releases.findLast(
    (one) => one.action !== "rollback" && one.commit === record.commit && one.number < record.number,
  )
  return first?.number ?? record.number
}
