import { CONFIG_FILE } from "../../config/read.js"
import { didYouMean } from "../../config/suggest.js"
import { Fault } from "../../run/fault.js"
import { technologyOf } from "../declared/technologies.js"
import { folderOf } from "../manifest.js"
import { packagesOf } from "../packages.js"
import { baseName, free } from "../paths.js"
import type { Dockerfile, Project, Tree, Unchecked, Workspace } from "../project.js"
import { contextFor, ignoredBy } from "./context.js"
import { contextReads } from "./copied.js"
import { buildsOf, type DeclaredBuild, declaredBuilds } from "./declared.js"
import {
  builtFile,
  foldersAround,
  isApart,
  type NamedDockerfile,
  namedDockerfiles,
  RELEASED,
  variantOf,
} from "./names.js"
import { bareArguments, missingArguments, requiredSecrets, stagesOf, targetOf } from "./stages.js"
import { instructionsOf } from "./syntax.js"
import { targetsOf } from "./targets.js"

/** The Dockerfiles of a repository, and those that no stage builds. */
export interface Dockerfiles {
  readonly dockerfiles: readonly Dockerfile[]
  readonly unchecked: readonly Unchecked[]
}

/** A Dockerfile on its way: whose it is, and what slipway.yaml says of it. */
interface Candidate extends NamedDockerfile {
  readonly text: string
  readonly workspace: Workspace | null
  /** The name in slipway.yaml, where it names the file. */
  readonly named: string | null
}

const NAMED = `name it under \`image.workspaces\` in ${CONFIG_FILE}`

/**
 * Finds the Dockerfiles of a repository under all their names, and tells their build contexts.
 *
 * @param project the repository as one project, with all packages.
 * @throws {Fault} `configuration` where slipway.yaml names a Dockerfile that was not found.
 */
export async function findDockerfiles(tree: Tree, project: Project): Promise<Dockerfiles> {
  const packages = packagesOf(project)
  const folders = packages.map(({ path }) => path)
  const builds = await declaredBuilds(tree)
  const byName = namedDockerfiles(tree.files, folders)
  const others = builtFiles(tree, builds, byName).map((file) => builtFile(file, folders))
  const named = withConfigured(withoutLinks([...byName, ...others], tree), project)
  if (named.length === 0) return { dockerfiles: [], unchecked: [] }
  const candidates = await Promise.all(
    named.map(async (one) => {
      const text = await tree.read(one.file)
      const workspace =
        one.named === null
          ? ownerOf(one, packages)
          : (packages.find(({ name }) => name === one.named) ?? null)
      return { ...one, text, workspace }
    }),
  )
  const used = candidates.every((one) => isPlain(one, tree.files)) ? [] : builds
  const taken = new Set<string>()
  const found: (Dockerfile | Unchecked)[] = []
  for (const one of candidates.toSorted(byRank)) {
    const own = buildsOf(builds, one.file)
    const declared = used.length === 0 ? [] : own
    for (const target of targetsOf(one.text, own))
      found.push(await judge(tree, project, { ...one, target }, declared, taken))
  }
  return {
    dockerfiles: found.flatMap((one) => ("file" in one ? [one] : [])).toSorted(byFolder),
    unchecked: found.flatMap((one) => ("file" in one ? [] : [one])),
  }
}

/** The files that the team's own builds name, and that are no Dockerfiles by their names. */
function builtFiles(
  { files }: Tree,
  builds: readonly DeclaredBuild[],
  byName: readonly NamedDockerfile[],
): readonly string[] {
  const known = new Set(byName.map(({ file }) => file))
  return [...new Set(builds.map(({ file }) => file))].filter(
    (file) => !known.has(file) && files.includes(file),
  )
}

/** Leaves out the links to another of the Dockerfiles: none is built twice. */
function withoutLinks(found: readonly NamedDockerfile[], { links = [] }: Tree): readonly NamedDockerfile[] {
  const files = new Set(found.map(({ file }) => file))
  const doubles = new Set(links.filter(({ to }) => files.has(to)).map(({ path }) => path))
  return found.filter(({ file }) => !doubles.has(file))
}

const byFolder = (a: Dockerfile, b: Dockerfile): number =>
  (a.workspace?.path ?? a.file).localeCompare(b.workspace?.path ?? b.file, "en") ||
  a.file.localeCompare(b.file, "en")

/** Adds the Dockerfiles that slipway.yaml names to those that are known by their names. */
function withConfigured(found: readonly NamedDockerfile[], { config, files }: Project) {
  const configured = Object.entries(config.image.workspaces).flatMap(([name, { dockerfile }]) =>
    dockerfile === null ? [] : [{ name, dockerfile }],
  )
  for (const { name, dockerfile } of configured) {
    if (files.includes(dockerfile)) continue
    const known = found.map(({ file }) => file)
    throw new Fault("configuration", {
      what: `image.workspaces.${name}.dockerfile names ${dockerfile}, which is no file${didYouMean(dockerfile, known)}`,
      where: CONFIG_FILE,
      fix: known.length === 0 ? "correct the path" : `name one of ${known.join(", ")}`,
    })
  }
  const nameOf = (file: string) => configured.find(({ dockerfile }) => dockerfile === file)?.name ?? null
  const others = configured
    .filter(({ dockerfile }) => found.every(({ file }) => file !== dockerfile))
    .map(({ dockerfile }) => ({ file: dockerfile, home: folderOf(dockerfile), word: null }))
  return [...found, ...others].map((one) => ({ ...one, named: nameOf(one.file) }))
}

