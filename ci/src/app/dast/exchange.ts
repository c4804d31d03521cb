/** What `inside/send.ts` sends, and what it brings back. */

export interface Request {
  /** What it is sent for: `page`, `sql`, …; whoever judges the answer decides by it. */
  readonly why: string
  readonly method: string
  /** Path and query, as they stand in the request line. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** A request, and the answer to it. */
export interface Exchange extends Request {
  /** 0 where there was no answer. */
  readonly status: number
  /** Names in lower case, in the order of the answer; one that came twice stands there twice. */
  readonly answered: readonly (readonly [name: string, value: string])[]
  /** The first 512 KB. */
  readonly text: string
  /** Why there was no answer, or null. */
  readonly error: string | null
}

/** What the program in the container sends. */
export interface Plan {
  readonly origin: string
  readonly requests: readonly Request[]
  /** How many pages and scripts to follow links to, beside the requests. */
  readonly follow: number
}
