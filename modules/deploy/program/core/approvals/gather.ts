/** Collects the approvals of a release, and counts them. */
import { peopleOf } from "../../environment/people.ts"
import type { RunContext } from "../context.ts"
import type { Ledger } from "../ledger.ts"
import { adopted } from "../opening.ts"
import { sameRun } from "../repeated.ts"
import type { Request } from "../request.ts"
import { authorsSince } from "./authors.ts"
import { type Counted, count } from "./count.ts"
import { signedClaims } from "./signed.ts"
import { askVendor } from "./vendor.ts"

/** The approvals of a release, from all sources. */
export interface Gathered extends Counted {
  /** Whether the history names everybody who wrote the release. */
  readonly authorsKnown: boolean
}

/** Returns when the last rollout of this commit by another run ended: an approval counts for one rollout. */
function usedUntil(request: Request, ledger: Ledger): number | null {
  const ends = ledger.releases
    .filter(({ action, commit }) => action === "deploy" && commit === request.release.commit)
    .filter((one) => !sameRun(ledger, one, request) && Object.keys(one.deployments).length > 0)
    .map(({ ended }) => ended)
  return ends.length === 0 ? null : Math.max(...ends)
}

/** Verifies and counts the approvals of a release. The vendor is asked only where approval is required. */
export async function gather(
  { request, clock, approvalToken }: RunContext,
  ledger: Ledger,
): Promise<Gathered> {
  const { environment, release, approvals, run } = request
  const { required, maxAgeHours, people, identities, vendor } = environment.approvals
  const known = peopleOf(identities)
  const wrote = authorsSince(release, ledger.live?.commit ?? null)
  const signed = signedClaims(approvals, known)
  const asked = await askVendor(required > 0 ? vendor : null, approvalToken, {
    number: run.number,
    commit: release.commit,
    environment: environment.name,
    since: wrote.commits,
  })
  const counted = count([...signed.claims, ...asked.claims], {
    commit: release.commit,
    environment: environment.name,
    images: Object.values(release.images),
    now: clock.now(),
    begun: adopted(ledger, request)?.started ?? null,
    maxAgeHours,
    known,
    people,
    involved: [...wrote.names, run.actor, ...asked.involved],
    used: usedUntil(request, ledger),
  })
  return {
    approvers: counted.approvers,
    ignored: [...signed.refused, ...asked.refused, ...counted.ignored],
    authorsKnown: wrote.complete,
  }
}
