import { behindAws, identityOf } from "../aws/identity.ts"
import type { Approver } from "../core/approvals/count.ts"
import { gather } from "../core/approvals/gather.ts"
import { assertRecorded } from "../core/change.ts"
import { AUDIT_FIX } from "../core/ends.ts"
import { forbidden, isGated, wrongIdentity } from "../core/gate.ts"
import type { Ledger } from "../core/ledger.ts"
import { adopted } from "../core/opening.ts"
import { Ended, end, Unaudited } from "../core/outcome.ts"
import { type Done, did, type Step, skipped } from "../core/step.ts"
import { duration, listed } from "../core/text.ts"
import { type Context, withClock } from "../ecs/context.ts"
import { assertUnshared } from "../ecs/sharing.ts"

/** Actions whose audit log is kept. */
const AUDITED: ReadonlySet<Context["request"]["action"]> = new Set(["deploy", "rollback", "migrate"])

const isAudited = ({ action, repair, trial }: Context["request"]): boolean =>
  AUDITED.has(action) || repair || trial !== null

/** Checks identity, freeze windows and approvals. */
async function run(context: Context): Promise<Done> {
  const { request, aws, clock, reporter, trail } = context
  const identity = await identityOf(aws.sts, clock)
  const wrong = wrongIdentity(request, identity)
  if (wrong !== null) throw new Ended(wrong)
  // From here on the bucket is the right account's. Actions that change nothing leave it as it is.
  if (isAudited(request)) trail.begin()
  const { breakGlass } = request
  if (breakGlass !== null) {
    reporter.audit("break-glass", { by: breakGlass.by, reason: breakGlass.reason, review: "within 48 hours" })
    reporter.say(`! BREAK-GLASS by ${breakGlass.by}: ${breakGlass.reason}`)
    reporter.say("! this run skips freeze windows and approvals; review it within 48 hours")
  }
  warnOfClock(context)
  const gated = isGated(request)
  const by = gated ? await permitted(byAwsTime(context), context.book.ledger()) : []
  reporter.audit("gate", { account: identity.account, identity: identity.arn, approvers: by })
  if (isAudited(request)) await recorded(context)
  const approved = by.length > 0 ? `, approved by ${listed(by.map(({ name }) => name))}` : ""
  return did(`account ${identity.account}, ${request.environment.region}${approved}`)
}

/** @throws {Ended} `refused` where production could not record what it does. */
async function recorded(context: Context): Promise<void> {
  try {
    await assertRecorded(context, context.request.action)
  } catch (error) {
    if (!(error instanceof Unaudited)) throw error
    throw new Ended(end("refused", `${error.message}; nothing was changed`, { todo: [AUDIT_FIX] }))
  }
}

/** Returns a context that goes by AWS's time where this machine's clock is wrong: other machines read what it notes. */
export function byAwsTime(context: Context): Context {
  const { aws, clock } = context
  const behind = behindAws(aws.sts)
  return withClock(context, { ...clock, now: () => clock.now() + behind })
}

/** Warns of a clock that is wrong. */
function warnOfClock({ aws, reporter }: Context): void {
  const behind = behindAws(aws.sts)
  if (behind === 0) return
  const off = `${duration(Math.abs(behind))} ${behind > 0 ? "behind" : "ahead of"} AWS's`
  reporter.say(`! this machine's clock is ${off}: this run goes by AWS's`)
  reporter.audit("clock", { behind })
}

/** Checks freeze windows and approvals. @throws {Ended} `refused`. */
async function permitted(context: Context, ledger: Ledger): Promise<readonly Approver[]> {
  const { request, reporter, found, clock } = context
  const gathered = await gather(context, ledger)
  if (gathered.ignored.length > 0) reporter.audit("approvals not counted", { ignored: gathered.ignored })
  const refused = forbidden(request, adopted(ledger, request), gathered, clock.now())
  if (refused !== null) throw new Ended(refused)
  found.approvers = gathered.approvers
  return gathered.approvers
}

export const gate: Step<Context> = { name: "gate", minutes: 5, once: false, run }

/** Checks again under the lease: waiting for it may have taken until a freeze, or until approvals expired. */
export const still: Step<Context> = {
  name: "gate",
  minutes: 5,
  once: false,
  run: async (context) => {
    await assertUnshared(context)
    if (!isGated(context.request))
      return skipped(
        context.request.breakGlass === null ? "a rollback needs no approval" : "skipped by break-glass",
      )
    await permitted(context, context.book.ledger())
    return did("still allowed")
  },
}
