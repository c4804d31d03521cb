import { folderOf } from "../project/manifest.js"
import { pathFrom } from "../project/paths.js"
import { literal } from "./expressions.js"
import { type Block, HclError, readHcl } from "./hcl.js"

/** A parsed Terraform file of the project. */
export interface Source {
  /** Path in the project. */
  readonly file: string
  readonly body: Block
  /** The first error in it, or null. */
  readonly problem: { readonly what: string; readonly line: number } | null
}

/** Files of Terraform, by their paths; without those that init downloaded. */
export const isTerraform = (file: string): boolean =>
  /\.(tf|tofu)(\.json)?$/.test(file) && !/(^|\/)\.terraform\//.test(file)

const NOTHING: Block = { type: "", labels: [], attributes: new Map(), blocks: [], line: 1 }

/** Reads a file. Never throws: what is wrong with it is in `problem`. */
export function readSource(file: string, text: string): Source {
  if (file.endsWith(".json"))
    return { file, body: NOTHING, problem: { what: "Terraform in JSON is not supported here", line: 1 } }
  try {
    return { file, body: readHcl(text), problem: null }
  } catch (error) {
    if (!(error instanceof HclError)) throw error
    return { file, body: NOTHING, problem: { what: error.message, line: error.line } }
  }
}

/** The folder of a local module's source: `../network` from `infra/app` is `infra/network`; null for others. */
export function localModule(folder: string, source: string): string | null {
  return /^\.\.?\//.test(source) ? pathFrom(folder, source) : null
}

/** The local modules that the files of a folder call. */
function calledBy(folder: string, sources: readonly Source[]): readonly string[] {
  const calls = sources
    .filter(({ file }) => folderOf(file) === folder)
    .flatMap(({ body }) => body.blocks.filter(({ type }) => type === "module"))
  const called = calls.flatMap(({ attributes }) => {
    const source = literal(attributes.get("source")?.expression ?? "")
    return source === null ? [] : (localModule(folder, source) ?? [])
  })
  return [...new Set(called)]
}

/** A folder with the local modules that it calls, through any number of others. */
export function closure(root: string, sources: readonly Source[]): readonly string[] {
  const found = new Set([root])
  for (const folder of found) for (const called of calledBy(folder, sources)) found.add(called)
  return [...found].sort()
}

/** True for what makes a folder more than a module for others: a backend, a cloud, a provider with settings. */
const standsAlone = ({ type, blocks }: Block): boolean =>
  type === "provider" ||
  (type === "terraform" && blocks.some((inner) => /^(backend|cloud)$/.test(inner.type)))

/**
 * The root modules of a project: folders that have a backend or configure a provider, and those that no other
 * calls. Folders of tests and examples of a module are roots as well: they are planned on their own.
 */
export function rootModules(sources: readonly Source[]): readonly string[] {
  const folders = [...new Set(sources.map(({ file }) => folderOf(file)))]
  const called = new Set(folders.flatMap((folder) => calledBy(folder, sources)))
  const alone = (folder: string) =>
    sources.some(({ file, body }) => folderOf(file) === folder && body.blocks.some(standsAlone))
  const counts = (folder: string) =>
    sources.some(
      ({ file, body }) =>
        folderOf(file) === folder &&
        body.blocks.some(({ type }) => /^(terraform|provider|resource|data|module)$/.test(type)),
    )
  return folders.filter((folder) => alone(folder) || (!called.has(folder) && counts(folder))).sort()
}
