/** Rolls all services back to the last proven-good release, and verifies it like a deployment. */
import { rollbackConfigurationOf, stopDeployment } from "../aws/deployments.ts"
import { AwsFault } from "../aws/retry.ts"
import { seeServices } from "../aws/services.ts"
import { EMPTY_BUNDLE } from "../core/evidence.ts"
import { NOT_ROLLED, type ReleaseRecord } from "../core/journal.ts"
import { type End, Ended, end } from "../core/outcome.ts"
import { nameOf, releaseText, short } from "../core/text.ts"
import { minutes, until } from "../core/wait.ts"
import { actNow, decide, type Rollback } from "./back-decision.ts"
import type { Context } from "./context.ts"
import { bundleOf } from "./explain.ts"
import { wrongHealth } from "./health.ts"
import { liveRevision, ourDeployment } from "./progress.ts"
import type { Expected } from "./proof.ts"
import type { ServiceSeen } from "./service-seen.ts"
import { start } from "./start.ts"
import { HISTORY_MS, type Watched, watch } from "./watch.ts"

/** States of a service deployment in progress. */
const MOVING: ReadonlySet<string> = new Set([
  ...["PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"],
])
const STOPPABLE: ReadonlySet<string> = new Set(["PENDING", "IN_PROGRESS"])

const rollbackSet = ({ book }: Context): readonly Watched[] =>
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

const look = async (context: Context, set: readonly Watched[]) =>
  seeServices(
    context.cluster,
    set.map(({ name }) => name),
    context.clock.now() - HISTORY_MS,
  )

/** Stops our deployments that are in progress, if ECS then returns to the target by itself. */
async function stopRollout(context: Context, set: readonly Watched[], limit: number): Promise<void> {
  const { aws, clock, book, reporter } = context
  const seen = await look(context, set)
  for (const { name, rolled } of set) {
    const service = seen.get(name)
    const forward = book.journal().services[name]
    const ours = service && forward ? ourDeployment(service, forward) : null
    const leads = book.journal().before[name]?.revision === rolled().revision
    if (!ours || !leads || !STOPPABLE.has(ours.status)) continue
    await book.note({})
    if (await stopDeployment(aws.ecs, clock, ours.arn)) reporter.say(`  ${name}: ECS is rolling back`)
  }
  await until(clock, limit, async () => {
    const now = await look(context, set)
    const moving = set.some(({ name, rolled }) => {
      const newest = now.get(name)?.history[0]
      return newest?.status.startsWith("ROLLBACK_") && MOVING.has(newest.status) && rolled().intent === null
    })
    return moving ? null : true
  })
}

/** Deploys the target to every service that does not run it. @returns what went wrong, or null. */
async function deployTarget(
  context: Context,
  set: readonly Watched[],
  limit: number,
): Promise<string | null> {
  const { request, reporter } = context
  const seen = await look(context, set)
  const moved: Watched[] = []
  for (const watched of set) {
    const now = seen.get(watched.name)
    const service = request.environment.services.find(({ name }) => name === watched.name)
    if (!now || !service || (watched.rolled().intent === null && inPlace(now, watched.rolled().revision)))
      continue
    const how = await start(
      context,
      watched,
      now,
      rollbackConfigurationOf(service, request.environment.bake !== null),
    )
    if (how === "started")
      reporter.say(`  ${watched.name}: back to ${nameOf(watched.rolled().revision ?? "")}`)
    moved.push(watched)
  }
  if (moved.length === 0) return null
  const settled = await watch(context, moved, limit)
  if (settled === null) return `it is not complete after ${limit / 60_000} min`
  const bad = [...settled].find(([, { kind }]) => kind !== "live")
  if (!bad) return null
  const [name, progress] = bad
  if (progress.kind === "superseded")
    throw new Ended(
      end(
        "superseded",
        `during the rollback, a newer deployment (${progress.by}) replaced this one in ${name}`,
        {
          todo: ["nothing to do if the newer deployment is intended; this run changed nothing more"],
        },
      ),
    )
  return `${name} did not start again: ${"why" in progress ? progress.why : "ECS waits for an answer"}`
}

function expectedAfter(
  context: Context,
  record: ReleaseRecord | undefined,
  rollback: Rollback,
): readonly Expected[] {
  return context.request.environment.services.flatMap((service) => {
    const revision = rollback.services[service.name]?.revision
    return revision ? [{ service, revision, image: record?.images[service.image] ?? null }] : []
  })
}

/**
 * Rolls back and verifies the result.
 *
 * @param why what is wrong with the release.
 * @returns `rolled-back` or `rollback-failed`.
 * @throws {Ended} if no rollback is possible, or a newer deployment appears.
 */
export async function rollBack(context: Context, why: string): Promise<End> {
  const { request, book, reporter } = context
  const rollback = await decide(context, why)
  const journal = book.journal()
  reporter.say(`! ${rollback.why}`)
  const good = releaseText(rollback.to, rollback.commit)
  reporter.say(`  rolling back to ${good}`)
  reporter.audit("rollback", { to: rollback.to, commit: rollback.commit, why: rollback.why })
  const limit = minutes(Math.max(...request.environment.services.map(({ timeoutMinutes }) => timeoutMinutes)))
  const set = rollbackSet(context).filter(({ rolled }) => rolled().revision !== null)
  const record = book.ledger().releases.findLast(({ number }) => number === rollback.to)
  const explained = context.found.bundle
  context.found.bundle = EMPTY_BUNDLE
  const wrong = await failureOf(async () => {
    await stopRollout(context, set, limit)
    return (
      (await deployTarget(context, set, limit)) ??
      (await wrongHealth(context, expectedAfter(context, record, rollback)))
    )
  })
  const { cause, todo } = rollback
  if (wrong === null) {
    context.found.bundle = explained
    return end(
      "rolled-back",
      `${good} is live again; ${short(journal.commit)} was rolled back: ${rollback.why}`,
      {
        cause,
        todo: ["not urgent: the live release is healthy", ...todo],
      },
    )
  }
  context.found.bundle = await bundleOf(context, `${rollback.why}\n${wrong}`)
  return end(
    "rollback-failed",
    `neither ${short(journal.commit)} nor ${good} works: ${rollback.why}; then during the rollback: ${wrong}`,
    {
      cause,
      todo: actNow(todo),
    },
  )
}

/** An error of AWS fails the rollback, unless AWS only cannot be reached: then its result is still open. */
async function failureOf(go: () => Promise<string | null>): Promise<string | null> {
  try {
    return await go()
  } catch (error) {
    if (error instanceof AwsFault && !["credentials", "busy", "unreachable"].includes(error.kind))
      return error.message
    throw error
  }
}
