import * as fs from "node:fs"
import * as path from "node:path"

const EXTENSIONS = new Set([".ts", ".mts"])

/** A module's source files in the order in which the stock SDK loads them: the last of a folder first. */
export function sourceFiles(folder: string): readonly string[] {
  return fs
    .readdirSync(folder)
    .map((name): readonly string[] => {
      const file = path.join(folder, name)
      if (fs.statSync(file).isDirectory()) return sourceFiles(file)
      return EXTENSIONS.has(path.extname(file)) ? [file] : []
    })
    .reverse()
    .flat()
}

/** What a module's package.json may say to its runtime. */
export interface PackageManifest {
  readonly packageManager?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly dagger?: { readonly runtime?: string; readonly baseImage?: string }
  readonly slipway?: { readonly entry?: string }
}

/** Reads a package.json; an empty one where there is none. */
export function readManifest(folder: string): PackageManifest {
  const file = path.join(folder, "package.json")
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {}
}
