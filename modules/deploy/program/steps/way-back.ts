/** Back to the last proven-good release, as a set, verified like a deployment. */
import { stopDeployment, wayBackOf } from "../aws/deployments.ts"
import { AwsFault } from "../aws/retry.ts"
import { seeServices } from "../aws/services.ts"
import type { Given } from "../given.ts"
import { EMPTY_BUNDLE } from "../plan/cause.ts"
import { type End, Ended, end } from "../plan/outcome.ts"
import { liveRevision, ourDeployment, type ServiceSeen } from "../plan/rollout.ts"
import { NOT_ROLLED, type ReleaseRecord } from "../plan/state.ts"
import { nameOf, releaseText, short } from "../plan/text.ts"
import { bundleOf } from "./failure.ts"
import { wrongHealth } from "./health.ts"
import type { Meant } from "./proof.ts"
import { start } from "./start.ts"
import { minutes, until } from "./wait.ts"
import { HISTORY_MS, type Watched, watch } from "./watch.ts"
import { actNow, decide, type WayBack } from "./way-back-decision.ts"

/** ECS's words for a deployment that it still works on. */
const MOVING: ReadonlySet<string> = new Set([
  ...["PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"],
])
const STOPPABLE: ReadonlySet<string> = new Set(["PENDING", "IN_PROGRESS"])

const wayBackSet = ({ book }: Given): readonly Watched[] =>
  Object.keys(book.journal().rollback?.services ?? {}).map((name) => ({
    name,
    rolled: () => book.journal().rollback?.services[name] ?? NOT_ROLLED,
    before: book.journal().services[name]?.revision ?? null,
    note: async (rolled) => {
      const { rollback } = book.journal()
      if (rollback !== null)
        await book.note({ rollback: { ...rollback, services: { ...rollback.services, [name]: rolled } } })
    },
  }))

const inPlace = (seen: ServiceSeen | undefined, revision: string | null): boolean =>
  seen !== undefined &&
  revision !== null &&
  liveRevision(seen) === revision &&
  seen.running >= seen.desired &&
  seen.deployments.find(({ primary }) => primary)?.state !== "IN_PROGRESS" &&
  !MOVING.has(seen.history[0]?.status ?? "")

const look = async (given: Given, set: readonly Watched[]) =>
  seeServices(
    given.cluster,
    set.map(({ name }) => name),
    given.clock.now() - HISTORY_MS,
  )

/** Deployments of ours that are under way are taken back by ECS itself, where that leads to the target. */
async function takeBack(given: Given, set: readonly Watched[], limit: number): Promise<void> {
  const { aws, clock, book, reporter } = given
  const seen = await look(given, set)
  for (const { name, rolled } of set) {
    const service = seen.get(name)
    const forward = book.journal().services[name]
    const ours = service && forward ? ourDeployment(service, forward) : null
    const leads = book.journal().before[name]?.revision === rolled().revision
    if (!ours || !leads || !STOPPABLE.has(ours.status)) continue
    await book.note({})
    if (await stopDeployment(aws.ecs, clock, ours.arn)) reporter.say(`  ${name}: ECS takes the rollout back`)
  }
  await until(clock, limit, async () => {
    const now = await look(given, set)
    const moving = set.some(({ name, rolled }) => {
      const newest = now.get(name)?.history[0]
      return newest?.status.startsWith("ROLLBACK_") && MOVING.has(newest.status) && rolled().intent === null
    })
    return moving ? null : true
  })
}

/** Brings every service to its target. @returns what went wrong, or null. */
async function bringBack(given: Given, set: readonly Watched[], limit: number): Promise<string | null> {
  const { request, reporter } = given
  const seen = await look(given, set)
  const moved: Watched[] = []
  for (const watched of set) {
    const now = seen.get(watched.name)
    const service = request.environment.services.find(({ name }) => name === watched.name)
    if (!now || !service || (watched.rolled().intent === null && inPlace(now, watched.rolled().revision)))
      continue
    const how = await start(given, watched, now, wayBackOf(service, request.environment.bake !== null))
    if (how === "started")
      reporter.say(`  ${watched.name}: back to ${nameOf(watched.rolled().revision ?? "")}`)
    moved.push(watched)
  }
  if (moved.length === 0) return null
  const settled = await watch(given, moved, limit)
  if (settled === null) return `it is not at its end after ${limit / 60_000} min`
  const bad = [...settled].find(([, { kind }]) => kind !== "live")
  if (!bad) return null
  const [name, meaning] = bad
  if (meaning.kind === "superseded")
    throw new Ended(
      end(
        "superseded",
        `while it went back, a newer deployment (${meaning.by}) took the place of ours in ${name}`,
        {
          todo: ["nothing, if the newer one is wanted; this run touched nothing more"],
        },
      ),
    )
  return `${name} did not come up again: ${"why" in meaning ? meaning.why : "ECS waits for an answer"}`
}

function meantBy(given: Given, record: ReleaseRecord | undefined, rollback: WayBack): readonly Meant[] {
  return given.request.environment.services.flatMap((service) => {
    const revision = rollback.services[service.name]?.revision
    return revision ? [{ service, revision, image: record?.images[service.image] ?? null }] : []
  })
}

/**
 * Goes back, and proves it.
 *
 * @param why what is wrong with the release.
 * @returns `rolled-back` or `rollback-failed`. @throws {Ended} where no rollback is possible or somebody else deploys.
 */
export async function wayBack(given: Given, why: string): Promise<End> {
  const { request, book, reporter } = given
  const rollback = await decide(given, why)
  const journal = book.journal()
  reporter.say(`! ${rollback.why}`)
  const good = releaseText(rollback.to, rollback.commit)
  reporter.say(`  rolls back to ${good}`)
  reporter.audit("rollback", { to: rollback.to, commit: rollback.commit, why: rollback.why })
  const limit = minutes(Math.max(...request.environment.services.map(({ timeoutMinutes }) => timeoutMinutes)))
  const set = wayBackSet(given).filter(({ rolled }) => rolled().revision !== null)
  const record = book.ledger().releases.findLast(({ number }) => number === rollback.to)
  const explained = given.found.bundle
  given.found.bundle = EMPTY_BUNDLE
  const wrong = await failing(async () => {
    await takeBack(given, set, limit)
    return (
      (await bringBack(given, set, limit)) ?? (await wrongHealth(given, meantBy(given, record, rollback)))
    )
  })
  const { cause, todo } = rollback
  if (wrong === null) {
    given.found.bundle = explained
    return end(
      "rolled-back",
      `${good} serves again; ${short(journal.commit)} was taken back: ${rollback.why}`,
      {
        cause,
        todo: ["nobody is needed at once: what is live is healthy", ...todo],
      },
    )
  }
  given.found.bundle = await bundleOf(given, `${rollback.why}\n${wrong}`)
  return end(
    "rollback-failed",
    `neither ${short(journal.commit)} nor ${good} works: ${rollback.why}; then on the way back, ${wrong}`,
    {
      cause,
      todo: actNow(todo),
    },
  )
}

/** An answer of AWS that forbids the way back is its failure; one that cannot be had is none yet. */
async function failing(go: () => Promise<string | null>): Promise<string | null> {
  try {
    return await go()
  } catch (error) {
    if (error instanceof AwsFault && !["credentials", "busy", "unreachable"].includes(error.kind))
      return error.message
    throw error
  }
}
