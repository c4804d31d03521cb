/** Makes the record of a release from its journal. */

import type { Journal, ReleaseRecord } from "./journal.ts"
import type { Outcome } from "./outcome.ts"
import type { Request } from "./request.ts"

const present = (entries: readonly (readonly [string, string | null])[]): Record<string, string> =>
  Object.fromEntries(entries.flatMap(([name, value]) => (value === null ? [] : [[name, value]])))

/** A migration counts once it was requested, even if its end was not seen. */
const migrated = ({ migration }: Journal): ReleaseRecord["migration"] =>
  migration?.intent == null ? null : { phase: migration.phase, exitCode: migration.exitCode }

function fromJournal(journal: Journal, outcome: string, proven: boolean, now: number): ReleaseRecord {
  const services = Object.entries(journal.services)
  return {
    number: journal.number,
    action: journal.action,
    commit: journal.commit,
    author: journal.author,
    images: journal.images,
    revisions: present(services.map(([name, { revision }]) => [name, revision])),
    deployments: present(services.map(([name, one]) => [name, one.serviceDeployment ?? one.deployment])),
    outcome,
    proven,
    migration: migrated(journal),
    snapshot: journal.snapshot,
    ...{
      verdict: journal.verdict,
      approvals: journal.approvals,
      breakGlass: journal.breakGlass,
      run: journal.run,
      started: journal.started,
      ended: now,
    },
  }
}

/** Returns the record of a release that a dead run left and nobody continues. */
export const abandonedRecord = (journal: Journal, now: number): ReleaseRecord =>
  fromJournal(journal, "abandoned", false, now)

/** Returns the record of a finished release. */
export function recordOf(request: Request, journal: Journal, outcome: Outcome, now: number): ReleaseRecord {
  const proven = outcome === "succeeded" && journal.action !== "migrate"
  const { release, run } = request
  return {
    ...fromJournal(journal, outcome, proven, now),
    verdict: journal.verdict ?? release.verdict,
    run: { id: run.id, url: run.url, actor: run.actor },
  }
}
