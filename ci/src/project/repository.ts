import type { Directory } from "@dagger.io/dagger"
import type { Config } from "../config/config.js"
import type { Configured } from "../config/read.js"
import { detect } from "./detect.js"
import { findDockerfiles } from "./dockerfile/dockerfiles.js"
import { projectFolders, pythonCandidates, pythonFolders } from "./folders.js"
import { resolveLinks } from "./links.js"
import { MANIFEST } from "./manifest.js"
import { withOuter } from "./outer.js"
import { hasManifest, packagesOf } from "./packages.js"
import { baseName, below, freeNames } from "./paths.js"
import { detectBelow, orFault, placedFault } from "./placed.js"
import type { LinkText, Project, Repository, Tree, Unchecked, Workspace } from "./project.js"
import { pythonOf } from "./python.js"
import { codeUnchecked, packagesUnchecked } from "./unchecked.js"

/**
 * Detects the projects of a repository: the one at its root, and those in folders that have dependencies of their own.
 *
 * @throws {Fault} `configuration` as {@link detect}.
 */
export async function detectRepository(tree: Tree, config: Config): Promise<Repository> {
  const { whole, unchecked, ...rest } = await detectProjects(tree, config)
  const images = await findDockerfiles(tree, whole)
  return {
    ...rest,
    whole: { ...whole, dockerfiles: images.dockerfiles },
    unchecked: [...unchecked, ...packagesUnchecked(rest.projects), ...images.unchecked],
  }
}

async function detectProjects(tree: Tree, config: Config): Promise<Repository> {
  const root = await detect(tree, config)
  const node = projectFolders(tree, root)
  const python = await pythonProjects(tree, root)
  const custom = Object.keys(config.custom).length > 0
  const unchecked = [
    ...node.unchecked,
    ...python.unchecked,
    ...root.declared.unreadable.map((what) => ({ what, reason: "no valid YAML: nothing of it is used" })),
    ...(custom ? [] : codeUnchecked(tree.files, python.projects, root.declared)),
  ]
  const { folders } = node
  const [only = root, ...others] = [
    ...(await Promise.all(
      folders.map(async (folder) =>
        folder === "" ? root : detectBelow(tree, folder, config, root.declared),
      ),
    )),
    ...python.projects,
  ]
  if (others.length === 0 && only.path === "")
    return { whole: { ...root, name: only.name }, projects: [only], unchecked }
  const found = [only, ...others]
  const packages = found.filter((one) => hasManifest(one) && one.fault === null).flatMap(packagesOf)
  const all = await detect(
    tree,
    { ...config, workspaces: packages.map(({ path }) => path) },
    null,
    root.declared,
  )
  const shared = folders.includes("")
    ? root.rootFiles
    : outside(
        tree.files,
        found.map(({ path }) => path),
      )
  const projects = await withOuter(tree, labelled(found, all, shared))
  return { whole: { ...all, config, parts: projects }, projects, unchecked }
}

/** The Python projects of a repository, and those that are left out. */
async function pythonProjects(
  tree: Tree,
  root: Project,
): Promise<{ readonly projects: readonly Project[]; readonly unchecked: readonly Unchecked[] }> {
  const looked = await Promise.all(
    pythonCandidates(tree.files).map(async (folder) => {
      const names = { named: root.config.python, declared: root.declared, folder }
      const above = folder === "" ? null : tree
      const read = () => pythonOf(folder === "" ? tree : below(tree, folder), { ...names, above })
      const { found: python, fault } = await orFault(read)
      return { folder, python, fault }
    }),
  )
  const found = looked.filter(({ python, fault }) => python !== null || fault !== null)
  const { folders, unchecked } = pythonFolders(
    tree,
    found.map(({ folder }) => folder),
    root,
  )
  const projects = found
    .filter(({ folder }) => folders.includes(folder))
    .map(async ({ folder, python, fault }): Promise<Project> => {
      const bare = await detectBelow(tree, folder, root.config, root.declared, (file) => file !== MANIFEST)
      return {
        ...bare,
        language: "python",
        python,
        fault: fault && placedFault(fault, folder, below(tree, folder).files),
      }
    })
  return { projects: await Promise.all(projects), unchecked }
}

/** Detects the projects of a repository whose configuration is read. @throws {Fault} as {@link detectRepository}. */
export function detectIn({
  config,
  source,
  files,
  links: texts = [],
}: Configured & { readonly links?: readonly LinkText[] }): Promise<Repository> {
  const links = resolveLinks(files, texts)
  const whole = new Set(links.filter(({ kind }) => kind === "file").map(({ path }) => path))
  const broken = new Set(texts.map(({ path }) => path).filter((path) => !whole.has(path)))
  const present = files.filter((file) => !broken.has(file))
  return detectRepository({ files: present, links, read: readOnce(source) }, config)
}

/** Reads files of a directory, each once: several readers want the same ones, and each look is a call of the engine. */
function readOnce(source: Directory): Tree["read"] {
  const texts = new Map<string, Promise<string>>()
  return (path) => {
    const text = texts.get(path) ?? source.file(path).contents()
    texts.set(path, text)
    return text
  }
}

/** Files that lie in no project's folder. */
const outside = (files: readonly string[], folders: readonly string[]): readonly string[] =>
  files.filter((file) => !folders.some((folder) => file.startsWith(`${folder}/`)))

/** Gives packages the names that they have in the whole repository, so that no two stages share one. */
function labelled(
  projects: readonly Project[],
  whole: Project,
  shared: readonly string[],
): readonly Project[] {
  const names = new Map(packagesOf(whole).map(({ path, name }) => [path, name]))
  const free = freeNames(new Set(names.values()))
  return projects.map((project) => {
    const named = (one: Workspace): Workspace => {
      const name = names.get(one.path) ?? free(one.name)
      return { ...one, name, label: name }
    }
    const plain = {
      ...project,
      links: whole.links,
      attributes: whole.attributes,
      shared: project.path === "" ? [] : shared,
    }
    if (project.language !== "python") {
      const root = named(project.root)
      return { ...plain, name: root.name, root, workspaces: project.workspaces.map(named) }
    }
    const name = free(project.path === "" ? "python" : baseName(project.path))
    const members = project.python?.members.map((one) => ({ ...one, name: free(one.name) })) ?? []
    const python = project.python && { ...project.python, members }
    return { ...plain, name, python, root: { ...project.root, name, label: name } }
  })
}
