import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { git } from "./git.js"

/** Returns the folder of this Slipway, a clone or a package of npm: with `dagger.json`, the module and the engine. */
export function repository(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url))
  while (!fs.existsSync(path.join(folder, "ci/src/index.ts"))) folder = path.dirname(folder)
  return folder
}

/** The command line as one file, at the root of a package of npm. A clone makes its own. */
const PACKED = "cli.mjs"

/** True for a package of npm, which has no lock file: it runs as it was packed. */
const isPackage = (): boolean => !fs.existsSync(path.join(repository(), "package-lock.json"))

/** Returns the commit of this Slipway: a clone's, or the one that a package of npm was packed at; null for neither. */
export function ownCommit(): string | null {
  if (!isPackage()) return git(repository(), "rev-parse", "--verify", "HEAD")
  const file = path.join(repository(), "commit")
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() || null : null
}

/** Returns the address that a clone is from; null for a package of npm, which may lie in somebody else's clone. */
export const ownAddress = (): string | null =>
  isPackage() ? null : git(repository(), "remote", "get-url", "origin")

/** Returns the bundled command line, which Slipway starts its own processes with. */
export const entry = (): string =>
  path.join(repository(), isPackage() ? PACKED : `node_modules/.slipway/${PACKED}`)
