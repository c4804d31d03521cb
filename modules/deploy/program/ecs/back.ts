/** The way back: returns the services to a proven-good release, and proves it like a deployment. */
import {
  configurationOf,
  configure,
  RefusedUpdate,
  rollbackConfigurationOf,
  stopDeployment,
} from "../aws/deployments.ts"
import { isRejected } from "../aws/retry.ts"
import { STARTED } from "../aws/services.ts"
import { type Journal, NOT_ROLLED, underWay } from "../core/journal.ts"
import type { ReleaseRecord } from "../core/ledger.ts"
import { end } from "../core/outcome.ts"
import { mayReturn, releaseOf } from "../core/release.ts"
import { bad, type Done, did, ended, type Step, skipped } from "../core/step.ts"
import { listed, nameOf, staysText } from "../core/text.ts"
import { minutes, until } from "../core/wait.ts"
import type { Context } from "./context.ts"
import { absent, goneIn } from "./gone.ts"
import { notOurs, wrongHealth } from "./health.ts"
import { isInPlace, MOVING, ourDeployment } from "./progress.ts"
import { type Expected, noteIdle } from "./proof.ts"
import type { ServiceSeen } from "./service-seen.ts"
import { start } from "./start.ts"
import { BAD, look, type Settled, type Watched, watch } from "./watch.ts"

const backSet = ({ book }: Context): readonly Watched[] =>
  Object.keys(book.journal().returned).map((name) => ({
    name,
    rolled: () => book.journal().returned[name] ?? NOT_ROLLED,
    before: book.journal().services[name]?.revision ?? null,
    note: (rolled) => book.note({ returned: { [name]: rolled } }),
  }))

const limitOf = ({ request }: Context): number =>
  minutes(Math.max(...request.environment.services.map(({ timeoutMinutes }) => timeoutMinutes)))

/** Returns the deployment in progress, of this release or of the one that a rollback replaces, and what ECS returns to. */
function startedIn({ services, before }: Journal, seen: ServiceSeen) {
  const forward = services[seen.name]
  const one = forward ? ourDeployment(seen, forward) : seen.history[0]
  if (!one || !STARTED.has(one.status)) return null
  const was = forward ? before[seen.name] : undefined
  return { arn: one.arn, to: was?.steady ? was.revision : one.returnsTo }
}

/** Stops our deployments that are in progress, if ECS then returns to the target by itself. */
async function stopRollout(context: Context): Promise<Done> {
  const { aws, clock, book, reporter } = context
  const set = backSet(context)
  const stopped: string[] = []
  const seen = await look(context, rolledForward(context))
  for (const { name, rolled } of set) {
    const service = seen.get(name)
    const started = service === undefined ? null : startedIn(book.journal(), service)
    if (started === null || started.to === null || started.to !== rolled().revision) continue
    // Checks the fence right before the change.
    await book.note({})
    try {
      if (await stopDeployment(aws.ecs, clock, started.arn)) stopped.push(name)
    } catch (error) {
      if (!isRejected(error)) throw error
      // The next step replaces it.
      reporter.say(`! ECS does not stop the deployment of ${name}: ${error.message}`)
    }
  }
  await until(clock, limitOf(context), async () => {
    const now = await look(context, set)
    const moving = set.some(({ name, rolled }) => {
      const newest = now.get(name)?.history[0]
      return newest?.status.startsWith("ROLLBACK_") && MOVING.has(newest.status) && rolled().intent === null
    })
    return moving ? null : true
  })
  return stopped.length === 0 ? skipped("nothing to stop") : did(`ECS rolled ${listed(stopped)} back`)
}

/** Returns the services of the way back, with their deployments forward. */
const rolledForward = (context: Context): readonly Watched[] =>
  backSet(context).map((watched) => ({
    ...watched,
    rolled: () => context.book.journal().services[watched.name] ?? NOT_ROLLED,
  }))

/** The services that were sent back, and why others could not be. */
interface Sent {
  readonly moved: readonly Watched[]
  readonly missing: readonly string[]
}

/** Starts the target in every service that does not run it, and that ECS has. */
async function startTarget(context: Context): Promise<Sent> {
  const { request, reporter } = context
  const set = backSet(context)
  const seen = await look(context, set)
  const moved: Watched[] = []
  const missing: string[] = []
  for (const watched of set) {
    const now = seen.get(watched.name)
    const service = request.environment.services.find(({ name }) => name === watched.name)
    const { intent, revision } = watched.rolled()
    const why = absent(now)
    if (why !== null) missing.push(`${watched.name} cannot be sent back: ${why}`)
    if (!now || !service || why !== null) continue
    if (intent === null && revision !== null && isInPlace(now, revision)) {
      reporter.say(`  ${watched.name}: ${staysText(revision)}`)
      continue
    }
    const how = await start(context, watched, now, rollbackConfigurationOf(service, now.configuration))
    if (how === "started") reporter.say(`  ${watched.name}: back to ${nameOf(revision ?? "")}`)
    moved.push(watched)
  }
  return { moved, missing }
}

