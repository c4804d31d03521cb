import * as fs from "node:fs"
import * as path from "node:path"
import { readManifest } from "./files.js"

/**
 * Signs that a package's code asks where it lies, or loads what a bundler cannot see: bundled, it would not find
 * its files. Wrong suspicions cost start-up time only.
 */
const NEEDS_ITS_FOLDER =
  /\b__dirname\b|\b__filename\b|\bimport\.meta\b|\brequire\.(?:resolve|main|cache|extensions)\b|\bworker_threads\b|\.node["'`]|\brequire\(\s*[^"'`\s)]/

/** True when the code of a package's file must stay in its package's folder. */
export const needsItsFolder = (code: string): boolean => NEEDS_ITS_FOLDER.test(code)

/** The package directly below `modules` that a file belongs to, be it through a package nested in it. */
export function topPackage(modules: string, file: string): string | null {
  const relative = path.relative(modules, file)
  if (relative.startsWith("..") || path.isAbsolute(relative)) return null
  const [first = "", second = ""] = relative.split(path.sep)
  return first.startsWith("@") ? `${first}/${second}` : first
}

/**
 * The packages that are left outside when `names` are: also everything that those depend on, so that no package
 * exists twice in a process.
 */
export function withDependencies(modules: string, names: Iterable<string>): ReadonlySet<string> {
  const all = new Set<string>()
  const visit = (name: string): void => {
    const folder = path.join(modules, name)
    if (all.has(name) || !fs.existsSync(folder)) return
    all.add(name)
    const { dependencies, peerDependencies, optionalDependencies } = readManifest(folder)
    for (const needed of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }))
      visit(needed)
  }
  for (const name of names) visit(name)
  return all
}
