/** A step: data, so that the order of a request is a list. */
import type { Given } from "../given.ts"

export interface Step {
  readonly name: string
  /** Above this it ends; what AWS does goes on. */
  readonly minutes: number
  /** Whether its end is written down, so that a rerun does not do it again. */
  readonly once: boolean
  /**
   * @returns what it did, in a few words for people; null where there was nothing to do.
   * @throws {Ended}, {NeedsRollback}, {LeaseLost}, {Interrupted}, {AwsFault}.
   */
  readonly run: (given: Given) => Promise<Done>
}

export type Done = { readonly did: string } | { readonly skipped: string }

export const did = (text: string): Done => ({ did: text })
export const skipped = (text: string): Done => ({ skipped: text })
