import { parseJson, recordOf } from "../formats/json.js"
import { isDockerfile } from "./dockerfile/names.js"
import { basesOf } from "./dockerfile/stages.js"
import { folderOf, MANIFEST, type Manifest } from "./manifest.js"
import type { Tree } from "./project.js"
import { managedVersions, plainTextIn } from "./version-managers.js"

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
const firstLine: Reader = (text) => /^\s*["']?([^\s#"']+)/m.exec(text)?.[1]

/** pnpm's own: https://pnpm.io/settings#usenodeversion */
const npmrc: Reader = (text) => /^\s*use-node-version\s*=\s*(\S+)/m.exec(text)?.[1]
const pnpmWorkspace: Reader = (text) => /^useNodeVersion:\s*["']?([^\s"'#]+)/m.exec(text)?.[1]

/** Files with nothing but the version, and files of pnpm, the first before the others. They count in folders below too. */
const OWN_FILES: Readonly<Record<string, Reader>> = { ".nvmrc": firstLine, ".node-version": firstLine }
const PNPM_FILES: Readonly<Record<string, Reader>> = { ".npmrc": npmrc, "pnpm-workspace.yaml": pnpmWorkspace }

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
    ...(await extendedVolta(tree, manifest, above)),
    ...Object.entries(manifest.node).map(([key, wanted]) => ({
      place: `${key} of ${MANIFEST}`,
      file: MANIFEST,
      wanted,
    })),
    ...(await baseImages(tree, folders)),
  ]
}

/**
 * The version in the file that a package's Volta settings extend, often the root's package.json.
 *
 * @see https://docs.volta.sh/advanced/workspaces
 */
async function extendedVolta(
  tree: Tree,
  { volta, node }: Manifest,
  above: Tree | null,
): Promise<readonly NodeSource[]> {
  if (volta === null || "volta.node" in node) return []
  const out = /^(?:\.\.\/)+/.exec(volta)
  const [place, file] = out ? [above, volta.slice(out[0].length)] : [tree, volta.replace(/^\.\//, "")]
  if (place === null) return []
  const settings = recordOf(recordOf(parseJson(await plainTextIn(place, file))).volta)
  return typeof settings.node === "string"
    ? [{ place: `volta.node of ${file}`, file, wanted: settings.node }]
    : []
}

async function versionFiles(tree: Tree): Promise<readonly NodeSource[]> {
  const read = async (readers: Readonly<Record<string, Reader>>) => {
    const found = Object.entries(readers).map(async ([file, reader]) => {
      const wanted = reader(await plainTextIn(tree, file))
      return wanted === undefined ? [] : [{ place: file, file, wanted }]
    })
    return (await Promise.all(found)).flat()
  }
  const managed = await managedVersions(tree, ["node", "nodejs"])
  return [
    ...(await read(OWN_FILES)),
    ...managed.map(({ file, version }) => ({ place: file, file, wanted: version })),
    ...(await read(PNPM_FILES)),
  ]
}

/** What the Dockerfiles of a project's packages build on, those of the root first. */
async function baseImages(tree: Tree, folders: readonly string[]): Promise<readonly NodeSource[]> {
  const places = ["", "docker", ...folders]
  const all = tree.files.filter(isDockerfile)
  const files = places.flatMap((folder) => all.filter((file) => folderOf(file) === folder))
  const found = [...new Set(files)].map(async (file) => {
    const wanted = baseVersion(await plainTextIn(tree, file))
    return wanted === undefined ? [] : [{ place: file, file, wanted }]
  })
  return (await Promise.all(found)).flat()
}

const NODE_IMAGE = /^(?:\S+\/)?node:(\d[\d.]*|lts)(?=[-@]|$)/i

/** The version of the last image of Node.js that a Dockerfile builds on: the one that runs. */
const baseVersion: Reader = (text) =>
  basesOf(text)
    .flatMap((image) => NODE_IMAGE.exec(image)?.[1] ?? [])
    .at(-1)
