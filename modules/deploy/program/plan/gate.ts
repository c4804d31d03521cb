/** Who may deploy, and when. */
import type { Request } from "../request.ts"
import { type End, end } from "./outcome.ts"
import { listed, plural, short } from "./text.ts"
import { frozen } from "./windows.ts"

/** Who AWS says we are. */
export interface Identity {
  readonly account: string
  /** `arn:aws:sts::…:assumed-role/<role>/<session>`, or of a user. */
  readonly arn: string
}

/** The name of the role in an identity's ARN, or null for what is no role. */
export const roleOf = (arn: string): string | null => /:assumed-role\/([^/]+)\//.exec(arn)?.[1] ?? null

/** What is wrong with who we are; null where nothing is. Break-glass does not help here. */
export function wrongIdentity({ environment }: Request, { account, arn }: Identity): End | null {
  if (account !== environment.account)
    return end(
      "refused",
      `these credentials are of account ${account}, and ${environment.name} is ${environment.account}`,
      {
        todo: [`use credentials of account ${environment.account}; nothing was changed`],
      },
    )
  if (environment.role === null || roleOf(arn) === environment.role) return null
  return end(
    "refused",
    `these credentials are of ${arn}, and ${environment.name} is deployed by ${environment.role}`,
    {
      todo: [`assume the role ${environment.role}; nothing was changed`],
    },
  )
}

/** People who approved this commit in time, without the author; each once. */
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
  const given = approvers(request, now)
  if (given.length >= required) return null
  const ignored = [...new Set(approvals.map(({ by }) => by))].filter((by) => !given.includes(by))
  const has = given.length === 0 ? "nobody approved it" : `${listed(given)} did`
  const why =
    ignored.length === 0
      ? ""
      : `; ${listed(ignored)} cannot: the author, not on the list, another commit, or later`
  return end("refused", `${short(release.commit)} needs ${plural(required, "approval")}, and ${has}${why}`, {
    todo: [
      `let ${people === null ? "others than the author" : listed(people)} approve ${short(release.commit)}, then run again`,
      "in an emergency: break-glass with your name and a reason; it is audited",
    ],
  })
}

/** Actions that the gate stops. A rollback returns to what was approved: it must be possible at any hour. */
const GATED: ReadonlySet<Request["action"]> = new Set(["deploy", "migrate"])

/** What forbids the request now; null where nothing does, or where the glass is broken. */
export function forbidden(request: Request, now: number): End | null {
  if (!GATED.has(request.action) || request.breakGlass !== null) return null
  const window = frozen(request.environment.freeze, now)
  if (window !== null)
    return end("refused", `${request.environment.name} is frozen: ${window}`, {
      todo: ["run again after it", "in an emergency: break-glass with your name and a reason; it is audited"],
    })
  return unapproved(request, now)
}
