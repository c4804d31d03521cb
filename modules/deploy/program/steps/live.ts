/** What is live now: looked at last, so that every outcome can say it. */
import { seeServices } from "../aws/services.ts"
import { readLedger } from "../book.ts"
import type { Given } from "../given.ts"
import { isSteady, liveRevision } from "../plan/rollout.ts"
import type { Ledger } from "../plan/state.ts"
import { oneLine } from "../plan/text.ts"
import type { Live, Proven } from "../result.ts"

/** The commit whose release made a revision live. */
function commitOf({ releases, inflight }: Ledger, service: string, revision: string | null): string | null {
  if (revision === null) return null
  if (inflight?.services[service]?.revision === revision) return inflight.commit
  return releases.findLast(({ revisions }) => revisions[service] === revision)?.commit ?? null
}

/** The ledger's live release, where it is proven good and all services run it. */
export function provenIn({ live, releases }: Ledger, seen: Live): Proven | null {
  const release = releases.findLast(({ number }) => number === live?.number)
  if (!release?.proven || "unknown" in seen) return null
  const { number, commit, images } = release
  const all = seen.services.every(
    (service) => service.commit === commit && !service.moving && service.running >= service.desired,
  )
  return all && Object.keys(images).length > 0 ? { number, commit, images } : null
}

/** Never throws: "could not look" is an answer, too. */
export async function liveNow(given: Given): Promise<Live> {
  const { request, bucket, cluster, clock } = given
  try {
    const { ledger } = await readLedger(bucket, request.environment.name)
    const names = request.environment.services.map(({ name }) => name)
    const seen = await seeServices(cluster, names, clock.now())
    return {
      services: [...seen.values()].map((service) => {
        const revision = liveRevision(service)
        return {
          service: service.name,
          revision,
          commit: commitOf(ledger, service.name, revision),
          running: service.deployments.find(({ primary }) => primary)?.running ?? service.running,
          desired: service.desired,
          besides: service.deployments
            .filter(({ primary, running }) => !primary && running > 0)
            .map((one) => ({
              revision: one.revision,
              commit: commitOf(ledger, service.name, one.revision),
              running: one.running,
            })),
          moving: !isSteady(service),
        }
      }),
    }
  } catch (error) {
    return { unknown: oneLine(error instanceof Error ? error.message : String(error)) }
  }
}
