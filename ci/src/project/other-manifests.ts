import type { Configured } from "../config/read.js"
import { readYaml } from "../config/yaml-position.js"
import { isRecord, parseJsonc, recordOf } from "../formats/json.js"
import { folderOf, INSTALLED, MANIFEST, upwards } from "./manifest.js"
import { baseName, joinPath } from "./paths.js"

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

/**
 * Adds a package.json to each folder whose manifest pnpm reads in another format, with the same content: every tool then
 * finds what pnpm finds.
 */
export async function withPlainManifests<T extends Configured>(configured: T): Promise<T> {
  const { files } = configured
  const others = files.filter((file) => baseName(file) in READERS && !INSTALLED.test(file))
  const missing = others.filter((file) => !files.includes(joinPath(folderOf(file), MANIFEST)))
  const made = await Promise.all(
    missing.map(async (file) => {
      const value = READERS[baseName(file)]?.(await configured.source.file(file).contents())
      const path = joinPath(folderOf(file), MANIFEST)
      return isRecord(value) && isOfPnpm(path, value, files)
        ? [{ path, text: `${JSON.stringify(value, null, 2)}\n` }]
        : []
    }),
  )
  const found = made.flat()
  return {
    ...configured,
    files: [...files, ...found.map(({ path }) => path)].sort(),
    source: found.reduce((source, { path, text }) => source.withNewFile(path, text), configured.source),
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
