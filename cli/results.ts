import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { readYaml } from "../ci/src/config/yaml-position.js"
import { isRecord, parseJson, recordOf } from "../ci/src/formats/json.js"
import { FOLDER } from "../ci/src/results/config.js"
import { BLOBS, UNSIGNED } from "../ci/src/results/names.js"
import { fileText, NAMESPACE, signedText } from "../ci/src/results/verify.js"
import { HostFault } from "./fault.js"
import { configText, replaceFile } from "./folder.js"
import { sign } from "./ssh.js"

/** The store of results that an app's slipway.yaml names, on this machine. */
export interface Store {
  /** Options of the module that pass the store; none if the folder is missing or unreadable. */
  readonly options: readonly string[]
  /**
   * Signs the new records of a run and puts them into the store, if there is a key; removes them from the evidence.
   *
   * @returns a note for a person; null if all is well.
   */
  readonly keep: (evidence: string) => string | null
}

/** Options of the command line about the store. */
export interface StoreOptions {
  /** Instead of the folder that slipway.yaml names. */
  readonly folder: string | undefined
  /** The private key, or its path. */
  readonly key: string | undefined
}

/** Returns the store of an app; null where its slipway.yaml names none. */
export function storeOf(app: string, { folder, key }: StoreOptions): Store | null {
  const { results } = recordOf(readYaml(configText(app)).value)
  if (!isRecord(results)) return null
  const named = typeof results.folder === "string" ? results.folder : FOLDER
  const place = path.resolve(folder ?? path.join(app, named))
  return {
    options: isReadable(place) ? ["--results", place] : [],
    keep: (evidence) => {
      const unsigned = path.join(evidence, UNSIGNED)
      try {
        return key && fs.existsSync(unsigned) ? withKey(key, (file) => keepAll(unsigned, place, file)) : null
      } finally {
        fs.rmSync(unsigned, { recursive: true, force: true })
      }
    },
  }
}

function isReadable(folder: string): boolean {
  try {
    fs.readdirSync(folder)
    return true
  } catch {
    return false
  }
}

/** Calls `work` with the file of a private key: CI vendors keep keys as files, or as variables with their text. */
function withKey(key: string, work: (file: string) => string | null): string | null {
  if (!key.includes("-----BEGIN")) return work(key)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-key-"))
  try {
    const file = path.join(folder, "key")
    fs.writeFileSync(file, `${key.trim()}\n`, { mode: 0o600 })
    return work(file)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Signs records and puts them into the store. A store that cannot be written changes no verdict: the note says so, and
 * the next run does the work again.
 */
function keepAll(from: string, to: string, key: string): string | null {
  try {
    const records = fs.readdirSync(from).filter((name) => name.endsWith(".json"))
    fs.mkdirSync(path.join(to, BLOBS), { recursive: true })
    // Contents first: without them, a record does not verify.
    if (fs.existsSync(path.join(from, BLOBS)))
      for (const name of fs.readdirSync(path.join(from, BLOBS)))
        replaceFile(path.join(to, BLOBS, name), fs.readFileSync(path.join(from, BLOBS, name)))
    for (const name of records) {
      const record = parseJson(fs.readFileSync(path.join(from, name), "utf8"))
      const signature = sign(key, signedText(record), NAMESPACE)
      if (signature === null) return `results not kept: \`ssh-keygen\` did not sign with ${key}`
      replaceFile(path.join(to, name), fileText(record, signature))
    }
    return null
  } catch (error) {
    if (error instanceof HostFault) return `results not kept: ${error.message}`
    return `results not kept in ${to}: ${error instanceof Error ? error.message : String(error)}`
  }
}
