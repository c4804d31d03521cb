/** What a rollback leaves: the release that was live when it was asked for, and no other one that became live since. */
import { inflightOf, type Ledger } from "./ledger.ts"
import { type End, end } from "./outcome.ts"
import type { Request } from "./request.ts"
import { releaseText, short, utc } from "./text.ts"

/** A release by its number. */
export interface Leaving {
  readonly number: number
  readonly commit: string
}

/** Returns the release that a rollback without a number leaves: the one in flight, or else the live one; null: none. */
export function leaving(ledger: Ledger): Leaving | null {
  const inflight = inflightOf(ledger)
  return inflight?.action === "deploy" ? inflight : ledger.live
}

const liveText = ({ live }: Ledger): string =>
  live === null
    ? "no release is live"
    : `${releaseText(live.number, live.commit)} is live since ${utc(live.since)}`

const superseded = (ledger: Ledger, what: string): End =>
  end("superseded", `${what}: ${liveText(ledger)}`, {
    todo: [
      "nothing to do if that should stay live; this run changed nothing",
      "to go back from it, too: run the rollback again",
    ],
  })

/**
 * Ends a rollback without a number whose release was left by others: while it waited for the lease, or before it began. It
 * would go one release too far.
 *
 * @param asked what it was to leave when the run began; null: nothing was live.
 */
export function leftByOthers(
  ledger: Ledger,
  { action, to, from }: Request,
  asked: Leaving | null,
): End | null {
  if (action !== "rollback" || to !== null) return null
  const now = leaving(ledger)
  if (from !== null && now?.commit !== from && ledger.live?.commit !== from)
    return superseded(ledger, `${short(from)} is not live`)
  if (now?.number === asked?.number) return null
  const left = asked === null ? "nothing" : releaseText(asked.number, asked.commit)
  return superseded(ledger, `${left} was replaced while this run waited`)
}
