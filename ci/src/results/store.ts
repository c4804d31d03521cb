import type { Bytes } from "./http.js"

/**
 * A store of results: records by their keys, each with files. A folder, a bucket and a registry are stores alike. What a
 * store holds is not trusted: who reads a record verifies it.
 */

/** A record's file as a store has it. */
export interface Entry<Content> {
  /** The record and its signature, as text. */
  readonly text: string
  /** Returns the content of a digest that the record names; null if the store lacks it. */
  readonly blob: (digest: string) => Promise<Content | null>
}

/** @throws Error if the store does not answer: a missing record is null. */
export interface Reader<Content> {
  readonly read: (key: string) => Promise<Entry<Content> | null>
}

/** A signed record to write. */
export interface NewEntry {
  readonly key: string
  readonly text: string
  /** Contents of the files that belong to it, by digest. */
  readonly blobs: ReadonlyMap<string, Bytes>
}

/** @throws Error if the store refuses. A record becomes visible after all its contents. */
export interface Writer {
  readonly write: (entry: NewEntry) => Promise<void>
}

/** A store that is reached over the network. */
export interface Remote extends Reader<Bytes>, Writer {
  /** Its address, for people. */
  readonly name: string
}
