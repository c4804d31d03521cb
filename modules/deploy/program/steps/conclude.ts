/** From the end of a request to its result: what is live, why it failed, who is told, the lease freed. */
import type { Given } from "../given.ts"
import type { Hold } from "../lease.ts"
import { causeOf } from "../plan/cause.ts"
import { type End, exitCodeOf, OUTCOMES } from "../plan/outcome.ts"
import type { Journal } from "../plan/state.ts"
import { oneLine } from "../plan/text.ts"
import type { Result } from "../result.ts"
import { resultText } from "../say.ts"
import { endOf } from "./ends.ts"
import { bundleOf } from "./failure.ts"
import { finish } from "./finish.ts"
import { liveNow, provenIn } from "./live.ts"
import { planLines, statusLines } from "./look-only.ts"
import { notifyAll } from "./notify.ts"
import { ORDERS } from "./order.ts"

export interface Session {
  readonly given: Given
  readonly ended: End
  readonly hold: Hold | null
}

export const inflightOf = (given: Given): Journal | null => given.book.ledger().inflight

const LINES = { plan: planLines, status: statusLines } as const

async function detailsOf(given: Given, ended: End): Promise<{ details: readonly string[]; ended: End }> {
  const { action } = given.request
  if (ended.outcome !== "succeeded" || (action !== "plan" && action !== "status"))
    return { details: [], ended }
  try {
    return { details: await LINES[action](given), ended }
  } catch (error) {
    return { details: [], ended: endOf(error, null) }
  }
}

async function freed(hold: Hold | null): Promise<readonly string[]> {
  try {
    await hold?.free()
    return []
  } catch (error) {
    return [
      `the lease was not freed (${oneLine(error instanceof Error ? error.message : String(error))}): it ends by itself in a minute`,
    ]
  }
}

const EXPLAINED = new Set(["failed", "rolled-back", "rollback-failed", "still-running", "refused"])

/** The failure's bundle: gathered on the way, or now where the rollout is what did not end. */
async function bundleFor(given: Given, ended: End): Promise<Result["bundle"]> {
  if (!EXPLAINED.has(ended.outcome)) return null
  const inflight = inflightOf(given)
  const rolling = inflight !== null && Object.values(inflight.services).some(({ intent }) => intent !== null)
  if (ended.outcome === "still-running" && ended.ask === null && rolling && !given.signal.aborted)
    return bundleOf(given, ended.what)
  const { bundle } = given.found
  return Object.values(bundle).every((list) => list.length === 0) ? null : bundle
}

/** What goes on without an end may show why. */
function explained(ended: End, bundle: Result["bundle"]): End {
  if (ended.cause !== null || ended.ask !== null || bundle === null) return ended
  const known = causeOf(bundle)
  return known === null ? ended : { ...ended, cause: known.cause, todo: [...ended.todo, known.fix] }
}

/** Closes the release and says how it ended. Never throws for what is said besides. */
export async function conclude(session: Session, begun: number): Promise<Result> {
  const { given, hold } = session
  const { request, reporter, clock } = given
  const { details, ended: known } = await detailsOf(given, session.ended)
  const number = inflightOf(given)?.number ?? null
  const bundle = await bundleFor(given, known)
  const ended = explained(known, bundle)
  const remarks = hold === null ? [] : await finish(given, ended)
  const live = await liveNow(given)
  const told = {
    version: 1 as const,
    ...{
      outcome: ended.outcome,
      exitCode: exitCodeOf(ended.outcome, ended.ask !== null),
      red: OUTCOMES[ended.outcome].red,
    },
    ...{
      environment: request.environment.name,
      action: request.action,
      commit: request.release.commit,
      release: number,
    },
    ...{ what: ended.what, cause: ended.cause, todo: ended.todo, ask: ended.ask },
    live,
    proven: provenIn(given.book.ledger(), live),
    bundle,
    steps: reporter.steps(),
    milliseconds: clock.now() - begun,
    run: { id: request.run.id, url: request.run.url, actor: request.run.actor },
    details,
  }
  const text = resultText({ ...told, remarks })
  const acts = ORDERS[request.action].held.length > 0
  const untold = acts ? await notifyAll(given, { ...told, remarks, text }) : []
  const unfreed = await freed(hold)
  const all = [...remarks, ...untold, ...unfreed]
  reporter.audit("ended", { outcome: ended.outcome, what: ended.what, remarks: all })
  return { ...told, remarks: all, audit: reporter.entries(), text: resultText({ ...told, remarks: all }) }
}
