/** Decides who may act, by the order of commits. */

import { inflightOf, type Ledger } from "./ledger.ts"
import { type End, end } from "./outcome.ts"
import type { Action, Release } from "./request.ts"
import { short, UNKNOWN_COMMIT, utc } from "./text.ts"

/** Compares a release with another commit by its list of ancestors. */
function relation(release: Release, other: string): "same" | "contains" | "lacks" | "unknown" {
  if (release.commit === other) return "same"
  if (release.ancestors.includes(other)) return "contains"
  return release.complete ? "lacks" : "unknown"
}

function tooOld(release: Release, other: string, is: string): End | null {
  const related = relation(release, other)
  if (related === "same" || related === "contains") return null
  const mine = short(release.commit)
  return related === "unknown"
    ? end(
        "refused",
        `shallow clone: cannot tell whether ${mine} is older than ${short(other)}, which ${is}`,
        {
          todo: ["fetch the full history (`fetch-depth: 0`) and run again; nothing was changed"],
        },
      )
    : end(
        "refused",
        `${mine} does not contain ${short(other)}, which ${is}: it is older, or from another branch`,
        {
          todo: [
            `nothing to do if ${short(other)} should stay live; to return to an earlier release, use rollback`,
          ],
        },
      )
}

/**
 * Refuses a release that does not contain the live commit, or the commit that a dead run left in flight.
 *
 * @returns null if the release may go out.
 */
export function outOfOrder(release: Release, action: Action, ledger: Ledger): End | null {
  if (action === "rollback") return null
  const { live } = ledger
  const inflight = inflightOf(ledger)
  const overLive =
    live === null || live.commit === UNKNOWN_COMMIT
      ? null
      : tooOld(release, live.commit, `is live since ${utc(live.since)}`)
  if (overLive !== null || inflight === null || inflight.action === "rollback") return overLive
  return tooOld(release, inflight.commit, `run ${inflight.run.id} left unfinished`)
}
