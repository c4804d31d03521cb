import { isRecord, parseJson, recordOf } from "../formats/json.js"

/** Lock files by name, and whether one's text names a package that somebody else publishes. */
const LOCKS: Readonly<Record<string, (text: string) => boolean>> = {
  "package-lock.json": npmNames,
  "npm-shrinkwrap.json": npmNames,
  "pnpm-lock.yaml": has(/^(?:packages|snapshots):\s*\n\s+\S/m),
  "yarn.lock": has(/^ {2}version "|^ {2}resolution: "[^"]+@(?!workspace:)[^"@]+"/m),
  "bun.lock": has(/"packages"\s*:\s*\{\s*"/),
  // Binary: nothing of it can be told.
  "bun.lockb": () => true,
  "uv.lock": has(/^source = \{ (?:registry|git|url|path) =/m),
  "poetry.lock": has(/^\[\[package\]\]/m),
  "pdm.lock": has(/^\[\[package\]\]/m),
  "pylock.toml": has(/^\[\[packages\]\]/m),
  "Pipfile.lock": has(/"version"\s*:\s*"/),
  "requirements.txt": has(/^\s*[A-Za-z0-9]/m),
  "Cargo.lock": has(/^source = "/m),
  "go.mod": has(/^\s*(?:require\s+)?[\w-]+(?:\.[\w-]+)+\/\S+ v\d/m),
  "composer.lock": has(/"name"\s*:\s*"/),
  "Gemfile.lock": has(/^ {4}\S+ \(/m),
  "gradle.lockfile": has(/^[^#\s][^=]*:[^=]*=/m),
  "packages.lock.json": has(/"resolved"\s*:/),
  "pubspec.lock": has(/^ {2}\w+:/m),
  "mix.lock": has(/^\s*"[^"]+":/m),
  // Its versions may stand in another file.
  "pom.xml": () => false,
}

function has(pattern: RegExp): (text: string) => boolean {
  return (text) => pattern.test(text)
}

function npmNames(text: string): boolean {
  const { packages, dependencies } = recordOf(parseJson(text))
  if (!isRecord(packages)) return Object.keys(recordOf(dependencies)).length > 0
  return Object.entries(packages).some(
    ([path, entry]) => path.includes("node_modules/") && recordOf(entry).link !== true,
  )
}

/** `requirements-dev.txt` and `requirements/base.txt` are read as `requirements.txt` is. */
const REQUIREMENTS = /(?:^|\/)requirements(?:[^/]*|\/[^/]+)\.txt$/

const testOf = (file: string): ((text: string) => boolean) | undefined =>
  LOCKS[REQUIREMENTS.test(file) ? "requirements.txt" : (file.split("/").at(-1) ?? "")]

/** Names of the lock files of all languages, as glob patterns. */
export const LOCK_NAMES: readonly string[] = [...Object.keys(LOCKS), "requirements*.txt"]

/** Glob patterns of the lock files of all languages, in any folder. */
export const LOCK_FILES: readonly string[] = [...LOCK_NAMES, "requirements/*.txt"].map((name) => `**/${name}`)

/** True for a lock file of a kind that {@link namesPackages} knows. */
export const isLock = (file: string): boolean => testOf(file) !== undefined

/** Tells whether a lock file names packages: a scanner that read it then has read some. */
export const namesPackages = (file: string, text: string): boolean => testOf(file)?.(text) ?? false
