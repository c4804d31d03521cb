import { mkdir, writeFile } from "node:fs/promises"
import { type Directory, dag, type File } from "@dagger.io/dagger"
import type { Config } from "../config/config.js"
import { sha256 } from "../formats/canonical.js"
import { Fault } from "../run/fault.js"
import type { Found, Memory, Recalled, Refused } from "../run/stored.js"
import { FOLDER } from "./config.js"
import { folderReader } from "./folder.js"
import type { Bytes } from "./http.js"
import { remoteOf } from "./remotes.js"
import type { Entry, Reader, Remote } from "./store.js"
import { type Read, verifier } from "./verify.js"

/** What the caller passed for the store. */
export interface Passed {
  /** The store's folder: it counts instead of the store that slipway.yaml names. Null if the caller passed none. */
  readonly folder: Directory | null
  /** Reads the login of a store over the network; null if the caller passed none. */
  readonly login: string | null
}

/** The answer of a store that cannot be read. */
const unreachable = (why: string): Recalled => ({
  found: new Map(),
  refused: [],
  warning: `the store of results is unreachable (${why}): every stage runs`,
})

/** The store of results that slipway.yaml names; null where it names none. */
export function memoryOf({ results }: Pick<Config, "results">, { folder, login }: Passed): Memory | null {
  if (results === null) return null
  const { signers, strict } = results
  const remote = folder === null ? remoteOf(results, login) : null
  const store = remote?.name ?? results.folder ?? FOLDER
  const reader = async (): Promise<Reader<File>> => {
    if (remote !== null) return filesOf(remote)
    if (folder === null) throw new Error(`no folder ${store}`)
    return folderReader(folder)
  }
  return {
    store,
    recall: async (wanted) => {
      const recalled = await reader()
        .then((from) => readAll(from, wanted, signers))
        .catch((error: unknown) => unreachable(error instanceof Error ? error.message : String(error)))
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

async function readAll(
  reader: Reader<File>,
  wanted: ReadonlyMap<string, string>,
  signers: readonly string[],
): Promise<Recalled> {
  const verify = verifier()
  const all = await Promise.all(
    [...wanted].map(async ([key, stage]) => {
      const entry = await reader.read(key)
      if (entry === null) return null
      return { key, stage, read: await withBlobs(entry, verify(entry.text, { key, stage, signers })) }
    }),
  )
  const entries = all.filter((one) => one !== null)
  return {
    found: new Map(entries.flatMap(({ key, read }) => ("record" in read ? [[key, read] as const] : []))),
    refused: entries.flatMap(({ stage, read }) => ("reason" in read ? [{ stage, reason: read.reason }] : [])),
    warning: null,
  }
}

/** Finds the contents that belong to a record, and compares their digests with those that were signed. */
async function withBlobs({ blob }: Entry<File>, read: Read): Promise<Found | { readonly reason: string }> {
  if ("reason" in read) return read
  const files = await Promise.all(
    Object.entries(read.record.blobs).map(async ([path, digest]) => {
      const file = await blob(digest)
      const own = (await file?.digest({ excludeMetadata: true }).catch(() => null)) ?? null
      return { path, file: own === digest ? file : null, reason: `its file ${path} is ${missing(own)}` }
    }),
  )
  const bad = files.find(({ file }) => file === null)
  if (bad !== undefined) return { reason: bad.reason }
  const blobs = files.flatMap(({ path, file }) => (file === null ? [] : [[path, file] as const]))
  return { record: read.record, blobs: Object.fromEntries(blobs) }
}

const missing = (digest: string | null): string => (digest === null ? "missing" : "another than was signed")

/** Returns the reader of a store over the network. Contents become files of the engine by way of the module's folder. */
function filesOf(remote: Remote): Reader<File> {
  const folder = `results-${sha256(remote.name).slice(0, 12)}`
  const fileOf = async (digest: string, content: Bytes): Promise<File> => {
    const path = `${folder}/${sha256(digest)}`
    await mkdir(folder, { recursive: true })
    await writeFile(path, content)
    return dag.currentModule().workdirFile(path)
  }
  // Stages may share a content: a second write would empty the file while the engine reads it.
  const files = new Map<string, Promise<File | null>>()
  return {
    read: async (key) => {
      const entry = await remote.read(key)
      if (entry === null) return null
      const made = async (digest: string) => {
        const content = await entry.blob(digest)
        return content && fileOf(digest, content)
      }
      const blob = (digest: string) => {
        const file = files.get(digest) ?? made(digest)
        files.set(digest, file)
        return file
      }
      return { text: entry.text, blob }
    },
  }
}
