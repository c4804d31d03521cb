import { type JsonRecord, recordOf } from "../formats/json.js"
import { parseToml } from "../formats/toml.js"
import { textIn } from "./paths.js"
import type { Tree } from "./project.js"

/** The file of proto. @see https://moonrepo.dev/docs/proto/config */
const PROTO = ".prototools"

/** The files of asdf, mise and proto, in the order in which they count. @see https://mise.jdx.dev/configuration.html */
export const VERSION_MANAGER_FILES: readonly string[] = [
  ".tool-versions",
  "mise.toml",
  ".mise.toml",
  "mise/config.toml",
  ".mise/config.toml",
  ".config/mise.toml",
  ".config/mise/config.toml",
  PROTO,
]

/** Where a tool comes from, before its name: `npm:pnpm`, `pipx:poetry`, `core:node`. */
const BACKEND = /^(?:core|npm|pipx|aqua|ubi|github|asdf|vfox):(?:.*\/)?/

/** A version that a file names. */
export interface FileVersion {
  readonly file: string
  readonly version: string
}

/**
 * Returns the version that each file of asdf, mise and proto in a tree names for a tool, what counts most first. Of several
 * versions in a file, the first counts.
 *
 * @param names the tool's names in those files: `node`, `nodejs`.
 */
export async function managedVersions(tree: Tree, names: readonly string[]): Promise<readonly FileVersion[]> {
  const present = VERSION_MANAGER_FILES.filter((file) => tree.files.includes(file))
  const found = present.map(async (file) => {
    const version = await versionIn(tree, file, names)
    return version === undefined ? [] : [{ file, version }]
  })
  return (await Promise.all(found)).flat()
}

async function versionIn(tree: Tree, file: string, names: readonly string[]): Promise<string | undefined> {
  const named = versionInText(file, await plainTextIn(tree, file), names)
  const locked = file.replace(/\.toml$/, ".lock")
  if (named === undefined || EXACT.test(named) || locked === file) return named
  return toolOf(await plainTextIn(tree, locked), names) ?? named
}

/** Returns the version of a tool in the text of such a file, whatever a lock file beside it says. */
export function versionInText(file: string, text: string, names: readonly string[]): string | undefined {
  if (file.endsWith(PROTO)) return toolIn(recordOf(parseToml(text)), names)
  if (!file.endsWith(".tool-versions")) return toolOf(text, names)
  const lines = text.split("\n").map((line) => line.replace(/#.*/, "").trim().split(/\s+/))
  return lines.find(([name = ""]) => names.includes(name))?.[1]
}

const EXACT = /^\d+\.\d+\.\d+/

/** The version of a tool in a mise.toml, or in the lock file beside it. */
const toolOf = (text: string, names: readonly string[]) => toolIn(recordOf(parseToml(text)?.tools), names)

function toolIn(tools: JsonRecord, names: readonly string[]): string | undefined {
  const key = Object.keys(tools).find((name) => names.includes(name.replace(BACKEND, "")))
  const named = tools[key ?? ""]
  const first: unknown = Array.isArray(named) ? named[0] : named
  const version = recordOf(first).version ?? first
  return typeof version === "string" || typeof version === "number" ? String(version) : undefined
}

/** Returns the text of a file without a byte order mark, lines ended by `\n`; empty if it does not exist. */
export const plainTextIn = async (tree: Tree, file: string): Promise<string> =>
  (await textIn(tree, file)).replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n")
