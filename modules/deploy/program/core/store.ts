/** Where lease and ledger are kept: objects by key, written conditionally. */

export interface Stored {
  readonly body: string
  /** Changes with every write. */
  readonly etag: string
}

/** An earlier content of an object. */
export interface Version {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly read: () => Promise<string>
}

/** The objects of an environment, which are written only over what was read. */
export interface Store {
  readonly read: (key: string) => Promise<Stored | null>
  /**
   * @param etag of the object to replace; null: there must be none.
   * @returns the new etag; null: someone else has written first.
   */
  readonly write: (key: string, body: string, etag: string | null) => Promise<string | null>
  /** Returns the keys that begin with a prefix. */
  readonly keys: (prefix: string) => Promise<readonly string[]>
  /** Returns earlier contents, the newest first; null: none are kept, or they may not be read. */
  readonly versions: (key: string) => Promise<readonly Version[] | null>
}
