/** Watches the rollouts of several services until all are settled or one is bad. */
import type { Service } from "@aws-sdk/client-ecs"
import { describeServices, glanceOf, seeServices } from "../aws/services.ts"
import { NOT_ROLLED, type Rolled } from "../core/journal.ts"
import { until } from "../core/wait.ts"
import type { Context } from "./context.ts"
import { ourDeployment, ourId, type Progress, rolloutProgress } from "./progress.ts"
import type { ServiceSeen } from "./service-seen.ts"

/** A service whose rollout is watched. */
export interface Watched {
  readonly name: string
  /** Returns its progress according to the journal. */
  readonly rolled: () => Rolled
  /** The revision that was live before. */
  readonly before: string | null
  readonly note: (rolled: Rolled) => Promise<void>
}

/** Last progress of each service. */
export type Settled = ReadonlyMap<string, Progress>

/** Age of the oldest service deployment that is read, in milliseconds; larger than any clock difference. */
const HISTORY_MS = 24 * 60 * 60_000

/** How often service deployments are read while the services do not change, in milliseconds. */
const CLOSER_MS = 10_000

/** Results of one service that end the watch of the set. */
export const BAD: ReadonlySet<Progress["kind"]> = new Set([
  "failed",
  "rolled-back",
  "rollback-failed",
  "superseded",
])
const QUIET: ReadonlySet<Progress["kind"]> = new Set(["live", "paused"])

/** Notes the ID of our deployment as soon as ECS shows it. */
async function identify(watched: Watched, seen: ServiceSeen): Promise<void> {
  const rolled = watched.rolled()
  if (rolled.intent === null) return
  const deployment = ourId(seen, rolled)
  const serviceDeployment = rolled.serviceDeployment ?? ourDeployment(seen, rolled)?.arn ?? null
  if (deployment !== rolled.deployment || serviceDeployment !== rolled.serviceDeployment)
    await watched.note({ ...rolled, deployment, serviceDeployment })
}

/** Reads the services. Our deployments are found by their ARNs, however old they are. */
export const look = (
  { cluster, clock }: Context,
  set: readonly Watched[],
  known?: ReadonlyMap<string, Service>,
): Promise<ReadonlyMap<string, ServiceSeen>> =>
  seeServices(
    cluster,
    set.map(({ name }) => name),
    clock.now() - HISTORY_MS,
    {
      described: known,
      ours: new Map(set.map(({ name, rolled }) => [name, rolled().serviceDeployment])),
    },
  )

/**
 * @param shown the last line that was printed of each service.
 * @returns null after the time limit.
 */
export async function watch(
  context: Context,
  set: readonly Watched[],
  milliseconds: number,
  shown = new Map<string, string>(),
): Promise<Settled | null> {
  const { clock, cluster, reporter, duty } = context
  await duty.watching()
  const names = set.map(({ name }) => name)
  let last = { glance: "", at: 0 }
  return until(clock, milliseconds, async () => {
    const described = await describeServices(cluster, names)
    const glance = glanceOf(described)
    if (glance === last.glance && clock.now() - last.at < CLOSER_MS) return null
    last = { glance, at: clock.now() }
    const seen = await look(context, set, described)
    const all = new Map<string, Progress>()
    for (const watched of set) {
      const service = seen.get(watched.name)
      if (!service) continue
      await identify(watched, service)
      const progress = rolloutProgress(service, watched.rolled(), watched.before, clock.now())
      all.set(watched.name, progress)
      const note = progressText(progress)
      if (note !== shown.get(watched.name)) reporter.say(`  ${watched.name}: ${note}`)
      shown.set(watched.name, note)
    }
    const kinds = [...all.values()].map(({ kind }) => kind)
    return kinds.some((kind) => BAD.has(kind)) || kinds.every((kind) => QUIET.has(kind)) ? all : null
  })
}

function progressText(progress: Progress): string {
  switch (progress.kind) {
    case "running":
      return progress.note
    case "paused":
      return `ECS waits for an answer (${progress.pause.stage.toLowerCase().replaceAll("_", " ")})`
    case "rolling-back":
      return `ECS is rolling back: ${progress.why}`
    case "superseded":
      return `replaced by ${progress.by}`
    case "live":
      return "live"
    default:
      return `${progress.kind.replace("-", " ")}: ${progress.why}`
  }
}

/** Returns the services of the rollout, without those of a rollback. */
export function rolloutSet(context: Context): readonly Watched[] {
  const { book } = context
  return Object.keys(book.journal().services).map((name) => ({
    name,
    rolled: () => book.journal().services[name] ?? NOT_ROLLED,
    before: book.journal().before[name]?.revision ?? null,
    note: (rolled) => book.note({ services: { [name]: rolled } }),
  }))
}
