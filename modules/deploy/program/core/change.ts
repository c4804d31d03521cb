/** What must hold before a change is made: its line is in the audit log, and the lease is held. */
import type { RunContext } from "./context.ts"
import { inflightOf } from "./ledger.ts"
import { Unaudited } from "./outcome.ts"

/** A change, for the audit log. */
export interface ChangeLine {
  /** `UpdateService`, or a step of the caller. */
  readonly operation: string
  /** What it changes, by the names of its parameters. */
  readonly on: Readonly<Record<string, string>>
}

/** Returns whether the run is on a way back: the audit log never blocks it. */
const goesBack = ({ request, book }: RunContext): boolean =>
  request.action === "rollback" || (inflightOf(book.ledger())?.back ?? null) !== null

/** Production makes no change without its line, except on the way back and with break-glass. */
const mustBeRecorded = (context: RunContext): boolean => {
  const { environment, breakGlass } = context.request
  return environment.production && breakGlass === null && !goesBack(context)
}

/**
 * Writes what the audit log has so far; warns once if that is not possible.
 *
 * @param operation the change that waits for its line.
 * @throws {Unaudited} if the change must not be made without its line.
 */
export async function assertRecorded(context: RunContext, operation: string): Promise<void> {
  const { trail, reporter, found } = context
  const why = await trail.flush()
  if (why === null) return
  if (!found.unrecorded) reporter.say(`! the audit log is not written: ${why}`)
  found.unrecorded = true
  if (mustBeRecorded(context)) throw new Unaudited(context.request.environment.name, operation, why)
}

/** @throws {Unaudited}, {LeaseLost}, {LeaseLapsed}: the change must not be made. */
export async function beforeChange(context: RunContext, { operation, on }: ChangeLine): Promise<void> {
  const line = JSON.stringify([operation, on])
  // Attempts of one change have one line.
  if (context.found.changing !== line) context.reporter.audit("change", { operation, ...on })
  context.found.changing = line
  await assertRecorded(context, operation)
  await context.duty.changing()
}