/** The package that a Dockerfile is of: the one that its word names, or the one that it lies in. */
function ownerOf({ home, word }: NamedDockerfile, packages: readonly Workspace[]): Workspace | null {
  const inside = packages.filter(({ path }) => home === "" || path === home || path.startsWith(`${home}/`))
  const called = inside.filter(
    ({ name, path, packageName }) =>
      word !== null && path !== "" && [name, baseName(path), baseName(packageName)].includes(word),
  )
  if (called[0] !== undefined) return called[0]
  return word === null || RELEASED.test(word) ? (packages.find(({ path }) => path === home) ?? null) : null
}

/** True for a Dockerfile that tells everything by itself. */
function isPlain({ file, home, word, text, workspace }: Candidate, files: readonly string[]): boolean {
  if (word !== null || folderOf(file) !== home || workspace === null || bareArguments(text).length > 0)
    return false
  const found = contextFor(files, text, { folders: [home, ""], declared: [], certain: false })
  return "folder" in found && found.folder === home
}

/** The Dockerfile of a package that is built under its name comes before its variants. */
const byRank = (a: Candidate, b: Candidate): number => rank(a) - rank(b) || a.file.localeCompare(b.file, "en")

function rank({ named, file, word, workspace }: Candidate): number {
  if (named !== null) return 0
  if (word === null && folderOf(file) === workspace?.path) return 1
  return word === null ? 2 : 3
}

async function judge(
  tree: Tree,
  project: Project,
  one: Candidate & { readonly target: string | null },
  own: readonly DeclaredBuild[],
  taken: Set<string>,
): Promise<Dockerfile | Unchecked> {
  const { file, home, word, text, target, named, workspace } = one
  const left = (reason: string): Unchecked => ({ what: file, reason: `${reason}; to build it, ${NAMED}` })
  const variant = named === null && !isCalled(one) ? variantOf(one) : null
  if (variant !== null) return left(variant)
  if (named === null && workspace === null && isApart(one))
    return left("in a folder of tests, examples, templates, benchmarks or documentation")
  const certain = named !== null || (word === null && folderOf(file) === home && workspace !== null)
  if (!certain && stagesOf(instructionsOf(text)).length === 0) return left("not a Dockerfile: it has no FROM")
  const settings = project.config.image.workspaces[named ?? ""]
  const folders = [...foldersAround(one, tree.files), ...(workspace ? [workspace.path] : [])]
  const declared = [...new Set(own.map(({ context }) => context))]
  const context =
    settings?.context == null
      ? contextFor(tree.files, text, { folders, declared, certain })
      : { folder: settings.context }
  if ("reason" in context) return left(context.reason)
  const wanted = named ?? nameOf(one)
  const apart = target ?? word
  const name = free(taken.has(wanted) && apart !== null ? `${wanted}-${apart}` : wanted, taken)
  taken.add(name)
  return {
    file,
    name,
    label: name === workspace?.name ? workspace.label : name,
    workspace,
    context: context.folder,
    ignored: await ignoredBy(tree, file, context.folder),
    ...described(project, name, { text, target }, own),
  }
}

/** True where the word is a package's name: `test.Dockerfile` of a package `test` is no variant. */
const isCalled = ({ word, workspace }: Candidate): boolean =>
  word !== null && workspace !== null && !RELEASED.test(word)

const nameOf = ({ home, word, workspace }: Candidate): string =>
  (workspace?.name ?? [baseName(home), word].filter(Boolean).join("-")) || "image"

/** What a build of it takes: the arguments that the team's own files give those without a default, and what is missing. */
function described(
  { config }: Project,
  name: string,
  { text, target: declaredTarget }: { readonly text: string; readonly target: string | null },
  builds: readonly DeclaredBuild[],
) {
  const settings = config.image.workspaces[name]
  const target = settings?.target ?? declaredTarget
  const known: Record<string, string> = {}
  for (const { args } of builds)
    for (const argument of bareArguments(text)) known[argument] ??= args[argument] ?? ""
  const declared = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== ""))
  const args = { ...declared, ...settings?.args }
  return {
    args,
    port: builds.find(({ port }) => port !== null)?.port ?? null,
    target,
    missing: missingArguments(text, args, target),
    secrets: requiredSecrets(text, target),
    reads: contextReads(text),
    ...(technologyOf(targetOf(stagesOf(instructionsOf(text)), target)?.from ?? "") === null
      ? {}
      : { service: true as const }),
  }
}
