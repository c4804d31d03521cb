/** What a vendor is asked, and what it answers. */
import type { Claim } from "./count.ts"

/** What the vendor says of a run. */
export interface Answer {
  readonly claims: readonly Claim[]
  /** Logins of those who started the run or wrote the change. */
  readonly involved: readonly string[]
  /** What could not be counted or asked, each with its reason. */
  readonly refused: readonly string[]
}

/** The run whose approvals are asked for. */
export interface Asked {
  /** The vendor's own number of the run; null: it is not one of the vendor's. */
  readonly number: string | null
  readonly commit: string
  /** The environment's name at the vendor. */
  readonly environment: string
  /** The commits that the release has and the live one lacks. */
  readonly since: readonly string[]
}

/** Reads JSON from a path of the API, all pages of a list. */
export type Get = (path: string) => Promise<unknown>
/**
 * @param at the path of the repository in the API.
 * @throws Error for an answer that is no success, or not in the form that the API has.
 */
export type Ask = (get: Get, at: string, asked: Asked) => Promise<Answer>

/** The requests to a vendor's API. */
export interface Questions {
  /** Returns the path of a repository in the API. */
  readonly at: (repository: string) => string
  /** Who approved the run. */
  readonly run: Ask
  /** Who approved the change that was merged as the commit. */
  readonly reviews: Ask
}

export const NOTHING: Answer = { claims: [], involved: [], refused: [] }

/** Returns an approval of a run or a change, for any environment and any images. */
export const claimOf = (claim: Omit<Claim, "environment" | "images">): Claim => ({
  ...claim,
  environment: null,
  images: null,
})

/** What somebody decided about a run. */
interface Vote extends Pick<Claim, "by" | "at"> {
  readonly approves: boolean
}

/** Returns the approvals among votes. Approvals of a person who also rejected the run do not count. */
export function approvalsIn(
  votes: readonly Vote[],
  about: Pick<Claim, "commit" | "source" | "url">,
): readonly Claim[] {
  const rejected = new Set(votes.filter(({ approves }) => !approves).map(({ by }) => by))
  return votes.filter(({ by }) => !rejected.has(by)).map(({ by, at }) => claimOf({ by, at, ...about }))
}
