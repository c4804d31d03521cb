/** The ledger in the bucket: every write is fenced by the lease's token. */
import type { Bucket } from "./aws/objects.ts"
import { LeaseLost } from "./plan/outcome.ts"
import { EMPTY_LEDGER, type Journal, type Ledger, ledgerSchema, type ReleaseRecord } from "./plan/state.ts"

const KEY = "ledger.json"

export interface Book {
  readonly ledger: () => Ledger
  /** What is in flight. @throws where nothing is: a step that asks runs only inside a release. */
  readonly journal: () => Journal
  /** @throws {LeaseLost} where another run wrote since. */
  readonly save: (ledger: Ledger) => Promise<void>
  /** Writes down what is about to happen, or just did. @throws {LeaseLost} as {@link save}. */
  readonly note: (change: Partial<Journal>) => Promise<void>
}

interface Read {
  readonly ledger: Ledger
  readonly etag: string | null
}

/** The ledger of an environment; an empty one where none was written yet. */
export async function readLedger(bucket: Bucket, environment: string): Promise<Read> {
  const stored = await bucket.read(`${environment}/${KEY}`)
  if (stored === null) return { ledger: EMPTY_LEDGER, etag: null }
  return { ledger: ledgerSchema.parse(JSON.parse(stored.body)), etag: stored.etag }
}

const text = (ledger: Ledger): string => `${JSON.stringify(ledger)}\n`

/**
 * Opens the ledger for the owner of a lease. Its token is written at once, so that a write of an earlier owner, which
 * knows another etag, is refused from here on.
 *
 * @throws {LeaseLost} where a later owner was faster.
 */
export async function openBook(bucket: Bucket, environment: string, token: number): Promise<Book> {
  const key = `${environment}/${KEY}`
  let state: Read
  for (;;) {
    const { ledger, etag } = await readLedger(bucket, environment)
    if (ledger.fence > token) throw new LeaseLost(`a run with the token ${ledger.fence}`)
    const mine = { ...ledger, fence: token }
    const written = await bucket.write(key, text(mine), etag)
    if (written === null) continue
    state = { ledger: mine, etag: written }
    break
  }
  const save = async (ledger: Ledger): Promise<void> => {
    const etag = await bucket.write(key, text(ledger), state.etag)
    if (etag === null) {
      const there = await readLedger(bucket, environment)
      throw new LeaseLost(`a run with the token ${there.ledger.fence}`)
    }
    state = { ledger, etag }
  }
  const journal = (): Journal => {
    const { inflight } = state.ledger
    if (inflight === null) throw new Error("no release is in flight")
    return inflight
  }
  return {
    ledger: () => state.ledger,
    journal,
    save,
    note: (change) => save({ ...state.ledger, inflight: { ...journal(), ...change } }),
  }
}

/** A book for what only looks. */
export const closedBook = (ledger: Ledger): Book => {
  const refuse = async () => {
    throw new Error("the ledger is only read here")
  }
  return {
    ledger: () => ledger,
    journal: () => {
      throw new Error("no release is in flight")
    },
    save: refuse,
    note: refuse,
  }
}

/** Each release's own file, which nobody overwrites. */
export async function fileRelease(bucket: Bucket, environment: string, record: ReleaseRecord): Promise<void> {
  const key = `${environment}/ledger/${String(record.number).padStart(6, "0")}.json`
  await bucket.write(key, `${JSON.stringify(record)}\n`, null)
}
