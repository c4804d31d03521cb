import * as fs from "node:fs"
import * as path from "node:path"
import { buildBinaries, DAGGER_VERSION, goSources, requireGo } from "./binaries.js"
import {
  BASE_PACKAGES,
  debianMirror,
  ENGINE_PACKAGES,
  fetchDebianTools,
  hostSources,
  isRoot,
  makeRoot,
  SUITE,
  siteCertificates,
} from "./debian.js"
import { programFolder } from "./go-program.js"
import { HostFault } from "./host/fault.js"
import { fingerprint, folderText, home, isWhole, makeWhole, requireDisk } from "./host/home.js"
import { rotate } from "./host/logs.js"
import { CommandFailed } from "./host/process.js"
import { step } from "./host/progress.js"
import { repository } from "./host/repository.js"
import { RECIPES } from "./recipes/index.js"
import { buildSdkContent } from "./sdk-content.js"

/** The versioned folders of an embedded engine. */
export interface Parts {
  /** Folder of the binaries. */
  readonly bin: string
  /** Root file system of the engine itself. */
  readonly engineRoot: string
  /** Base of the root file systems of images and of the SDK. */
  readonly baseRoot: string
  /** OCI layout of the SDK, and its manifest's digest. */
  readonly content: string
  readonly contentDigest: string
  /** Digest of the combination: an engine of another one is restarted. */
  readonly build: string
}

/** Names of the versioned folders, with digests of their inputs. */
interface Names {
  readonly tools: string
  readonly bin: string
  readonly engineRoot: string
  readonly baseRoot: string
  readonly content: string
}

function names(): Names {
  const mirror = debianMirror(hostSources())
  const certificates = JSON.stringify(siteCertificates())
  const here = path.join(repository(), "engine")
  const own = (file: string) => fs.readFileSync(path.join(here, file))
  const bin = fingerprint(DAGGER_VERSION, folderText(goSources()), own("binaries.ts"))
  const root = (packages: readonly string[]) =>
    fingerprint(SUITE, mirror, certificates, own("debian.ts"), packages.join())
  const baseRoot = root(BASE_PACKAGES)
  const runtime = folderText(path.join(repository(), "engine/typescript-runtime"))
  return {
    tools: `debian-tools-${fingerprint(SUITE)}`,
    bin: `binaries-${bin}`,
    engineRoot: `engine-root-${root(ENGINE_PACKAGES)}`,
    baseRoot: `base-root-${baseRoot}`,
    content: `sdk-${fingerprint(bin, baseRoot, runtime, own("sdk-content.ts"), own("oci.ts"))}`,
  }
}

/** What the engine's own process on the host runs: another version of it is another engine. */
function hostSide(): string {
  const here = path.join(repository(), "engine")
  const files = ["daemon.ts", "making.ts", "mirror.ts", "users.ts"].map((file) =>
    fs.readFileSync(path.join(here, file)),
  )
  return fingerprint(...files, folderText(path.join(here, "recipes")))
}

function fromNames(name: Names): Parts {
  const at = (...parts: string[]) => path.join(home(), ...parts)
  return {
    bin: at(name.bin, "bin"),
    engineRoot: at(name.engineRoot, "root"),
    baseRoot: at(name.baseRoot, "root"),
    content: at(name.content, "layout"),
    contentDigest: fs.readFileSync(at(name.content, "digest"), "utf8"),
    build: fingerprint(name.bin, name.engineRoot, name.content, hostSide()),
  }
}

/** Returns the parts where all of them are complete, or null. */
export function readyParts(): Parts | null {
  const name = names()
  return Object.values(name).every((folder) => isWhole(path.join(home(), folder))) ? fromNames(name) : null
}

/**
 * Checks that this process may build and start an engine.
 *
 * @throws HostFault `not-root`.
 */
export function requireRoot(): void {
  if (isRoot()) return
  throw new HostFault(
    "not-root",
    "this user is not root: the embedded engine needs namespaces and mounts",
    "run Slipway as root, or install Docker and the dagger CLI",
  )
}

/** Builds the missing parts. Call it under the lock of the state folder. */
export async function ensureParts(): Promise<Parts> {
  const ready = readyParts()
  if (ready) return ready
  const name = names()
  const missing = Object.values(name).filter((folder) => !isWhole(path.join(home(), folder)))
  requireDisk(5)
  if (missing.includes(name.bin)) requireGo()
  process.stderr.write(`Building the embedded engine in ${home()}, once. Later starts take seconds.\n`)
  await settle([makeBinaries(name), makeRoots(name)])
  await makeSdk(name)
  return fromNames(name)
}

