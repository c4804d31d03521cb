import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { readYaml } from "../ci/src/config/yaml-position.js"
import { isRecord, parseJson, recordOf } from "../ci/src/formats/json.js"
import { FOLDER } from "../ci/src/results/config.js"
import { blobPath, recordPath, UNSIGNED } from "../ci/src/results/names.js"
import { remoteOf } from "../ci/src/results/remotes.js"
import type { Writer } from "../ci/src/results/store.js"
import { fileText, NAMESPACE, signedText } from "../ci/src/results/verify.js"
import { parseConfig } from "../ci/src/settings.js"
import { ExplainedFault } from "../engine/host/fault.js"
import { configText, replaceFile } from "./folder.js"
import type { Session } from "./session.js"
import { sign } from "./ssh.js"

/** The store of results that an app's slipway.yaml names, on this machine. */
export interface Store {
  /** Options of the module that pass the store; none if it is a folder that is missing or unreadable. */
  readonly options: readonly string[]
  /** Variables that these options name. */
  readonly env: Readonly<Record<string, string>>
  /**
   * Signs the new records of a run and puts them into the store, if there is a key; removes them from the evidence.
   *
   * @returns a note for a person; null if all is well.
   */
  readonly keep: (evidence: string) => Promise<string | null>
}

/** What the command line and its environment say about the store. */
export interface StoreOptions {
  /** Instead of the store that slipway.yaml names. */
  readonly folder?: string | undefined
  /** The private key, or its path. */
  readonly key?: string | undefined
  readonly env?: NodeJS.ProcessEnv
}

/** The variable that holds the login of a store. */
const LOGIN = "SLIPWAY_RESULTS_LOGIN"

/** Returns the store of an app; null where its slipway.yaml names none, or is invalid: the module says so. */
export function storeOf(app: string, { folder, key, env = process.env }: StoreOptions): Store | null {
  const results = settingsOf(app)
  if (results === null) return null
  const login = loginOf(env, results.s3 !== null)
  const remote = folder === undefined ? remoteOf(results, login) : null
  const place = path.resolve(folder ?? path.join(app, results.folder ?? FOLDER))
  const keepIn = (writer: Writer, name: string) => (evidence: string) =>
    keep(path.join(evidence, UNSIGNED), key, writer, name)
  if (remote !== null)
    return {
      options: login === null ? [] : ["--results-login", `env://${LOGIN}`],
      env: login === null ? {} : { [LOGIN]: login },
      keep: keepIn(remote, remote.name),
    }
  return {
    options: isReadable(place) ? ["--results", place] : [],
    env: {},
    keep: keepIn(folderWriter(place), place),
  }
}

/** Adds the variables of a store to the environment of the Dagger client. */
export const withStore = (session: Session, store: Store | null): Session => ({
  ...session,
  env: { ...session.env, ...store?.env },
})

function settingsOf(app: string) {
  const text = configText(app)
  if (!isRecord(recordOf(readYaml(text).value).results)) return null
  try {
    return parseConfig(text).results
  } catch {
    return null
  }
}

/** Returns the login of a store over the network: of S3, also the credentials that tools of AWS use. */
function loginOf(env: NodeJS.ProcessEnv, isAws: boolean): string | null {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env
  const ofAws = isAws && id && secret ? [id, secret, ...(token ? [token] : [])].join(":") : null
  return env[LOGIN] || ofAws
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
async function withKey<T>(key: string, work: (file: string) => Promise<T>): Promise<T> {
  if (!key.includes("-----BEGIN")) return work(key)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-key-"))
  try {
    const file = path.join(folder, "key")
    fs.writeFileSync(file, `${key.trim()}\n`, { mode: 0o600 })
    return await work(file)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Signs unsigned records and puts them into the store, if there is a key; removes them. A store that cannot be written
 * changes no verdict: the note says so, and the next run does the work again.
 */
async function keep(
  unsigned: string,
  key: string | undefined,
  writer: Writer,
  store: string,
): Promise<string | null> {
  try {
    if (!key || !fs.existsSync(unsigned)) return null
    return await withKey(key, (file) => keepAll(unsigned, writer, file))
  } catch (error) {
    if (error instanceof ExplainedFault) return `results not kept: ${error.message}`
    return `results not kept in ${store}: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    fs.rmSync(unsigned, { recursive: true, force: true })
  }
}

async function keepAll(unsigned: string, writer: Writer, key: string): Promise<string | null> {
  for (const name of fs.readdirSync(unsigned).filter((one) => one.endsWith(".json"))) {
    const record = recordOf(parseJson(fs.readFileSync(path.join(unsigned, name), "utf8")))
    const signature = sign(key, signedText(record), NAMESPACE)
    if (signature === null) return `results not kept: \`ssh-keygen\` did not sign with ${key}`
    const digests = Object.values(recordOf(record.blobs)).map(String)
    const blobs = new Map(
      digests.map((digest) => [digest, fs.readFileSync(path.join(unsigned, blobPath(digest)))] as const),
    )
    await writer.write({ key: path.parse(name).name, text: fileText(record, signature), blobs })
  }
  return null
}

/** Writes to a store that is a folder. */
function folderWriter(folder: string): Writer {
  const put = (name: string, content: string | Uint8Array) => {
    const file = path.join(folder, name)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    replaceFile(file, content)
  }
  return {
    write: async ({ key, text, blobs }) => {
      // Contents first: without them, a record does not verify.
      for (const [digest, content] of blobs) put(blobPath(digest), content)
      put(recordPath(key), text)
    },
  }
}
