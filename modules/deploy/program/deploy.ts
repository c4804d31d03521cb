/** Runs a request from start to result. Failures are outcomes, not exceptions. */
import { randomUUID } from "node:crypto"
import { type Access, awsClients } from "./aws/clients.ts"
import { bucketOf } from "./aws/objects.ts"
import { clusterOf } from "./aws/services.ts"
import { trailOf } from "./core/audit.ts"
import { openBook, readLedger, readOnlyBook } from "./core/book.ts"
import { type Clock, realClock, virtualClock } from "./core/clock.ts"
import type { NotifySecrets, Ports } from "./core/context.ts"
import { endOf, looked } from "./core/ends.ts"
import { EMPTY_BUNDLE } from "./core/evidence.ts"
import { EMPTY_LEDGER, inflightOf } from "./core/journal.ts"
import { assertHeld, type Hold, takeLease } from "./core/lease.ts"
import type { End } from "./core/outcome.ts"
import { reporter, scrubber } from "./core/report.ts"
import type { Request } from "./core/request.ts"
import type { Result } from "./core/result.ts"
import { runStep } from "./core/run-steps.ts"
import { type Context, withClock } from "./ecs/context.ts"
import { conclude, type Session } from "./run/conclude.ts"
import { runMachine } from "./run/machine.ts"
import { FIRST } from "./run/order.ts"

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

/** Counts the runs of this process: the simulator's clock knows each as a separate participant. */
let participants = 0

const secretsOf = ({ access, notify, secrets, approvalToken }: RunOptions): readonly string[] => {
  const { credentials } = access
  const own =
    credentials === null || typeof credentials === "function"
      ? []
      : [credentials.secretAccessKey, credentials.sessionToken ?? ""]
  return [...secrets, ...own, ...Object.values(notify), approvalToken ?? ""]
}

/** Runs the machine. An error ends the run; what was lost meanwhile decides the words. */
async function underLease(context: Context, hold: Hold): Promise<Session> {
  const held = () => assertHeld(hold)
  try {
    return { context, hold, ended: await runMachine(context, held) }
  } catch (error) {
    try {
      held()
      return {
        context,
        hold,
        ended: endOf(error, inflightOf(context.book.ledger()), context.found.unstopped),
      }
    } catch (lost) {
      return { context, hold, ended: endOf(lost, null, context.found.unstopped) }
    }
  }
}

/** Runs the steps of an action that changes nothing, or those before the lease. */
async function first(context: Context): Promise<End | null> {
  for (const step of FIRST[context.request.action]) {
    const done = await runStep(context, step, withClock)
    if ("ended" in done) return done.ended
  }
  return null
}

/** Runs the first steps, takes the lease, and runs the machine. Actions that change nothing take no lease. */
async function act(context: Context, lost: () => void): Promise<Session> {
  const { request, bucket, clock, reporter } = context
  const { action, environment, release, run } = request
  try {
    const known = await readLedger(bucket, environment.name)
    const looking = { ...context, book: readOnlyBook(known.ledger) }
    const early = await first(looking)
    if (early !== null) return { context: looking, hold: null, ended: early }
    if (action !== "deploy" && action !== "rollback" && action !== "migrate")
      return { context: looking, hold: null, ended: looked(action, release.commit) }
    const hold = await takeLease({ bucket, clock, request, say: reporter.say, onLost: lost })
    reporter.audit("lease", { token: hold.token, takenOver: hold.takenOver })
    if (hold.takenOver) reporter.say("! took over the lease of a run that has died")
    try {
      const owner = { environment: environment.name, run: run.id, token: hold.token }
      return await underLease({ ...context, book: await openBook(bucket, owner, clock.now) }, hold)
    } catch (error) {
      return { context, hold, ended: endOf(error, null) }
    }
  } catch (error) {
    return { context, hold: null, ended: endOf(error, null) }
  }
}

/** Names the audit log of a run: no other has this name. */
const logOf = ({ environment, run }: Request, now: number): string => {
  const at = new Date(now).toISOString().replace(/[:.]/g, "-")
  const id = run.id.replace(/[^\w.-]/g, "-")
  return `${environment.name}/audit/${at}-${id}-${run.attempt}-${randomUUID().slice(0, 8)}`
}

/** Runs a request to its end. @throws only if the simulator's clock cannot be reached. */
export async function deploy(request: Request, options: RunOptions): Promise<Result> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const clock = await clockOf(request, signal)
  const aws = awsClients({ ...options.access, patient: request.clock === "real" })
  const clean = scrubber(secretsOf(options))
  const begun = clock.now()
  const bucket = bucketOf(aws.s3, clock, request.environment.state)
  const trail = trailOf(bucket, logOf(request, begun))
  const report = reporter(request, clock, clean, options, trail)
  const context: Context = {
    ...{ request, aws, clock, signal, ports: options.ports, notify: options.notify },
    cluster: clusterOf(aws.ecs, clock, request.environment.cluster),
    ...{ bucket, trail, reporter: report },
    book: readOnlyBook(EMPTY_LEDGER),
    approvalToken: options.approvalToken ?? null,
    found: { bundle: EMPTY_BUNDLE, approvers: [] },
  }
  try {
    return report.cleaned(await conclude(await act(context, () => stop.abort()), begun))
  } finally {
    aws.close()
    await clock.close().catch(() => {})
  }
}
