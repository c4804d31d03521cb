/** What a vendor is asked, and what it answers. */
import type { Vendor } from "../../environment.ts"
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
/** @throws Error for an answer that is no success, or not in the form that the API has. */
export type Ask = (get: Get, asked: Asked, vendor: Vendor) => Promise<Answer>

export const NOTHING: Answer = { claims: [], involved: [], refused: [] }
