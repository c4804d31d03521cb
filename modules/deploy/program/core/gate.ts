/** Decides who may deploy, and when. */

import { isAnswer } from "./answers.ts"
import type { Gathered } from "./approvals/gather.ts"
import { type Journal, underWay } from "./journal.ts"
import { type End, end } from "./outcome.ts"
import type { Request } from "./request.ts"
import { listed, plural, short } from "./text.ts"
import { frozen } from "./windows.ts"

/** The caller's identity according to AWS. */
export interface Identity {
  readonly account: string
  /** `arn:aws:sts::…:assumed-role/<role>/<session>`, or a user's ARN. */
  readonly arn: string
}

/** Returns the role name in an ARN; null for users. */
const roleOf = (arn: string): string | null => /:assumed-role\/([^/]+)\//.exec(arn)?.[1] ?? null

/** Returns a refusal for the wrong account or role. Break-glass does not skip this check. */
export function wrongIdentity({ environment }: Request, { account, arn }: Identity): End | null {
  if (account !== environment.account)
    return end(
      "refused",
      `wrong account: the credentials belong to account ${account}, but ${environment.name} is account ${environment.account}`,
      {
        todo: [`use credentials of account ${environment.account}; nothing was changed`],
      },
    )
  if (environment.role === null || roleOf(arn) === environment.role) return null
  return end(
    "refused",
    `wrong role: the credentials belong to ${arn}, but ${environment.name} requires ${environment.role}`,
    {
      todo: [`assume the role ${environment.role}; nothing was changed`],
    },
  )
}

const EMERGENCY = "in an emergency, use break-glass with a reason; it is audited"

/** Returns a refusal where too few people approve, or where nobody can tell who wrote the release. */
function unapproved(
  { environment, release }: Request,
  { approvers, ignored, authorsKnown }: Gathered,
): End | null {
  const { required, people } = environment.approvals
  if (required === 0) return null
  const commit = short(release.commit)
  if (environment.production && !authorsKnown)
    return end("refused", `the history does not tell who wrote ${commit}: no author may approve it`, {
      todo: [
        "pass `release.history` back to the live commit: `ci` does, in a clone with the full history",
        EMERGENCY,
      ],
    })
  if (approvers.length >= required) return null
  const by = approvers.length === 0 ? "" : ` (by ${listed(approvers.map(({ name }) => name))})`
  const who = people === null ? "someone who did not write it" : people.join(" or ")
  return end(
    "refused",
    `${commit} has ${approvers.length} of ${plural(required, "required approval")}${by}`,
    {
      cause: ignored.length === 0 ? null : `not counted: ${ignored.join("; ")}`,
      todo: [`get ${commit} approved by ${who}: \`slipway approve --env ${environment.name}\``, EMERGENCY],
    },
  )
}

/** Actions that need approval. A rollback does not: it returns to an approved release, at any hour. */
const GATED: ReadonlySet<Request["action"]> = new Set(["deploy", "migrate"])

/** Returns whether a release goes back: it turned, or somebody answered so. */
const isBack = ({ back, answers }: Journal): boolean =>
  back !== null || answers.some(({ answer }) => answer === "rollback")

/** Returns whether freeze windows and approvals count for a request. */
export const isGated = ({ action, breakGlass }: Request): boolean => GATED.has(action) && breakGlass === null

/**
 * Returns a refusal during a freeze or without approvals. Break-glass skips both. A freeze that begins midway blocks no
 * way back, no answer, and no rollout under way.
 *
 * @param resumed the release in flight that the request continues, or null.
 */
export function forbidden(
  request: Request,
  resumed: Journal | null,
  gathered: Gathered,
  now: number,
): End | null {
  const { environment, answer } = request
  const answers = resumed !== null && isAnswer(resumed, request)
  if (!isGated(request) || (resumed !== null && isBack(resumed)) || (answers && answer === "rollback"))
    return null
  // Stopping once services were changed would leave the release half-way.
  const begun = answers || (resumed !== null && underWay(resumed.services).length > 0)
  const window = begun ? null : frozen(environment.freeze, now)
  if (window !== null)
    return end("refused", `${environment.name} is frozen: ${window}`, {
      todo: ["run again after the freeze", EMERGENCY],
    })
  return unapproved(request, gathered)
}