const logOf = (part: string): string => path.join(home(), "logs", `${part}.log`)

const makeBinaries = ({ bin }: Names): Promise<void> =>
  part(
    bin,
    "engine binaries",
    logOf("binaries"),
    "about 4 min on two cores; seconds from Go's cache",
    (folder, task) => buildBinaries(folder, logOf("binaries"), task),
  )

/** Makes the file systems of the engine and of images, with Debian's tools, which come first. */
async function makeRoots(name: Names): Promise<void> {
  await part(name.tools, "Debian's tools", logOf("roots"), "about 5 s", (folder) =>
    fetchDebianTools(folder, logOf("roots")),
  )
  const tools = path.join(home(), name.tools)
  const root = (label: string, folderName: string, packages: readonly string[], file: string) =>
    part(folderName, label, logOf(file), "about 30 s", async (folder) => {
      await makeRoot(folder, tools, packages, logOf(file))
      return ["root/usr/bin/dpkg", "root/etc/ssl/certs/ca-certificates.crt"]
    })
  await Promise.all([
    root("engine's file system", name.engineRoot, ENGINE_PACKAGES, "engine-root"),
    root("images' file system", name.baseRoot, BASE_PACKAGES, "base-root"),
  ])
}

const makeSdk = (name: Names): Promise<void> =>
  part(name.content, "TypeScript SDK", logOf("sdk"), "about 40 s", async (folder, task) => {
    const layout = path.join(folder, "layout")
    fs.mkdirSync(layout)
    const { digest } = await buildSdkContent({
      baseRoot: path.join(home(), name.baseRoot, "root"),
      codegen: path.join(home(), name.bin, "bin/codegen"),
      runtimeDir: path.join(repository(), "engine/typescript-runtime"),
      out: layout,
      progress: (message) => task.update(message),
    })
    fs.writeFileSync(path.join(folder, "digest"), digest)
    return ["digest", "layout/index.json"]
  })

type Make = Parameters<typeof makeWhole>[1]
type Task = Parameters<Parameters<typeof step>[2]>[0]

/** Makes a versioned folder as a step with progress. A failure names the log. */
async function part(
  name: string,
  label: string,
  log: string,
  expected: string,
  make: (folder: string, task: Task) => ReturnType<Make>,
): Promise<void> {
  if (isWhole(path.join(home(), name))) return
  rotate(log)
  try {
    await step(label, expected, (task) => makeWhole(name, (folder) => make(folder, task)))
  } catch (error) {
    if (error instanceof HostFault) throw error
    throw new HostFault(
      "build-failed",
      `${label}: ${whyOf(error)}`,
      "run it again: finished parts are kept. If a package mirror is unreachable, check the network and the proxy variables",
      log,
    )
  }
}

function whyOf(error: unknown): string {
  if (error instanceof CommandFailed) return `${error.command} ${error.reason}\n  ${error.tail}`
  return error instanceof Error ? error.message : String(error)
}

/** Waits for all work to end, then throws the first error: nothing runs on after the message. */
async function settle(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work)
  for (const result of results) if (result.status === "rejected") throw result.reason
}

/** Names of the current versioned folders: the engine's parts, and the programs of images. */
const current = (): readonly string[] => [
  ...Object.values(names()),
  ...RECIPES.flatMap(({ standIn: { go } }) => (go ? [programFolder(go)] : [])),
]

/** Deletes all current versioned folders. */
export function removeParts(): void {
  for (const folder of current())
    for (const entry of [folder, `${folder}.lock`])
      fs.rmSync(path.join(home(), entry), { recursive: true, force: true })
}

/** Deletes versioned folders of other versions, complete or not. Returns their names. */
export function removeOldParts(): readonly string[] {
  const kept = new Set(current())
  const kind = (folder: string) => folder.replace(/-[0-9a-f]{12}$/, "")
  const kinds = new Set([...kept].map(kind))
  const old = fs.readdirSync(home()).filter((entry) => {
    // A program may be in the making while an engine starts: files of current folders stay.
    const folder = entry.replace(/\.(partial|lock)$/, "")
    return kinds.has(kind(folder)) && !kept.has(folder)
  })
  for (const entry of old) fs.rmSync(path.join(home(), entry), { recursive: true, force: true })
  return old
}
