/** `status --repair`: restores the objects of an environment, the lease first, then the ledger under it. */
import { bodyOf, fileKeys, fileOf, ledgerKey, readOnlyBook } from "../core/book.ts"
import type { Lease } from "../core/journal.ts"
import { leaseKey } from "../core/lease.ts"
import { EMPTY_LEDGER, type Ledger, type ReleaseRecord } from "../core/ledger.ts"
import { type End, end } from "../core/outcome.ts"
import { liveText, rebuilt } from "../core/rebuild.ts"
import { BrokenState, leaseIn, ledgerIn, recordIn } from "../core/state.ts"
import type { Store, Stored } from "../core/store.ts"
import type { Hold } from "../core/tenure.ts"
import { listed } from "../core/text.ts"
import type { Context } from "../ecs/context.ts"
import { newestMade } from "../ecs/made-by.ts"
import { liveRevisions } from "../ecs/proof.ts"

type Reader<T> = (key: string, stored: Pick<Stored, "body">) => T

/** An object in the bucket; `value` is null if it is damaged or missing. */
interface Looked<T> {
  readonly value: T | null
  readonly etag: string | null
}

/** @throws {BrokenState} for an object of a newer version: it is whole. */
function readable<T>(key: string, stored: Pick<Stored, "body"> | null, reader: Reader<T>): T | null {
  if (stored === null) return null
  try {
    return reader(key, stored)
  } catch (error) {
    if (error instanceof BrokenState && error.kind === "damaged") return null
    throw error
  }
}

async function lookAt<T>(bucket: Store, key: string, reader: Reader<T>): Promise<Looked<T>> {
  const stored = await bucket.read(key)
  return { value: readable(key, stored, reader), etag: stored?.etag ?? null }
}

/** How many versions are read at most. */
const READ = 50

interface Earlier<T> {
  readonly value: T
  readonly at: number
}

/** Returns the versions that can be read, the newest first. */
async function versionsOf<T>(bucket: Store, key: string, reader: Reader<T>): Promise<readonly Earlier<T>[]> {
  const found: Earlier<T>[] = []
  for (const { at, read } of ((await bucket.versions(key)) ?? []).slice(0, READ)) {
    const value = readable(key, { body: await read() }, reader)
    if (value !== null) found.push({ value, at })
  }
  return found
}

/** Returns the version with the newest release: someone may have put an older version back. */
const furthest = (versions: readonly Earlier<Ledger>[]): Earlier<Ledger> | null =>
  versions.reduce<Earlier<Ledger> | null>(
    (best, one) =>
      best === null ||
      one.value.next > best.value.next ||
      (one.value.next === best.value.next && one.value.fence > best.value.fence)
        ? one
        : best,
    null,
  )

/** Replaces a damaged or missing lease with one that nobody renews: a living owner loses it, the next run takes it over. */
async function repairLease({ bucket, request, clock }: Context): Promise<string | null> {
  const { run, release, environment } = request
  const key = leaseKey(environment.name)
  const { value, etag } = await lookAt(bucket, key, leaseIn)
  if (value !== null) return null
  const ledger = (await lookAt(bucket, ledgerKey(environment.name), ledgerIn)).value
  const [before = null] = await versionsOf(bucket, key, leaseIn)
  if (etag === null && before === null && ledger === null) return null
  const lease: Lease = {
    owner: `repair/${run.id}/${clock.now()}`,
    run: { id: run.id, url: run.url, actor: run.actor, attempt: run.attempt },
    commit: release.commit,
    token: Math.max(ledger?.fence ?? 0, before?.value.token ?? 0),
    expires: 0,
    beat: 0,
    doing: null,
    ledger: true,
  }
  return (await bucket.write(key, JSON.stringify(lease), etag)) === null ? null : key
}

async function filesOf(bucket: Store, environment: string): Promise<readonly ReleaseRecord[]> {
  const keys = await fileKeys(bucket, environment)
  const read = await Promise.all(
    keys.map(
      async (key) =>
        (await lookAt(bucket, key, recordIn)).value ?? (await versionsOf(bucket, key, recordIn))[0]?.value,
    ),
  )
  return read.filter((one) => one !== undefined).sort((a, b) => a.number - b.number)
}

interface Repaired {
  readonly restored: string | null
  readonly lost: readonly string[]
  readonly ledger: Ledger
}

/** Rebuilds a damaged or missing ledger, and one that is older than its releases. */
async function repairLedger(context: Context, hold: Hold): Promise<Repaired> {
  const { bucket, request } = context
  const key = ledgerKey(request.environment.name)
  const { value, etag } = await lookAt(bucket, key, ledgerIn)
  const files = await filesOf(bucket, request.environment.name)
  const behind = value !== null && files.some(({ number }) => number >= value.next)
  if (value !== null && !behind) return { restored: null, lost: [], ledger: value }
  const version = furthest(await versionsOf(bucket, key, ledgerIn))
  const tagged = (await newestMade(context))?.release ?? 0
  if (etag === null && version === null && files.length === 0 && tagged === 0 && hold.from === null)
    return { restored: null, lost: [], ledger: EMPTY_LEDGER }
  const made = rebuilt({
    version: version === null ? null : { ledger: version.value, at: version.at },
    files,
    tagged,
    token: hold.token,
    held: hold.from !== null,
    running: Object.fromEntries(await liveRevisions(context)),
  })
  if ((await bucket.write(key, bodyOf(made.ledger), etag)) === null)
    throw new Error(`someone else wrote ${key} meanwhile`)
  hold.opened()
  return { restored: `${key} (from ${made.from})`, lost: made.lost, ledger: made.ledger }
}

/** Writes the files of releases that are damaged or missing. */
async function repairFiles({ bucket, request }: Context, { releases }: Ledger): Promise<readonly string[]> {
  const written: string[] = []
  for (const release of releases.filter(({ number }) => number > 0)) {
    const key = fileOf(request.environment.name, release.number)
    const { value, etag } = await lookAt(bucket, key, recordIn)
    if (value !== null) continue
    await bucket.write(key, bodyOf(release), etag)
    written.push(key)
  }
  return written
}

/** @param take takes the lease, once it is whole. */
export async function repair(
  context: Context,
  take: (context: Context) => Promise<Hold>,
): Promise<{ readonly context: Context; readonly ended: End }> {
  const { reporter, request, found } = context
  const lease = await repairLease(context)
  const hold = await take(context)
  try {
    const { restored, lost, ledger } = await repairLedger(context, hold)
    const files = await repairFiles(context, ledger)
    const all = [lease, restored, ...files].filter((one) => one !== null)
    for (const one of all) reporter.say(`  restored ${one}`)
    reporter.audit("repair", { restored: all, lost })
    found.remarks = [...(found.remarks ?? []), ...lost.map((one) => `lost: ${one}`)]
    const { name } = request.environment
    const what =
      all.length === 0
        ? `nothing to repair: the state of ${name} is whole`
        : `the state of ${name} is repaired (${listed(all)}); ${liveText(ledger)}`
    return { context: { ...context, book: readOnlyBook(ledger) }, ended: end("succeeded", what) }
  } finally {
    await hold.free()
  }
}
