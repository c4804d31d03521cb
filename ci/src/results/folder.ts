import type { Directory, File } from "@dagger.io/dagger"
import type { Config } from "../config/config.js"
import { Fault } from "../run/fault.js"
import type { Kept } from "../run/keep.js"
import type { Found, Memory, Recalled, Refused } from "../run/stored.js"
import { BLOBS, blobName, UNSIGNED } from "./names.js"
import { type Read, verifier } from "./verify.js"

/** Returns new records as files of the evidence. */
export const keptFiles = (
  kept: readonly Kept[],
): readonly (readonly [path: string, content: string | File])[] =>
  kept.flatMap(({ record, blobs }) => [
    [`${UNSIGNED}/${record.key}.json`, `${JSON.stringify(record)}\n`] as const,
    ...Object.entries(blobs).map(
      ([digest, file]) => [`${UNSIGNED}/${BLOBS}/${blobName(digest)}`, file] as const,
    ),
  ])

/** The answer of a store that cannot be read. */
const unreachable = (why: string): Recalled => ({
  found: new Map(),
  refused: [],
  warning: `the store of results is unreachable (${why}): every stage runs`,
})

/**
 * The store of results that slipway.yaml names; null where it names none.
 *
 * @param folder null if the caller passed none.
 */
export function memoryOf({ results }: Pick<Config, "results">, folder: Directory | null): Memory | null {
  if (results === null) return null
  const { folder: store, signers, strict } = results
  return {
    store,
    recall: async (wanted) => {
      if (folder === null) return unreachable(`no folder ${store}`)
      const recalled = await read(folder, wanted, signers).catch((error: unknown) =>
        unreachable(error instanceof Error ? error.message : String(error)),
      )
      if (strict) refuse(recalled.refused, store)
      return recalled
    },
  }
}

/** @throws {Fault} `results` for records that do not verify. */
export function refuse(refused: readonly Refused[], store: string): void {
  if (refused.length === 0) return
  throw new Fault("results", {
    what: ["kept results do not verify:", ...refused.map(({ stage, reason }) => `${stage}: ${reason}`)].join(
      "\n  ",
    ),
    where: store,
    fix: "find out who wrote them, and delete the store: the next run with the key fills it again",
  })
}

async function read(
  folder: Directory,
  wanted: ReadonlyMap<string, string>,
  signers: readonly string[],
): Promise<Recalled> {
  const names = new Set(await folder.glob("*.json"))
  const verify = verifier()
  const entries = [...wanted].filter(([key]) => names.has(`${key}.json`))
  const all = await Promise.all(
    entries.map(async ([key, stage]) => {
      const text = await folder.file(`${key}.json`).contents()
      return { key, stage, read: await withBlobs(folder, verify(text, { key, stage, signers })) }
    }),
  )
  return {
    found: new Map(all.flatMap(({ key, read }) => ("record" in read ? [[key, read] as const] : []))),
    refused: all.flatMap(({ stage, read }) => ("reason" in read ? [{ stage, reason: read.reason }] : [])),
    warning: null,
  }
}

/** Finds the contents that belong to a record, and compares their digests with those that were signed. */
async function withBlobs(folder: Directory, read: Read): Promise<Found | { readonly reason: string }> {
  if ("reason" in read) return read
  const files = await Promise.all(
    Object.entries(read.record.blobs).map(async ([path, digest]) => {
      const file = folder.file(`${BLOBS}/${blobName(digest)}`)
      const own = await file.digest({ excludeMetadata: true }).catch(() => null)
      return { path, file, reason: own === digest ? null : `its file ${path} is ${missing(own)}` }
    }),
  )
  const [bad] = files.flatMap(({ reason }) => reason ?? [])
  if (bad !== undefined) return { reason: bad }
  return { record: read.record, blobs: Object.fromEntries(files.map(({ path, file }) => [path, file])) }
}

const missing = (digest: string | null): string => (digest === null ? "missing" : "another than was signed")
