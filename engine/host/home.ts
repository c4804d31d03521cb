import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { HostFault } from "./fault.js"

/** The state folder: `$SLIPWAY_HOME`, or `~/.cache/slipway`. */
export function home(): string {
  const root = path.resolve(process.env.SLIPWAY_HOME || path.join(os.homedir(), ".cache", "slipway"))
  try {
    makeFolder(root)
    fs.accessSync(root, fs.constants.W_OK)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const fix = "set SLIPWAY_HOME to a writable folder"
    throw new HostFault("state-damaged", `cannot use the state folder ${root}: ${why}`, fix)
  }
  return root
}

/** Makes a folder and those above it. Node.js's own `recursive` never returns for a folder in /proc. */
function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return
  makeFolder(path.dirname(folder))
  try {
    fs.mkdirSync(folder)
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!fs.existsSync(folder)) throw error
  }
}

/** Returns a short digest of the inputs of a versioned folder, for its name. */
export function fingerprint(...inputs: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256")
  for (const input of inputs) hash.update(input).update("\0")
  return hash.digest("hex").slice(0, 12)
}

/** Returns all files of a folder as one value for {@link fingerprint}, without node_modules. */
export function folderText(folder: string): string {
  return (
    fs
      .readdirSync(folder, { withFileTypes: true, recursive: true })
      // Only below the folder: an installed Slipway is in a node_modules itself.
      .filter((entry) => entry.isFile() && !path.relative(folder, entry.parentPath).includes("node_modules"))
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => `${path.relative(folder, file)}\0${fs.readFileSync(file, "utf8")}`)
      .join("\0")
  )
}

/**
 * Runs `body` while this process holds the named lock of the state folder. The kernel frees the lock when the process
 * ends.
 *
 * @param waiting called once when another process holds the lock.
 */
export async function withLock<T>(name: string, waiting: () => void, body: () => Promise<T>): Promise<T> {
  const fd = fs.openSync(path.join(home(), `${name}.lock`), "a")
  const flock = (...args: string[]) =>
    spawnSync("flock", ["--exclusive", ...args, "3"], { stdio: ["ignore", "ignore", "ignore", fd] })
  try {
    const first = flock("--nonblock")
    if (first.error) throw new HostFault("tool-missing", "flock not found", "install the package util-linux")
    if (first.status !== 0) {
      waiting()
      flock()
    }
    return await body()
  } finally {
    fs.closeSync(fd)
  }
}

const MARK = ".whole.json"

/** True for a complete folder: the files that `make` returned still have their sizes. */
export function isWhole(folder: string): boolean {
  try {
    const sizes = Object.entries<number>(JSON.parse(fs.readFileSync(path.join(folder, MARK), "utf8")))
    return sizes.every(([file, size]) => fs.statSync(path.join(folder, file)).size === size)
  } catch {
    return false
  }
}

/**
 * Makes the versioned folder `name` of the state folder in one step: it is filled under another name, then renamed.
 * A complete folder is kept. Call it under {@link withLock}.
 *
 * @param make fills the empty folder and returns relative paths of files whose sizes {@link isWhole} compares later.
 * @returns the folder's path.
 */
export async function makeWhole(
  name: string,
  make: (folder: string) => Promise<readonly string[]>,
): Promise<string> {
  const folder = path.join(home(), name)
  if (isWhole(folder)) return folder
  const partial = `${folder}.partial`
  for (const stale of [folder, partial]) fs.rmSync(stale, { recursive: true, force: true, maxRetries: 5 })
  fs.mkdirSync(partial, { recursive: true })
  const files = await make(partial)
  const sizes = Object.fromEntries(files.map((file) => [file, fs.statSync(path.join(partial, file)).size]))
  fs.writeFileSync(path.join(partial, MARK), JSON.stringify(sizes))
  fs.renameSync(partial, folder)
  return folder
}

/**
 * Checks the free space of the state folder's disk.
 *
 * @throws HostFault `disk-full` below `gigabytes` (10^9 bytes).
 */
export function requireDisk(gigabytes: number): void {
  const { bavail, bsize } = fs.statfsSync(home())
  const free = (bavail * bsize) / 1e9
  if (free >= gigabytes) return
  throw new HostFault(
    "disk-full",
    `disk nearly full: ${home()} has ${free.toFixed(1)} GB free and needs ${gigabytes} GB`,
    "free some space, or set SLIPWAY_HOME to a folder on a larger disk",
  )
}
