/** Decides who may deploy, and when. */

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

/** Returns the people whose approval of this commit counts: listed, in time, not the author, each once. */
export function approvers({ approvals, release, environment }: Request, now: number): readonly string[] {
  const { people } = environment.approvals
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
  const valid = approvals
    .filter(({ commit, at }) => commit === release.commit && Date.parse(at) <= now)
    .map(({ by }) => by)
    .filter((by) => !release.authors.some((author) => same(author, by)))
    .filter((by) => people === null || people.some((one) => same(one, by)))
  return valid.filter((by, index) => valid.findIndex((other) => same(other, by)) === index)
}

function unapproved(request: Request, now: number): End | null {
  const { environment, approvals, release } = request
  const { required, people } = environment.approvals
  const counted = approvers(request, now)
  if (counted.length >= required) return null
  const ignored = [...new Set(approvals.map(({ by }) => by))].filter((by) => !counted.includes(by))
  const by = counted.length === 0 ? "" : ` (by ${listed(counted)})`
  const why =
    ignored.length === 0
      ? ""
      : `; not counted: ${listed(ignored)} (the author, not listed, for another commit, or dated later)`
  const has = `${short(release.commit)} has ${counted.length} of ${plural(required, "required approval")}`
  return end("refused", `${has}${by}${why}`, {
    todo: [
      `get ${short(release.commit)} approved by ${people === null ? "someone other than the author" : people.join(" or ")}, then run again`,
      "in an emergency, use break-glass with a reason; it is audited",
    ],
  })
}

/** Actions that need approval. A rollback does not: it returns to an approved release, at any hour. */
const GATED: ReadonlySet<Request["action"]> = new Set(["deploy", "migrate"])

/** Returns a refusal during a freeze or without approvals. Break-glass skips both. */
export function forbidden(request: Request, now: number): End | null {
  if (!GATED.has(request.action) || request.breakGlass !== null) return null
  const window = frozen(request.environment.freeze, now)
  if (window !== null)
    return end("refused", `${request.environment.name} is frozen: ${window}`, {
      todo: ["run again after the freeze", "in an emergency, use break-glass with a reason; it is audited"],
    })
  return unapproved(request, now)
}
