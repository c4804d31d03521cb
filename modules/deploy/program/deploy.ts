/** A request from its JSON to its result: the driver. Never throws for what can be said as an outcome. */
import { type Access, awsClients } from "./aws/clients.ts"
import { bucketOf } from "./aws/objects.ts"
import { clusterOf } from "./aws/services.ts"
import { closedBook, openBook, readLedger } from "./book.ts"
import { type Clock, realClock, virtualClock } from "./clock.ts"
import type { Given, NotifySecrets, Ports } from "./given.ts"
import { assertHeld, type Hold, takeLease } from "./lease.ts"
import { EMPTY_BUNDLE } from "./plan/cause.ts"
import { type End, NeedsRollback } from "./plan/outcome.ts"
import { EMPTY_LEDGER } from "./plan/state.ts"
import { reporter, scrubber } from "./report.ts"
import type { Request } from "./request.ts"
import type { Result } from "./result.ts"
import { conclude, inflightOf, type Session } from "./steps/conclude.ts"
import { endOf, succeeded } from "./steps/ends.ts"
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
