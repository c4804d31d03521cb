/** Watches rollouts of several services until each is settled, or one is bad. */
import { describeServices, glanceOf, seeServices } from "../aws/services.ts"
import type { Given } from "../given.ts"
import { type Meaning, meaningOf, ourDeployment, ourId, type ServiceSeen } from "../plan/rollout.ts"
import { NOT_ROLLED, type Rolled } from "../plan/state.ts"
import { until } from "./wait.ts"

export interface Watched {
  readonly name: string
  /** How far it is, as the journal has it now. */
  readonly rolled: () => Rolled
  /** The revision that was live before. */
  readonly before: string | null
  readonly note: (rolled: Rolled) => Promise<void>
}

/** What became of a set: every service's meaning at the last look. */
export type Settled = ReadonlyMap<string, Meaning>

/** How far back ECS is asked for service deployments, in milliseconds: more than any clock is wrong. */
export const HISTORY_MS = 24 * 60 * 60_000

/** How often ECS is asked for more than the services themselves, where those do not change, in milliseconds. */
const CLOSER_MS = 10_000

/** Ends of a service's rollout that end the watch of the whole set. */
const BAD: ReadonlySet<Meaning["kind"]> = new Set(["failed", "rolled-back", "rollback-failed", "superseded"])
const QUIET: ReadonlySet<Meaning["kind"]> = new Set(["live", "paused"])

/** Writes down which deployment is ours as soon as it can be seen. */
async function identify(watched: Watched, seen: ServiceSeen): Promise<void> {
  const rolled = watched.rolled()
  if (rolled.intent === null) return
  const deployment = ourId(seen, rolled)
  const serviceDeployment = rolled.serviceDeployment ?? ourDeployment(seen, rolled)?.arn ?? null
  if (deployment !== rolled.deployment || serviceDeployment !== rolled.serviceDeployment)
    await watched.note({ ...rolled, deployment, serviceDeployment })
}

/** @returns null where the time is up before the set is settled. */
export async function watch(
  given: Given,
  set: readonly Watched[],
  milliseconds: number,
): Promise<Settled | null> {
  const { clock, cluster, reporter } = given
  const told = new Map<string, string>()
  const names = set.map(({ name }) => name)
  let last = { glance: "", at: 0 }
  return until(clock, milliseconds, async () => {
    const described = await describeServices(cluster, names)
    const glance = glanceOf(described)
    if (glance === last.glance && clock.now() - last.at < CLOSER_MS) return null
    last = { glance, at: clock.now() }
    const seen = await seeServices(cluster, names, clock.now() - HISTORY_MS, described)
    const meanings = new Map<string, Meaning>()
    for (const watched of set) {
      const service = seen.get(watched.name)
      if (!service) continue
      await identify(watched, service)
      const meaning = meaningOf(service, watched.rolled(), watched.before, clock.now())
      meanings.set(watched.name, meaning)
      const note = progressOf(meaning)
      if (note !== told.get(watched.name)) reporter.say(`  ${watched.name}: ${note}`)
      told.set(watched.name, note)
    }
    const kinds = [...meanings.values()].map(({ kind }) => kind)
    return kinds.some((kind) => BAD.has(kind)) || kinds.every((kind) => QUIET.has(kind)) ? meanings : null
  })
}

function progressOf(meaning: Meaning): string {
  switch (meaning.kind) {
    case "running":
      return meaning.note
    case "paused":
      return `ECS waits for an answer (${meaning.pause.stage.toLowerCase().replaceAll("_", " ")})`
    case "rolling-back":
      return `ECS rolls back: ${meaning.why}`
    case "superseded":
      return `replaced by ${meaning.by}`
    case "live":
      return "live"
    default:
      return `${meaning.kind.replace("-", " ")}: ${meaning.why}`
  }
}

/** The services of this release's own rollout. */
export function rolloutSet(given: Given): readonly Watched[] {
  const { book } = given
  return Object.keys(book.journal().services).map((name) => ({
    name,
    rolled: () => book.journal().services[name] ?? NOT_ROLLED,
    before: book.journal().before[name]?.revision ?? null,
    note: (rolled) => book.note({ services: { ...book.journal().services, [name]: rolled } }),
  }))
}
