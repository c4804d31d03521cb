/** The ledger in the bucket. The lease's token fences every write. */

import { homeOf, strangeHome } from "./home.ts"
import { type Change, fold, type Journal, noted } from "./journal.ts"
import { leaseKey } from "./lease.ts"
import { EMPTY_LEDGER, type Home, type Ledger, type ReleaseRecord } from "./ledger.ts"
import { Ended, LeaseLost } from "./outcome.ts"
import { BrokenState, ledgerIn, recordIn } from "./state.ts"
import type { Store } from "./store.ts"
import { plural } from "./text.ts"

const KEY = "ledger.json"

/** The ledger as this run reads and writes it. */
export interface Book {
  readonly ledger: () => Ledger
  /** Returns the release in flight. @throws if there is none. */
  readonly journal: () => Journal
  /** @throws {LeaseLost} if another run has written since. */
  readonly save: (ledger: Ledger) => Promise<void>
  /** Adds to the journal's log, before or right after a change. @throws {LeaseLost} as {@link save}. */
  readonly note: (change: Change, rest?: Partial<Ledger>) => Promise<void>
}

interface Read {
  readonly ledger: Ledger
  readonly etag: string | null
}

/** Returns the key of an environment's ledger in the bucket. */
export const ledgerKey = (environment: string): string => `${environment}/${KEY}`

/** Returns evidence that the environment had a ledger, or null. */
async function traceOf(bucket: Store, environment: string): Promise<string | null> {
  const lease = await bucket.read(leaseKey(environment))
  if (lease !== null && /"ledger":\s*true/.test(lease.body)) return "the lease says so"
  const files = await fileKeys(bucket, environment)
  if (files.length > 0)
    return `${plural(files.length, "release")} of it ${files.length === 1 ? "is" : "are"} there`
  return (await bucket.versions(ledgerKey(environment))) === null ? null : "the bucket has versions of it"
}

/** Reads the ledger of an environment; empty before the first release. @throws {BrokenState} */
export async function readLedger(bucket: Store, environment: string): Promise<Read> {
  const key = ledgerKey(environment)
  const stored = await bucket.read(key)
  if (stored === null) {
    const trace = await traceOf(bucket, environment)
    if (trace !== null) throw new BrokenState(key, { kind: "missing", detail: trace })
    return { ledger: EMPTY_LEDGER, etag: null }
  }
  const ledger = ledgerIn(key, stored)
  // The ledger has a release before its file is written.
  const ahead = fileOf(environment, ledger.next)
  if ((await bucket.read(ahead)) !== null)
    throw new BrokenState(key, {
      kind: "damaged",
      detail: `it is older than its releases: ${ahead} is there`,
    })
  return { ledger, etag: stored.etag }
}

/** Returns the content of an object. */
export const bodyOf = (value: Ledger | ReleaseRecord): string => `${JSON.stringify(value)}\n`

/** The owner of a lease. */
interface Owner {
  readonly environment: Home & { readonly name: string }
  readonly run: string
  readonly token: number
}

/**
 * Opens the ledger for the owner of a lease. Writes the token at once: this changes the etag, so that S3 refuses the
 * writes of earlier owners.
 *
 * @throws {LeaseLost} if a later owner has already written.
 * @throws {Ended} `refused` if the ledger is of another environment.
 */
export async function openBook(
  bucket: Store,
  { environment, run, token }: Owner,
  now: () => number,
): Promise<Book> {
  const { name } = environment
  const key = ledgerKey(name)
  let state: Read
  for (;;) {
    const { ledger, etag } = await readLedger(bucket, name)
    if (ledger.fence > token) throw new LeaseLost(`the run with lease token ${ledger.fence}`)
    const strange = strangeHome(ledger, environment)
    if (strange !== null) throw new Ended(strange)
    const mine = { ...ledger, fence: token, home: homeOf(environment) }
    const written = await bucket.write(key, bodyOf(mine), etag)
    if (written === null) continue
    state = { ledger: mine, etag: written }
    break
  }
  const save = async (ledger: Ledger): Promise<void> => {
    const etag = await bucket.write(key, bodyOf(ledger), state.etag)
    if (etag === null) {
      const there = await readLedger(bucket, name)
      throw new LeaseLost(`the run with lease token ${there.ledger.fence}`)
    }
    state = { ledger, etag }
  }
  const flight = () => {
    const { inflight } = state.ledger
    if (inflight === null) throw new Error("no release is in flight")
    return inflight
  }
  return {
    ledger: () => state.ledger,
    journal: () => fold(flight()),
    save,
    note: (change, rest = {}) =>
      save({ ...state.ledger, ...rest, inflight: noted(flight(), now(), run, change) }),
  }
}

/** Returns a ledger for actions that change nothing. */
export const readOnlyBook = (ledger: Ledger): Book => {
  const refuse = async () => {
    throw new Error("the ledger is read-only in this action")
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

const folderOf = (environment: string): string => `${environment}/ledger/`

/** Returns the key of a release's own file. Keys sort in the order of releases. */
export const fileOf = (environment: string, number: number): string =>
  `${folderOf(environment)}${String(number).padStart(6, "0")}.json`

/** Returns the keys of the files of releases. */
export const fileKeys = (bucket: Store, environment: string): Promise<readonly string[]> =>
  bucket.keys(folderOf(environment))

/** Writes the file of a release. An existing file is never overwritten. */
export async function fileRelease(bucket: Store, environment: string, record: ReleaseRecord): Promise<void> {
  await bucket.write(fileOf(environment, record.number), bodyOf(record), null)
}

/** Writes the file of the newest release that has ended: a run may have died between the ledger and the file. */
export async function fileNewest(bucket: Store, environment: string, { releases }: Ledger): Promise<void> {
  const record = releases.findLast(({ action }) => action !== "baseline")
  if (record !== undefined) await fileRelease(bucket, environment, record)
}

/** Reads the file of a release; null: there is no such file. */
export async function readRelease(
  bucket: Store,
  environment: string,
  number: number,
): Promise<ReleaseRecord | null> {
  const key = fileOf(environment, number)
  const stored = await bucket.read(key)
  return stored === null ? null : recordIn(key, stored)
}
