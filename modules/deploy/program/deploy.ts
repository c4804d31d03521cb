/** Runs a request from start to result. Failures are outcomes, not exceptions. */
import { randomUUID } from "node:crypto"
import { type Access, awsClients } from "./aws/clients.ts"
import { bucketOf } from "./aws/objects.ts"
import { clusterOf } from "./aws/services.ts"
import { trailOf } from "./core/audit.ts"
import { readOnlyBook } from "./core/book.ts"
import { type Clock, realClock, virtualClock } from "./core/clock.ts"
import type { NotifySecrets, Ports } from "./core/context.ts"
import { trackerOf } from "./core/deployments/tracker.ts"
import { EMPTY_BUNDLE } from "./core/evidence.ts"
import { EMPTY_LEDGER } from "./core/ledger.ts"
import { reporter, scrubber } from "./core/report.ts"
import type { Request } from "./core/request.ts"
import type { Result } from "./core/result.ts"
import { NO_DUTY } from "./core/tenure.ts"
import type { Context } from "./ecs/context.ts"
import { act } from "./run/act.ts"
import { conclude } from "./run/conclude.ts"
import { guardOf } from "./run/guard.ts"

/** What a run needs besides its request. */
export interface RunOptions {
  readonly access: Access
  readonly ports: Ports
  readonly notify: NotifySecrets
  /** For the API of the vendor whose approvals count. */
  readonly approvalToken?: string | null
  /** For the API of the vendor that shows deployments. */
  readonly deploymentToken?: string | null
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

const secretsOf = ({ access, notify, secrets, ...tokens }: RunOptions): readonly string[] => {
  const { credentials } = access
  const own =
    credentials === null || typeof credentials === "function"
      ? []
      : [credentials.secretAccessKey, credentials.sessionToken ?? ""]
  return [
    ...secrets,
    ...own,
    ...Object.values(notify),
    tokens.approvalToken ?? "",
    tokens.deploymentToken ?? "",
  ]
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
  const guard = guardOf()
  const aws = awsClients({ ...options.access, patient: request.clock === "real" }, guard.ask)
  const clean = scrubber(secretsOf(options))
  const begun = clock.steady()
  const bucket = bucketOf(aws.s3, clock, request.environment.state)
  const quick = bucketOf(aws.s3, clock, request.environment.state, "quick")
  const trail = trailOf(bucket, logOf(request, clock.now()), quick)
  const report = reporter(request, clock, clean, options, trail)
  const context: Context = {
    request,
    aws,
    clock,
    signal,
    ports: options.ports,
    notify: options.notify,
    cluster: clusterOf(aws.ecs, clock, request.environment.cluster),
    bucket,
    trail,
    reporter: report,
    duty: NO_DUTY,
    book: readOnlyBook(EMPTY_LEDGER),
    approvalToken: options.approvalToken ?? null,
    tracker: trackerOf(request, options.deploymentToken ?? null),
    found: { bundle: EMPTY_BUNDLE, approvers: [] },
  }
  const lease = { onLost: () => stop.abort(), opened: guard.open }
  try {
    return report.cleaned(await conclude(await act(context, lease), begun))
  } finally {
    aws.close()
    await clock.close().catch(() => {})
  }
}
