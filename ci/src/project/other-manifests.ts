import type { Configured } from "../config/read.js"
import { readYaml } from "../config/yaml-position.js"
import { isRecord, parseJsonc, recordOf } from "../formats/json.js"
import { folderOf, INSTALLED, MANIFEST, upwards } from "./manifest.js"
import { baseName, joinPath } from "./paths.js"
import type { Tree } from "./project.js"

/** What pnpm reads where a folder has no package.json. @see https://pnpm.io/package_json */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  "package.json5": parseJson5,
  "package.yaml": (text) => readYaml(text).value,
}

/** A text in double quotes or a comment; a text in single quotes. */
const QUOTED = /("(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|'((?:\\[\s\S]|[^'\\])*)'/g
/** A text in double quotes or a comment; a key without quotes. */
const KEY = /("(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|([A-Za-z_$][\w$]*)(?=\s*:)/g

/** Parses JSON5, but for its numbers; null for anything else. @see https://spec.json5.org */
export function parseJson5(text: string): unknown {
  const double = text.replace(QUOTED, (whole, kept?: string, inner = "") =>
    kept === undefined ? JSON.stringify(inner.replace(/\\\r?\n/g, "").replaceAll("\\'", "'")) : whole,
  )
  return parseJsonc(
    double.replace(KEY, (whole, kept?: string, key?: string) => (kept === undefined ? `"${key}"` : whole)),
  )
}

/** Files by which pnpm is known, in a folder or in one around it. */
const PNPM = ["pnpm-lock.yaml", "pnpm-workspace.yaml"]

/** A file that is made of another. */
interface MadeFile {
  readonly path: string
  readonly text: string
}

/** Returns a package.json for each folder whose manifest pnpm reads in another format, with the same content. */
export async function plainManifests({ files, read }: Tree): Promise<readonly MadeFile[]> {
  const others = files.filter((file) => baseName(file) in READERS && !INSTALLED.test(file))
  const missing = others.filter((file) => !files.includes(joinPath(folderOf(file), MANIFEST)))
  const made = await Promise.all(
    missing.map(async (file) => {
      const value = READERS[baseName(file)]?.(await read(file))
      const path = joinPath(folderOf(file), MANIFEST)
      return isRecord(value) && isOfPnpm(path, value, files)
        ? [{ path, text: `${JSON.stringify(value, null, 2)}\n` }]
        : []
    }),
  )
  return made.flat()
}

/** Adds the {@link plainManifests} to a repository: every tool then finds what pnpm finds. */
export async function withPlainManifests<T extends Configured>(configured: T): Promise<T> {
  const { files, source } = configured
  const made = await plainManifests({ files, read: (path) => source.file(path).contents() })
  return {
    ...configured,
    files: [...files, ...made.map(({ path }) => path)].sort(),
    source: made.reduce((all, { path, text }) => all.withNewFile(path, text), source),
  }
}

function isOfPnpm(
  path: string,
  manifest: Readonly<Record<string, unknown>>,
  files: readonly string[],
): boolean {
  const named = upwards(folderOf(path)).some((one) =>
    PNPM.some((file) => files.includes(joinPath(one, file))),
  )
  const { packageManager, engines } = manifest
  return named || String(packageManager).startsWith("pnpm@") || "pnpm" in recordOf(engines)
}
