/** Runs a request from start to result. Failures are outcomes, not exceptions. */
import { type Access, awsClients } from "./aws/clients.ts"
import { bucketOf } from "./aws/objects.ts"
import { clusterOf } from "./aws/services.ts"
import { openBook, readLedger, readOnlyBook } from "./core/book.ts"
import { type Clock, realClock, virtualClock } from "./core/clock.ts"
import type { NotifySecrets, Ports } from "./core/context.ts"
import { endOf, succeeded } from "./core/ends.ts"
import { EMPTY_BUNDLE } from "./core/evidence.ts"
import { EMPTY_LEDGER } from "./core/journal.ts"
import { assertHeld, type Hold, takeLease } from "./core/lease.ts"
import { type End, NeedsRollback } from "./core/outcome.ts"
import { reporter, scrubber } from "./core/report.ts"
import type { Request } from "./core/request.ts"
import type { Result } from "./core/result.ts"
import { runSteps } from "./core/run-steps.ts"
import { rollBack } from "./ecs/back.ts"
import { type Context, withClock } from "./ecs/context.ts"
import { conclude, inflightOf, type Session } from "./run/conclude.ts"
import { ORDERS } from "./run/order.ts"

export interface RunOptions {
  readonly access: Access
  readonly ports: Ports
  readonly notify: NotifySecrets
  /** For the API of the vendor whose approvals count. */
  readonly approvalToken?: string | null
  /** More values to hide, besides those of `notify` and `access`. */
  readonly secrets: readonly string[]
  /** Aborted to stop the run. The next run continues from the journal. */
  readonly signal: AbortSignal
  readonly print: (line: string) => void
  readonly log: (line: string) => void
}

const clockOf = (request: Request, signal: AbortSignal): Promise<Clock> | Clock =>
  request.clock === "real"
    ? realClock(signal)
    : virtualClock(
        request.clock,
        `deploy-${request.run.id}-${request.run.attempt}-${process.pid}-${participants++}`,
        signal,
      )

/** Counts the runs of this process: each is a participant of its own. */
let participants = 0

const secretsOf = ({ access, notify, secrets, approvalToken }: RunOptions): readonly string[] => {
  const { credentials } = access
  const own =
    credentials === null || typeof credentials === "function"
      ? []
      : [credentials.secretAccessKey, credentials.sessionToken ?? ""]
  return [...secrets, ...own, ...Object.values(notify), approvalToken ?? ""]
}

/** Turns what was thrown into the end of the run; rolls back first if a step requires it. */
async function settle(context: Context, error: unknown): Promise<End> {
  if (!(error instanceof NeedsRollback)) return endOf(error, inflightOf(context))
  try {
    return await rollBack(context, error.why)
  } catch (inner) {
    return inner instanceof NeedsRollback
      ? endOf(new Error(inner.why), inflightOf(context))
      : endOf(inner, inflightOf(context))
  }
}

/** Runs the steps that need the lease. */
async function underLease(context: Context, hold: Hold): Promise<Session> {
  const held = () => assertHeld(hold)
  const truth = async (error: unknown): Promise<End> => {
    try {
      held()
      return await settle(context, error)
    } catch (lost) {
      return endOf(lost, inflightOf(context))
    }
  }
  try {
    const { begin, held: rest } = ORDERS[context.request.action]
    await runSteps(context, begin, withClock, held)
    const back = inflightOf(context)?.rollback
    if (back) throw new NeedsRollback(back.why)
    await runSteps(context, rest, withClock, held)
    return { context, hold, ended: succeeded(context, inflightOf(context)) }
  } catch (error) {
    return { context, hold, ended: await truth(error) }
  }
}

/** Runs the first steps, takes the lease, and runs the others. Actions that change nothing take no lease. */
async function act(context: Context, lost: () => void): Promise<Session> {
  const { request, bucket, clock, reporter } = context
  const { first, begin } = ORDERS[request.action]
  try {
    const looks = begin.length === 0
    const known = looks ? await readLedger(bucket, request.environment.name) : null
    const looking = { ...context, book: readOnlyBook(known?.ledger ?? EMPTY_LEDGER) }
    await runSteps(looking, first, withClock, () => {})
    if (looks) return { context: looking, hold: null, ended: succeeded(looking, null) }
    const hold = await takeLease({ bucket, clock, request, say: reporter.say, onLost: lost })
    reporter.audit("lease", { token: hold.token, takenOver: hold.takenOver })
    if (hold.takenOver) reporter.say("! took over the lease of a run that has died")
    try {
      return await underLease(
        { ...context, book: await openBook(bucket, request.environment.name, hold.token) },
        hold,
      )
    } catch (error) {
      return { context, hold, ended: endOf(error, null) }
    }
  } catch (error) {
    return { context, hold: null, ended: endOf(error, null) }
  }
}

/** Removes secrets from every text in a value. */
function cleaned<T>(value: T, clean: (text: string) => string): T {
  return JSON.parse(clean(JSON.stringify(value)))
}

/** Runs a request to its end. @throws only if the simulator's clock cannot be reached. */
export async function deploy(request: Request, options: RunOptions): Promise<Result> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const clock = await clockOf(request, signal)
  const aws = awsClients({ ...options.access, patient: request.clock === "real" })
  const clean = scrubber(secretsOf(options))
  const begun = clock.now()
  const context: Context = {
    ...{ request, aws, clock, signal, ports: options.ports, notify: options.notify },
    cluster: clusterOf(aws.ecs, clock, request.environment.cluster),
    bucket: bucketOf(aws.s3, clock, request.environment.state),
    reporter: reporter(request, clock, clean, options),
    book: readOnlyBook(EMPTY_LEDGER),
    approvalToken: options.approvalToken ?? null,
    found: { bundle: EMPTY_BUNDLE, approvers: [] },
  }
  try {
    return cleaned(await conclude(await act(context, () => stop.abort()), begun), clean)
  } finally {
    aws.close()
    await clock.close().catch(() => {})
  }
}
