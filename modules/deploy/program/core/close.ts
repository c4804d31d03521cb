/** Closes a release in the ledger. */
import type { AuditEnd } from "./audit.ts"
import { type Journal, underWay } from "./journal.ts"
import { inflightOf, type Ledger, type ReleaseRecord, withRelease } from "./ledger.ts"
import type { End } from "./outcome.ts"
import { recordOf } from "./record.ts"
import type { Request } from "./request.ts"

/** Returns the live release: what the services run decides, not what was intended. */
function liveAfter(
  ledger: Ledger,
  journal: Journal,
  ended: End,
  running: Readonly<Record<string, string>>,
  now: number,
): Ledger["live"] {
  const { number, commit, back, services, returned, action } = journal
  if (ended.outcome === "succeeded" && action !== "migrate") return { number, commit, since: now }
  if (ended.outcome === "rolled-back" && back !== null)
    return back.to === ledger.live?.number
      ? ledger.live
      : { number: back.to, commit: back.commit, since: now }
  const meant = action === "rollback" ? returned : services
  const all = Object.entries(meant).every(
    ([name, { revision }]) => revision !== null && running[name] === revision,
  )
  return underWay(meant).length > 0 && all ? { number, commit, since: now } : ledger.live
}

interface Closed {
  readonly ledger: Ledger
  readonly record: ReleaseRecord
}

/**
 * Returns the ledger without the release in flight; null: it stays open, so that the next run continues it.
 *
 * @param running the revision of each service.
 */
export function closed(
  ledger: Ledger,
  request: Request,
  ended: End,
  running: Readonly<Record<string, string>>,
  now: number,
  audit: AuditEnd | null = null,
): Closed | null {
  const journal = inflightOf(ledger)
  if (journal === null || ended.resumable) return null
  const record = recordOf(request, journal, ended.outcome, now, audit)
  const live = liveAfter(ledger, journal, ended, running, now)
  return { record, ledger: { ...withRelease({ ...ledger, live }, record), inflight: null } }
}
