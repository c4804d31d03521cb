/** Where lease and ledger are kept: objects by key, written conditionally. */

export interface Stored {
  readonly body: string
  /** Changes with every write. */
  readonly etag: string
}

export interface Store {
  readonly read: (key: string) => Promise<Stored | null>
  /**
   * @param etag of the object to replace; null: there must be none.
   * @returns the new etag; null: someone else has written first.
   */
  readonly write: (key: string, body: string, etag: string | null) => Promise<string | null>
}