/** Deploys the target. What else fails than ECS's answer to an update leaves the way back open: the next run continues it. */
async function deployTarget(context: Context): Promise<Done> {
  const gone = await goneIn(context)
  if (gone !== null) return gone
  let sent: Sent
  try {
    sent = await startTarget(context)
  } catch (error) {
    if (!(error instanceof RefusedUpdate)) throw error
    const { action, returned } = context.book.journal()
    if (action === "rollback" && underWay(returned).length === 0) throw error
    return bad(error.what, { cause: error.message, fixes: [error.fix] })
  }
  const moved = await arrived(context, sent.moved)
  return sent.missing.length === 0 || "ended" in moved ? moved : bad(sent.missing.join("; "), UNSENT)
}

const UNSENT = {
  cause: "somebody deleted a service while the release was under way",
  fixes: ["create the service again, or take it out of slipway.yaml; then deploy"],
}

/** Waits until the services that were sent back run the target. */
async function arrived(context: Context, moved: readonly Watched[]): Promise<Done> {
  if (moved.length === 0) return skipped("all services run it already")
  const limit = limitOf(context)
  const settled = await watch(context, moved, limit)
  if (settled === null) return bad(`it is not complete after ${limit / 60_000} min`)
  const wrong = wrongIn(settled)
  if (wrong === null) return did(`${listed([...settled.keys()])} live`)
  const [name, progress] = wrong
  if (progress.kind === "superseded")
    return ended(
      end(
        "superseded",
        `during the rollback, a newer deployment (${progress.by}) replaced this one in ${name}`,
        {
          todo: ["nothing to do if the newer deployment is intended; this run changed nothing more"],
        },
      ),
    )
  return bad(`${name} did not start again: ${"why" in progress ? progress.why : "ECS waits for an answer"}`)
}

/** Returns the service that ended the watch: others may still be under way then. Null: all are live. */
const wrongIn = (settled: Settled) =>
  [...settled].find(([, { kind }]) => BAD.has(kind)) ??
  [...settled].find(([, { kind }]) => kind !== "live") ??
  null

function expectedAfter(context: Context, record: ReleaseRecord | undefined): readonly Expected[] {
  const { returned } = context.book.journal()
  return context.request.environment.services.flatMap((service) => {
    const revision = returned[service.name]?.revision
    return revision ? [{ service, revision, image: record?.images[service.image] ?? null }] : []
  })
}

const targetOf = ({ book }: Context): ReleaseRecord | undefined =>
  releaseOf(book.ledger(), book.journal().back?.to)

/**
 * Restores what slipway.yaml configures, for the services that were rolled back with other settings. What ECS refuses of
 * that changes nothing about what is live.
 */
async function reconfigure(context: Context): Promise<void> {
  const { request, aws, clock, book, found } = context
  const { environment } = request
  const alarms = environment.bake?.alarms ?? []
  const returns = mayReturn(book.ledger(), currentOf(book.journal().returned))
  const seen = await look(context, backSet(context))
  for (const service of environment.services) {
    const now = seen.get(service.name)
    if (!now || (book.journal().returned[service.name]?.intent ?? null) === null) continue
    await book.note({})
    try {
      await configure(
        ...([aws.ecs, clock, environment.cluster, service.name] as const),
        configurationOf(service, returns, alarms, now.configuration),
      )
    } catch (error) {
      if (!(error instanceof RefusedUpdate)) throw error
      const settings = `the settings of ${service.name} (strategy, circuit breaker, alarms, pause) are still those of the rollback`
      found.remarks = [...(found.remarks ?? []), `${settings}: ${error.message}; ${error.fix}`]
    }
  }
}

const currentOf = (returned: Readonly<Record<string, { readonly revision: string | null }>>) =>
  Object.fromEntries(
    Object.entries(returned).map(([name, { revision }]) => [
      name,
      { revision: revision ?? "", steady: true, commit: null },
    ]),
  )

/** Proves the target with the checks that it was released with. */
async function prove(context: Context): Promise<Done> {
  const record = targetOf(context)
  const expected = expectedAfter(context, record)
  const other = await notOurs(context, expected)
  if (other !== null) return other
  const wrong = await wrongHealth(context, expected, record?.proof ?? undefined)
  if (wrong !== null) return (await notOurs(context, expected)) ?? bad(wrong)
  await noteIdle(context)
  await reconfigure(context)
  return did("digests and targets are correct")
}

const LIMIT = 48 * 60
export const stop: Step<Context> = { name: "stop", minutes: LIMIT, once: false, run: stopRollout }
export const back: Step<Context> = { name: "back", minutes: LIMIT, once: false, run: deployTarget }
export const restored: Step<Context> = { name: "restored", minutes: LIMIT, once: false, run: prove }
