/** Concludes a run: records the release, looks at what is live, notifies people, frees the lease. */

import { trialOf } from "../core/compatible.ts"
import { endOfLook } from "../core/ends.ts"
import { isKept, type Journal, underWay } from "../core/journal.ts"
import { inflightOf } from "../core/ledger.ts"
import { type End, end, exitCodeOf, OUTCOMES } from "../core/outcome.ts"
import type { Live, Result } from "../core/result.ts"
import { resultText } from "../core/result-text.ts"
import type { Hold } from "../core/tenure.ts"
import { messageOf, oneLine, staysText } from "../core/text.ts"
import { causeOf } from "../ecs/cause.ts"
import type { Context } from "../ecs/context.ts"
import { bundleOf } from "../ecs/explain.ts"
import { lastIn, liveNow, provenIn, recordedIn, unfinishedIn } from "../ecs/see.ts"
import { stillMigrates } from "../ecs/still-migrates.ts"
import { finish } from "./finish.ts"
import { notifyAll } from "./notify.ts"
import { ACTS } from "./order.ts"
import { planLines, statusLines } from "./read-only.ts"
import { isKnown } from "./tell.ts"

/** A run at its end. */
export interface Session {
  readonly context: Context
  readonly ended: End
  readonly hold: Hold | null
}

const inFlight = (context: Context): Journal | null => inflightOf(context.book.ledger())

const LINES = { plan: planLines, status: statusLines } as const

async function detailsOf(context: Context, ended: End): Promise<{ details: readonly string[]; ended: End }> {
  const { action } = context.request
  if (ended.outcome !== "succeeded" || (action !== "plan" && action !== "status"))
    return { details: [], ended }
  try {
    return { details: await LINES[action](context), ended }
  } catch (error) {
    return { details: [], ended: endOfLook(error, action) }
  }
}

async function freed(hold: Hold | null): Promise<readonly string[]> {
  try {
    await hold?.free()
    return []
  } catch (error) {
    return [
      `the lease was not freed (${oneLine(messageOf(error))}): the next run takes it over once it stood still`,
    ]
  }
}

const EXPLAINED = new Set(["failed", "rolled-back", "rollback-failed", "still-running", "refused"])

/** Returns the evidence collected so far; collects it now if the rollout did not finish. */
async function bundleFor(context: Context, ended: End): Promise<Result["bundle"]> {
  if (!EXPLAINED.has(ended.outcome)) return null
  const inflight = inFlight(context)
  const rolling = inflight !== null && underWay(inflight.services).length > 0
  if (ended.outcome === "still-running" && ended.ask === null && rolling && !context.signal.aborted)
    return bundleOf(context, ended.what)
  const { bundle } = context.found
  return Object.values(bundle).every((list) => list.length === 0) ? null : bundle
}

/** Adds the likely cause to an end that has none. */
function explained(ended: End, bundle: Result["bundle"]): End {
  if (ended.cause !== null || ended.ask !== null || bundle === null) return ended
  const known = causeOf(bundle)
  return known === null ? ended : { ...ended, cause: known.cause, todo: [...ended.todo, known.fix] }
}

/** Returns the end of a `status` that did not see what ECS runs: it must not be taken for one that did. */
function sighted({ request }: Context, ended: End, live: Live): End {
  if (request.action !== "status" || ended.outcome !== "succeeded" || !("unknown" in live)) return ended
  const repaired = request.repair ? `; ${ended.what}` : ""
  return end("unseen", `what ECS runs is unknown${repaired}`, {
    cause: live.unknown,
    todo: [
      ...ended.todo,
      "run again once the role may ask ECS, and ECS answers: only what the ledger records is below",
    ],
  })
}

/** Names the services that the release keeps as they are, if they still run that. */
function kept(journal: Journal | null, live: Live): readonly string[] {
  if ("unknown" in live) return []
  return live.services.flatMap(({ service, revision }) => {
    const rolled = journal?.services[service]
    return rolled && revision !== null && isKept(rolled) && rolled.revision === revision
      ? [`${service}: ${staysText(revision)}`]
      : []
  })
}

/** What a result is made of, beside its session. */
interface Concluded extends Pick<Result, "live" | "bundle" | "details"> {
  readonly ended: End
  readonly journal: Journal | null
  readonly begun: number
}

/** Returns the result without what comes after the end: remarks, audit and text. */
function summaryOf(
  { context }: Session,
  { ended, journal, bundle, live, begun, details }: Concluded,
): Omit<Result, "remarks" | "audit" | "text"> {
  const { request, reporter, clock, book } = context
  return {
    version: 1,
    outcome: ended.outcome,
    exitCode: exitCodeOf(ended.outcome, ended.ask !== null),
    red: OUTCOMES[ended.outcome].red,
    environment: request.environment.name,
    action: request.action,
    commit: request.release.commit,
    release: journal?.number ?? null,
    what: ended.what,
    cause: ended.cause,
    todo: ended.todo,
    ask: ended.ask,
    live,
    proven: provenIn(book.ledger(), live),
    recorded: recordedIn(book.ledger()),
    inflight: unfinishedIn(book.ledger()),
    last: lastIn(book.ledger()),
    trial: trialOf(book.ledger(), request),
    bundle,
    steps: reporter.steps(),
    milliseconds: clock.steady() - begun,
    run: { id: request.run.id, url: request.run.url, actor: request.run.actor },
    details,
  }
}

/** Returns the result. Problems of notifications and the lease become remarks. */
export async function conclude(session: Session, begun: number): Promise<Result> {
  const { context, hold } = session
  const { request, reporter } = context
  const { details, ended: settled } = await detailsOf(context, session.ended)
  const journal = inFlight(context)
  const bundle = await bundleFor(context, settled)
  const done = explained(settled, bundle)
  // Noted while the ledger may be written: a rerun does not ask again.
  const told = hold !== null && (await isKnown(context, done).catch(() => false))
  const problems = hold === null ? [] : await finish(context, done)
  const [live, migrates] = await Promise.all([liveNow(context), stillMigrates(context)])
  const ended = sighted(context, done, live)
  const remarks = [...kept(journal, live), ...migrates, ...(context.found.remarks ?? []), ...problems]
  const summary = summaryOf(session, { ended, journal, bundle, live, begun, details })
  const acts = ACTS.has(request.action)
  // Whoever waits for the lease does not wait for notifications.
  const unfreed = await freed(hold)
  if (acts) await context.tracker.ends(ended)
  const known = [...remarks, ...unfreed, ...context.tracker.warnings()]
  const notice = { ...summary, remarks: known, text: resultText({ ...summary, remarks: known }) }
  const untold = acts && !told ? await notifyAll(context, reporter.cleaned(notice), ended.cancelled) : []
  reporter.audit("ended", { outcome: ended.outcome, what: ended.what, remarks: [...known, ...untold] })
  const unwritten = await context.trail.flush()
  const all = [
    ...known,
    ...untold,
    ...(unwritten === null ? [] : [`the audit log is not complete: ${unwritten}`]),
  ]
  return {
    ...summary,
    remarks: all,
    audit: reporter.entries(),
    text: resultText({ ...summary, remarks: all }),
  }
}
