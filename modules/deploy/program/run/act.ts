/** Runs what a request asks for: first steps, the lease, the machine. */
import { bucketOf } from "../aws/objects.ts"
import { ledgerKey, openBook, readLedger, readOnlyBook } from "../core/book.ts"
import { endOf, endOfLook, looked } from "../core/ends.ts"
import { strangeHome } from "../core/home.ts"
import { takeLease } from "../core/lease.ts"
import { ownerOf } from "../core/lease-rule.ts"
import { type Leaving, leaving } from "../core/leaving.ts"
import { EMPTY_LEDGER, inflightOf } from "../core/ledger.ts"
import type { End } from "../core/outcome.ts"
import { runStep } from "../core/run-steps.ts"
import { BrokenState } from "../core/state.ts"
import type { Hold } from "../core/tenure.ts"
import { type Context, withClock } from "../ecs/context.ts"
import { madeText, newestMade } from "../ecs/made-by.ts"
import type { Session } from "./conclude.ts"
import { byAwsTime } from "./gate.ts"
import { runMachine } from "./machine.ts"
import { FIRST } from "./order.ts"
import { repair } from "./repair.ts"
import { tellWait } from "./tell.ts"

interface Leasing {
  /** Called once if the lease is lost. */
  readonly onLost: () => void
  /** Called once the ledger is open for writing. */
  readonly opened: (context: Context) => void
}

/** Runs the machine. An error ends the run; if the lease was lost meanwhile, the run ends because of that. */
async function underLease(context: Context, hold: Hold, leaves: Leaving | null): Promise<Session> {
  const over = (error: unknown): Session => ({
    context,
    hold,
    ended: endOf(error, inflightOf(context.book.ledger()), context.found.unstopped),
  })
  try {
    return { context, hold, ended: await runMachine(context, hold, leaves) }
  } catch (error) {
    try {
      hold.assertHeld()
      return over(error)
    } catch (lost) {
      return over(lost)
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

/** Reports whose lease was taken over. */
function announce({ reporter, request }: Context, { token, from }: Hold): void {
  const owner = from === null ? null : ownerOf(from.lease)
  reporter.audit("lease", { token, takenOver: from?.how === "dead" })
  if (from?.how === "dead") reporter.say(`! took over the lease of a run that has died: ${owner}`)
  if (from?.how !== "watching") return
  const doing = from.lease.doing?.what ?? "unknown"
  reporter.audit("take-over", { by: request.run.actor, from: from.lease.run, doing })
  reporter.say(`! ${request.run.actor} takes over from ${owner}, which only watches (${doing})`)
}

/** Takes the lease of an environment. */
async function leased(context: Context, onLost: () => void): Promise<Hold> {
  const { request, bucket, clock, reporter, aws } = context
  const pulse = bucketOf(aws.s3, clock, request.environment.state, "quick")
  const { fence } = context.book.ledger()
  const tell = (holder: string) => tellWait(context, holder)
  const hold = await takeLease({ bucket, pulse, clock, request, say: reporter.say, tell, onLost, fence })
  announce(context, hold)
  return hold
}

/** @throws {BrokenState} if there is no ledger, but a service runs the revision of a release. */
async function assertFirst(context: Context): Promise<void> {
  const { book, request } = context
  if (book.ledger() !== EMPTY_LEDGER) return
  const made = await newestMade(context)
  if (made !== null)
    throw new BrokenState(ledgerKey(request.environment.name), { kind: "missing", detail: madeText(made) })
}

/** Takes the lease, and runs the machine. */
async function owning(context: Context, { onLost, opened }: Leasing): Promise<Session> {
  const { request, bucket, clock } = context
  const { environment, run } = request
  const leaves = leaving(context.book.ledger())
  const hold = await leased(context, onLost)
  try {
    const owner = { environment, run: run.id, token: hold.token }
    const book = await openBook(bucket, owner, clock.now)
    hold.opened()
    const held: Context = { ...context, book, duty: hold }
    opened(held)
    return await underLease(held, hold, leaves)
  } catch (error) {
    return { context, hold, ended: endOf(error, null) }
  }
}

/** Runs the first steps, takes the lease, and runs the machine. Actions that change nothing take no lease. */
export async function act(context: Context, leasing: Leasing): Promise<Session> {
  const { request, bucket } = context
  const { action, environment, release } = request
  try {
    const known = request.repair ? EMPTY_LEDGER : (await readLedger(bucket, environment.name)).ledger
    const looking = { ...context, book: readOnlyBook(known) }
    const early = strangeHome(known, environment) ?? (await first(looking))
    if (early !== null) return { context: looking, hold: null, ended: early }
    if (request.repair)
      return { hold: null, ...(await repair(looking, (held) => leased(held, leasing.onLost))) }
    if (action !== "deploy" && action !== "rollback" && action !== "migrate")
      return { context: looking, hold: null, ended: looked(action, release.commit) }
    await assertFirst(looking)
    return await owning(byAwsTime(looking), leasing)
  } catch (error) {
    return { context, hold: null, ended: endOfLook(error, action) }
  }
}
