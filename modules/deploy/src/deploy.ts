/** A request from its JSON to its result: the driver. Never throws for what can be said as an outcome. */
import { type Access, awsClients } from "./aws/clients.ts"
import { bucketOf } from "./aws/objects.ts"
import { clusterOf } from "./aws/services.ts"
import { closedBook, openBook, readLedger } from "./book.ts"
import { type Clock, realClock, virtualClock } from "./clock.ts"
import type { Given, NotifySecrets, Ports } from "./given.ts"
import { assertHeld, type Hold, takeLease } from "./lease.ts"
import { causeOf, EMPTY_BUNDLE } from "./plan/cause.ts"
import { type End, exitCodeOf, NeedsRollback, OUTCOMES } from "./plan/outcome.ts"
import { EMPTY_LEDGER, type Journal } from "./plan/state.ts"
import { oneLine } from "./plan/text.ts"
import { reporter, scrubber } from "./report.ts"
import type { Request } from "./request.ts"
import type { Result } from "./result.ts"
import { resultText } from "./say.ts"
import { endOf, succeeded } from "./steps/ends.ts"
import { bundleOf } from "./steps/failure.ts"
import { finish } from "./steps/finish.ts"
import { liveNow } from "./steps/live.ts"
import { planLines, statusLines } from "./steps/look-only.ts"
import { notifyAll } from "./steps/notify.ts"
import { ORDERS } from "./steps/order.ts"
import { runSteps } from "./steps/run-steps.ts"
import { wayBack } from "./steps/way-back.ts"

export interface Surroundings {
  readonly access: Access
  readonly ports: Ports
  readonly notify: NotifySecrets
  /** Values that must be shown nowhere, besides those of `notify` and `access`. */
  readonly secrets: readonly string[]
  /** Aborted to stop the run: it leaves what the next run understands. */
  readonly signal: AbortSignal
  readonly print: (line: string) => void
  readonly log: (line: string) => void
}

interface Session {
  readonly given: Given
  readonly ended: End
  readonly hold: Hold | null
}

/** Follows the simulator's clock where there is one. */
const clockOf = (request: Request, signal: AbortSignal): Promise<Clock> | Clock =>
  request.clock === "real"
    ? realClock(signal)
    : virtualClock(
        request.clock,
        `deploy-${request.run.id}-${request.run.attempt}-${process.pid}-${participants++}`,
        signal,
      )

/** Several deployments of one process are participants of their own. */
let participants = 0

const secretsOf = ({ access, notify, secrets }: Surroundings): readonly string[] => {
  const { credentials } = access
  const own =
    credentials === null || typeof credentials === "function"
      ? []
      : [credentials.secretAccessKey, credentials.sessionToken ?? ""]
  return [...secrets, ...own, ...Object.values(notify)]
}

const inflightOf = (given: Given): Journal | null => given.book.ledger().inflight

/** The way back, when a step says so; every end is a truth that was looked at. */
async function settle(given: Given, error: unknown): Promise<End> {
  if (!(error instanceof NeedsRollback)) return endOf(error, inflightOf(given))
  try {
    return await wayBack(given, error.why)
  } catch (inner) {
    return inner instanceof NeedsRollback
      ? endOf(new Error(inner.why), inflightOf(given))
      : endOf(inner, inflightOf(given))
  }
}

/** Everything under the lease. */
async function underLease(given: Given, hold: Hold): Promise<Session> {
  const held = () => assertHeld(hold)
  const truth = async (error: unknown): Promise<End> => {
    try {
      held()
      return await settle(given, error)
    } catch (lost) {
      return endOf(lost, inflightOf(given))
    }
  }
  try {
    const [begin, ...rest] = ORDERS[given.request.action].held
    if (begin) await runSteps(given, [begin], held)
    const back = inflightOf(given)?.rollback
    if (back) throw new NeedsRollback(back.why)
    await runSteps(given, rest, held)
    return { given, hold, ended: succeeded(given, inflightOf(given)) }
  } catch (error) {
    return { given, hold, ended: await truth(error) }
  }
}

/** Takes the lease, then runs what needs it. */
async function act(given: Given, lost: () => void): Promise<Session> {
  const { request, bucket, clock, reporter } = given
  const { first, held } = ORDERS[request.action]
  try {
    const looks = held.length === 0
    const known = looks ? await readLedger(bucket, request.environment.name) : null
    const looking = { ...given, book: closedBook(known?.ledger ?? EMPTY_LEDGER) }
    await runSteps(looking, first, () => {})
    if (looks) return { given: looking, hold: null, ended: succeeded(looking, null) }
    const hold = await takeLease({ bucket, clock, request, say: reporter.say, onLost: lost })
    reporter.audit("lease", { token: hold.token, takenOver: hold.takenOver })
    if (hold.takenOver) reporter.say("! the lease of a dead run is taken over")
    try {
      return await underLease(
        { ...given, book: await openBook(bucket, request.environment.name, hold.token) },
        hold,
      )
    } catch (error) {
      return { given, hold, ended: endOf(error, null) }
    }
  } catch (error) {
    return { given, hold: null, ended: endOf(error, null) }
  }
}

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

async function conclude(session: Session, begun: number): Promise<Result> {
  const { given, hold } = session
  const { request, reporter, clock } = given
  const { details, ended: known } = await detailsOf(given, session.ended)
  const number = inflightOf(given)?.number ?? null
  const bundle = await bundleFor(given, known)
  const ended = explained(known, bundle)
  const remarks = hold === null ? [] : await finish(given, ended)
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
    live: await liveNow(given),
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

/** Blots secrets out of every text of a value. */
function cleaned<T>(value: T, clean: (text: string) => string): T {
  return JSON.parse(clean(JSON.stringify(value)))
}

/** Runs a request to its end. @throws only where not even the clock can be had. */
export async function deploy(request: Request, surroundings: Surroundings): Promise<Result> {
  const stop = new AbortController()
  const signal = AbortSignal.any([surroundings.signal, stop.signal])
  const clock = await clockOf(request, signal)
  const aws = awsClients({ ...surroundings.access, patient: request.clock === "real" })
  const clean = scrubber(secretsOf(surroundings))
  const begun = clock.now()
  const given: Given = {
    ...{ request, aws, clock, signal, ports: surroundings.ports, notify: surroundings.notify },
    cluster: clusterOf(aws.ecs, clock, request.environment.cluster),
    bucket: bucketOf(aws.s3, clock, request.environment.state),
    reporter: reporter(request, clock, clean, surroundings),
    book: closedBook(EMPTY_LEDGER),
    found: { bundle: EMPTY_BUNDLE },
  }
  try {
    return cleaned(await conclude(await act(given, () => stop.abort()), begun), clean)
  } finally {
    aws.close()
    await clock.close().catch(() => {})
  }
}
