import type { Directory } from "@dagger.io/dagger"
import type { Config } from "../config/config.js"
import type { Project } from "../project/project.js"
import { isTerraform, readSource, rootModules, type Source } from "./roots.js"
import { type Program, programFor, VERSION_FILES } from "./version.js"

/** The Terraform files of a project. */
export interface Infrastructure {
  readonly sources: readonly Source[]
  /** Files of variables: `*.tfvars`. */
  readonly values: readonly Source[]
  /** Folders of root modules, "" for the project's own. */
  readonly roots: readonly string[]
  readonly program: (root: string) => Program
  /** The text of each Terraform file, by its path. */
  readonly texts: ReadonlyMap<string, string>
}

/** Files of Terraform, as glob patterns. */
export const TERRAFORM = ["tf", "tf.json", "tofu", "tofu.json", "tfvars", "tftest.hcl"].map(
  (end) => `**/*.${end}`,
)
/** Files that init and plan leave; no stage reads them. */
export const LEFT_BEHIND = ["**/.terraform/**", "**/*.tfstate", "**/*.tfstate.*"]

/** Returns whether a project has a file of Terraform. */
export const hasTerraform = (project: Project): boolean => project.files.some(isTerraform)

/** Reads the Terraform files of a folder with the project's files. */
export async function infrastructure(
  settings: Config["terraform"],
  source: Directory,
): Promise<Infrastructure> {
  const files = await terraformFiles(source)
  const read = files.map(async (file) => [file, await source.file(file).contents()] as const)
  return infrastructureOf(settings, new Map(await Promise.all(read)))
}

/** The Terraform files of a folder, and those that name a version, sorted. */
export async function terraformFiles(source: Directory): Promise<readonly string[]> {
  const files = (await Promise.all([...TERRAFORM, ...VERSION_FILES].map((glob) => source.glob(glob)))).flat()
  return [...new Set(files)].filter((file) => !/(^|\/)\.terraform\//.test(file)).sort()
}

/** @param texts of the files, by their paths, in their order. */
export function infrastructureOf(
  settings: Config["terraform"],
  texts: ReadonlyMap<string, string>,
): Infrastructure {
  const read = (matches: (file: string) => boolean): readonly Source[] =>
    [...texts].filter(([file]) => matches(file)).map(([file, text]) => readSource(file, text))
  const sources = read(isTerraform)
  return {
    sources,
    values: read((file) => file.endsWith(".tfvars")),
    roots: settings.roots ?? rootModules(sources),
    program: (root) => programFor(settings, root, sources, texts),
    texts,
  }
}
