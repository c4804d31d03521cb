/** Looks at what is live, at the end of every run. */
import { seeServices } from "../aws/services.ts"
import { readLedger } from "../core/book.ts"
import { inflightOf, type Ledger, type ReleaseRecord } from "../core/ledger.ts"
import { releaseOf } from "../core/release.ts"
import type { LastRelease, Live, LiveService, Proven, Recorded, Unfinished } from "../core/result.ts"
import { messageOf, oneLine } from "../core/text.ts"
import type { Context } from "./context.ts"
import { isSteady, liveRevision } from "./progress.ts"

/** Returns commit and image of the release that a revision is of, according to the ledger: of the live one if it can be. */
export function knownOf(
  ledger: Ledger,
  { name, image }: { readonly name: string; readonly image: string },
  revision: string | null,
): Pick<LiveService, "commit" | "image"> {
  if (revision === null) return { commit: null, image: null }
  const inflight = inflightOf(ledger)
  const live = releaseOf(ledger, ledger.live?.number)
  const has = ({ revisions }: ReleaseRecord) => revisions[name] === revision
  // Several releases have the revision of a service that they did not change.
  const open = inflight?.services[name]?.revision === revision ? inflight : null
  const made = (live !== undefined && has(live) ? live : open) ?? ledger.releases.findLast(has)
  return { commit: made?.commit ?? null, image: made?.images[image] ?? null }
}

/** Returns the live release by the ledger. */
export function recordedIn(ledger: Ledger): Recorded | null {
  const release = releaseOf(ledger, ledger.live?.number)
  if (release === undefined || Object.keys(release.images).length === 0) return null
  const { number, commit, images, proven, ended } = release
  return { number, commit, images, proven, since: ledger.live?.since ?? ended }
}

/** Returns the live release if it is proven good and all services run it. */
export function provenIn(ledger: Ledger, seen: Live): Proven | null {
  const recorded = recordedIn(ledger)
  if (!recorded?.proven || "unknown" in seen) return null
  const { proven: _proven, ...release } = recorded
  const all = seen.services.every(
    (service) => service.commit === release.commit && !service.moving && service.running >= service.desired,
  )
  return all ? release : null
}

/** Returns the release in flight. */
export function unfinishedIn(ledger: Ledger): Unfinished | null {
  const journal = inflightOf(ledger)
  return journal && { action: journal.action, commit: journal.commit, run: journal.run.id }
}

/** Returns the release that ended last. */
export function lastIn({ releases }: Ledger): LastRelease | null {
  const record = releases.at(-1)
  if (record === undefined) return null
  const { action, commit, outcome, run } = record
  return { action, commit, outcome, run: run.id }
}

/** Never throws: an error is reported as `unknown`. */
export async function liveNow(context: Context): Promise<Live> {
  const { request, bucket, cluster } = context
  try {
    const { ledger } = await readLedger(bucket, request.environment.name)
    const { services } = request.environment
    const seen = await seeServices(
      cluster,
      services.map(({ name }) => name),
      null,
    )
    return {
      services: [...seen.values()].map((service) => {
        const configured = services.find(({ name }) => name === service.name)
        const known = (revision: string | null) =>
          knownOf(ledger, { name: service.name, image: configured?.image ?? "" }, revision)
        const revision = liveRevision(service)
        return {
          service: service.name,
          status: service.status,
          revision,
          ...known(revision),
          running: service.deployments.find(({ primary }) => primary)?.running ?? service.running,
          desired: service.desired,
          besides: service.deployments
            .filter(({ primary, running }) => !primary && running > 0)
            .map((one) => ({
              revision: one.revision,
              ...known(one.revision),
              running: one.running,
            })),
          moving: service.status !== "" && !isSteady(service),
        }
      }),
    }
  } catch (error) {
    return { unknown: oneLine(messageOf(error)) }
  }
}
