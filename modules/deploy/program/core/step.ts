/** A step of a run. Steps are data, so that the order of an action is a list. */

export interface Step<C> {
  readonly name: string
  /** Time limit. AWS continues what it has started. */
  readonly minutes: number
  /** Whether a rerun skips the step once it is done. */
  readonly once: boolean
  /**
   * @returns a short text: what it did, or why there was nothing to do.
   * @throws {Ended}, {NeedsRollback}, {LeaseLost}, {Interrupted}, {AwsFault}.
   */
  readonly run: (context: C) => Promise<Done>
}

export type Done = { readonly did: string } | { readonly skipped: string }

export const did = (text: string): Done => ({ did: text })
export const skipped = (text: string): Done => ({ skipped: text })
