import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { fileOf, type RareSuite } from "./rare.js"

/** What each rare suite covered when it was last green: digests by its name. */
type Green = Readonly<Record<string, string>>

/** Where a repository keeps {@link Green}. */
const greenFile = (repository: string): string => path.join(repository, "test/rare/green.json")

export function readGreen(repository: string): Green {
  const file = greenFile(repository)
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {}
}

/** Records that a suite was green with a digest. */
export function recordGreen(repository: string, name: string, digest: string): void {
  const all = Object.entries({ ...readGreen(repository), [name]: digest }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  fs.writeFileSync(greenFile(repository), `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`)
}

/** What tools make: the folders that .gitignore names. */
const MADE = new Set(["node_modules", "dist", "coverage", ".slipway"])

/** The files at paths of a repository, and in their folders, sorted. */
export function filesAt(repository: string, paths: readonly string[]): readonly string[] {
  const walk = (file: string): readonly string[] => {
    const full = path.join(repository, file)
    if (!fs.statSync(full).isDirectory()) return [file]
    const names = fs.readdirSync(full).filter((name) => !MADE.has(name))
    return names.flatMap((name) => walk(path.join(file, name)))
  }
  return [...new Set(paths.flatMap(walk))].sort()
}

/** A digest of all that a suite covers: its own file, and the files at its paths. */
export function coveredDigest(repository: string, name: string, suite: RareSuite): string {
  const hash = createHash("sha256")
  for (const file of filesAt(repository, [fileOf(name), ...suite.covers]))
    hash.update(`\0${file}\0`).update(
      createHash("sha256")
        .update(fs.readFileSync(path.join(repository, file)))
        .digest(),
    )
  return `sha256:${hash.digest("hex")}`
}

/** Why a suite has to run: it never was green, or something that it covers changed since. Null where it has not. */
export function whyRun(green: Green, name: string, digest: string): string | null {
  const last = green[name]
  if (last === undefined) return "no green run of it is recorded"
  return last === digest ? null : "a file that it covers changed since its last green run"
}
