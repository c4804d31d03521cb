import { recordOf } from "../formats/json.js"
import { parseToml } from "../formats/toml.js"
import { MANIFEST, type Manifest } from "./manifest.js"
import { prefixOf } from "./paths.js"
import type { Tree } from "./project.js"

/** What one place of a repository says of Node.js. */
export interface NodeSource {
  /** The file, with the key where it has several: `engines.node of package.json`. */
  readonly place: string
  readonly file: string
  /** A version, a range or an alias, as it is written there. */
  readonly wanted: string
}

/** Reads the version out of a file's text: undefined where it says nothing of Node.js. */
type Reader = (text: string) => string | undefined

/** The first line that is more than a comment. */
const firstLine: Reader = (text) => /^\s*([^\s#]+)/m.exec(text)?.[1]

/** @see https://asdf-vm.com/manage/configuration.html#tool-versions */
const toolVersions: Reader = (text) => /^\s*(?:nodejs|node)[ \t]+([^\s#]+)/m.exec(text)?.[1]

/** A version alone, the first of a list, or with options. @see https://mise.jdx.dev/configuration.html */
const mise: Reader = (text) => {
  const tools = recordOf(parseToml(text)?.tools)
  const said = tools.node ?? tools.nodejs ?? tools["core:node"]
  const first: unknown = Array.isArray(said) ? said[0] : said
  const version = recordOf(first).version ?? first
  return typeof version === "string" || typeof version === "number" ? String(version) : undefined
}

/** pnpm's own: https://pnpm.io/settings#usenodeversion */
const npmrc: Reader = (text) => /^\s*use-node-version\s*=\s*(\S+)/m.exec(text)?.[1]
const pnpmWorkspace: Reader = (text) => /^useNodeVersion:\s*["']?([^\s"'#]+)/m.exec(text)?.[1]

/** Files that version managers read, in the order in which they count. They hold for folders below as well. */
const VERSION_FILES: readonly (readonly [file: string, reader: Reader])[] = [
  [".nvmrc", firstLine],
  [".node-version", firstLine],
  [".tool-versions", toolVersions],
  ...[
    "mise.toml",
    ".mise.toml",
    "mise/config.toml",
    ".mise/config.toml",
    ".config/mise.toml",
    ".config/mise/config.toml",
  ].map((file) => [file, mise] as const),
  [".npmrc", npmrc],
  ["pnpm-workspace.yaml", pnpmWorkspace],
]

/**
 * Returns what a project says of its Node.js, what counts most first: version managers' files, then package.json, then
 * the images that its Dockerfiles build on.
 *
 * @param folders its workspaces.
 * @param above the repository, of a project in a folder: a version manager looks there as well.
 */
export async function nodeSources(
  tree: Tree,
  manifest: Manifest,
  folders: readonly string[],
  above: Tree | null,
): Promise<readonly NodeSource[]> {
  return [
    ...(await versionFiles(tree)),
    ...(above === null ? [] : await versionFiles(above)),
    ...Object.entries(manifest.node).map(([key, wanted]) => ({
      place: `${key} of ${MANIFEST}`,
      file: MANIFEST,
      wanted,
    })),
    ...(await baseImages(tree, folders)),
  ]
}

async function textOf(tree: Tree, file: string): Promise<string | null> {
  return tree.files.includes(file)
    ? (await tree.read(file)).replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n")
    : null
}

async function versionFiles(tree: Tree): Promise<readonly NodeSource[]> {
  const found = VERSION_FILES.map(async ([file, reader]) => {
    const wanted = reader((await textOf(tree, file)) ?? "")
    return wanted === undefined ? [] : [{ place: file, file, wanted }]
  })
  return (await Promise.all(found)).flat()
}

const DOCKERFILE = /^(?:Dockerfile|Containerfile)(?:\..+)?$|^.+\.[Dd]ockerfile$/

/** What the Dockerfiles of a project's packages build on, those of the root first. */
async function baseImages(tree: Tree, folders: readonly string[]): Promise<readonly NodeSource[]> {
  const places = ["", "docker", ...folders]
  const files = places.flatMap((folder) => {
    const inside = prefixOf(folder)
    return tree.files.filter((file) => file.startsWith(inside) && DOCKERFILE.test(file.slice(inside.length)))
  })
  const found = [...new Set(files)].map(async (file) => {
    const wanted = baseVersion((await textOf(tree, file)) ?? "")
    return wanted === undefined ? [] : [{ place: file, file, wanted }]
  })
  return (await Promise.all(found)).flat()
}

/** The version of the last image of Node.js that a Dockerfile builds on: the one that runs. */
function baseVersion(text: string): string | undefined {
  const defaults = new Map(
    [...text.matchAll(/^[ \t]*ARG[ \t]+(\w+)=["']?([^\s"']*)/gim)].map(([, name = "", value = ""]) => [
      name,
      value,
    ]),
  )
  const filled = text.replace(
    /\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/g,
    (_, braced = "", otherwise = "", plain = "") => defaults.get(braced || plain) ?? otherwise,
  )
  const images = [
    ...filled.matchAll(
      /^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(?:\S+\/)?node:(\d[\d.]*|lts|[a-z]+)(?=[-\s@]|$)/gim,
    ),
  ]
  return images
    .map(([, version = ""]) => version)
    .filter((version) => /^\d|^lts$/.test(version))
    .at(-1)
}
