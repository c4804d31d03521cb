/** Makes the record of a release from its journal. */

import { askedDigest } from "./asked.ts"
import type { AuditEnd } from "./audit.ts"
import type { Journal } from "./journal.ts"
import type { Proof, ReleaseRecord } from "./ledger.ts"
import type { Outcome } from "./outcome.ts"
import type { Request } from "./request.ts"

const present = (entries: readonly (readonly [string, string | null])[]): Record<string, string> =>
  Object.fromEntries(entries.flatMap(([name, value]) => (value === null ? [] : [[name, value]])))

/** A migration counts once it was requested, even if its end was not seen. */
const migrated = ({ migration }: Journal): ReleaseRecord["migration"] =>
  migration?.intent == null ? null : { phase: migration.phase, exitCode: migration.exitCode }

function fromJournal(journal: Journal, outcome: string, proven: boolean, now: number): ReleaseRecord {
  const services = Object.entries(journal.action === "rollback" ? journal.returned : journal.services)
  const { number, action, commit, author, images, snapshot, run, started } = journal
  return {
    number,
    action,
    commit,
    author,
    images,
    snapshot,
    run,
    started,
    revisions: present(services.map(([name, { revision }]) => [name, revision])),
    deployments: present(services.map(([name, one]) => [name, one.serviceDeployment ?? one.deployment])),
    outcome,
    to: journal.back?.to ?? null,
    digest: null,
    proof: null,
    proven,
    migration: migrated(journal),
    verdict: journal.verdict,
    approvals: journal.approvals,
    breakGlass: journal.breakGlass,
    audit: null,
    ended: now,
  }
}

/** Returns what a release is proven with. */
const proofOf = ({ environment }: Request): Proof => ({
  checks: environment.checks,
  smoke: environment.smoke,
  strategies: Object.fromEntries(environment.services.map(({ name, strategy }) => [name, strategy])),
})

/** Returns the record of a release that a dead run left and nobody continues. */
export const abandonedRecord = (journal: Journal, now: number): ReleaseRecord =>
  fromJournal(journal, "abandoned", false, now)

/** Returns the record of a finished release. */
export function recordOf(
  request: Request,
  journal: Journal,
  outcome: Outcome,
  now: number,
  audit: AuditEnd | null,
): ReleaseRecord {
  const proven = outcome === "succeeded" && journal.action !== "migrate" && journal.idle.length === 0
  const { release, run } = request
  return {
    ...fromJournal(journal, outcome, proven, now),
    verdict: journal.verdict ?? release.verdict,
    digest: askedDigest(request),
    proof: journal.action === "deploy" ? proofOf(request) : null,
    run: { id: run.id, url: run.url, actor: run.actor, attempt: run.attempt },
    audit,
  }
}
