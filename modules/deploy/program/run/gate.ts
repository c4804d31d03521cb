import { identityOf } from "../aws/identity.ts"
import { approvers, forbidden, wrongIdentity } from "../core/gate.ts"
import { Ended } from "../core/outcome.ts"
import { type Done, did, type Step } from "../core/step.ts"
import { listed } from "../core/text.ts"
import type { Context } from "../ecs/context.ts"

/** Checks identity, freeze windows and approvals. */
async function run({ request, aws, clock, reporter }: Context): Promise<Done> {
  const identity = await identityOf(aws.sts, clock)
  const wrong = wrongIdentity(request, identity)
  if (wrong !== null) throw new Ended(wrong)
  const { breakGlass } = request
  if (breakGlass !== null) {
    reporter.audit("break-glass", { by: breakGlass.by, reason: breakGlass.reason, review: "within 48 hours" })
    reporter.say(`! BREAK-GLASS by ${breakGlass.by}: ${breakGlass.reason}`)
    reporter.say("! this run skips freeze windows and approvals; review it within 48 hours")
  }
  const refused = forbidden(request, clock.now())
  if (refused !== null) throw new Ended(refused)
  const by = approvers(request, clock.now())
  reporter.audit("gate", { account: identity.account, identity: identity.arn, approvers: by })
  const approved = by.length > 0 ? `, approved by ${listed(by)}` : ""
  return did(`account ${identity.account}, ${request.environment.region}${approved}`)
}

export const gate: Step<Context> = { name: "gate", minutes: 5, once: false, run }
