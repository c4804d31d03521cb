import type { Config } from "../config/config.js"
import { didYouMean } from "../config/suggest.js"
import { lineColumn, readYaml } from "../config/yaml-position.js"
import { globMatcher } from "../formats/glob.js"
import { type JsonRecord, recordOf, textsOf } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import { attributesOf } from "./attributes.js"
import { buildOrders } from "./build-order.js"
import { readDeclared } from "./declared/declared.js"
import type { Declared } from "./declared/found.js"
import { teamVersions } from "./declared/languages.js"
import { placesOut } from "./led-out.js"
import { localFiles } from "./local-packages.js"
import { lockFileOf } from "./lock-files.js"
import {
  folderOf,
  INSTALLED,
  MANIFEST,
  type Manifest,
  type Part,
  readManifest,
  rootManifest,
  textsWithin,
} from "./manifest.js"
import { nodeOf } from "./node-version.js"
import { nxTasks } from "./nx-tasks.js"
import { managerNameOf, namedManagers, packageManagerOf } from "./package-manager.js"
import { baseName, freeNames } from "./paths.js"
import type { BuildOrder, ManagerName, Project, Tree, Workspace } from "./project.js"

/** A package whose place in the order of builds is known. */
interface Ordered extends Part {
  readonly order: BuildOrder
  /** The places outside it that its own settings name. */
  readonly out: readonly string[]
}

/**
 * Detects packages, package manager and Node.js version of the project at the root of a tree. Reads the package.json files of the root and the workspaces, and of
 * version files and Dockerfiles those that count. A folder without package.json is a project without scripts.
 *
 * @param above the repository, of a project in a folder.
 * @param known what the team's files say, where they were read before.
 * @throws {Fault} `configuration` for a broken file, or one that names what does not exist.
 */
export async function detect(
  tree: Tree,
  config: Config,
  above: Tree | null = null,
  known?: Declared,
): Promise<Project> {
  const declared = known ?? readDeclared(tree)
  const manifest = await rootManifest(tree)
  const managers = await namedManagers(tree, manifest, await declared)
  const manager = await managerNameOf(tree, managers)
  const listed = config.workspaces ?? (await workspaceFolders(tree, manifest, manager))
  const folders = [...new Set(listed)].filter((path) => path !== "").sort()
  const packages = await Promise.all(folders.map((path) => readWorkspace(tree, path)))
  const scripts = [manifest, ...packages.map((part) => part.manifest)].flatMap((one) =>
    Object.values(one.scripts),
  )
  const team = teamVersions(await declared, "node")
  const node = await nodeOf(tree, manifest, folders, config.node?.[0] ?? null, above, team)
  const name = config.project ?? (baseName(manifest.name) || "project")
  const names = uniqueNames(name, folders)
  const orderOf = await buildOrders(tree, ["", ...folders])
  const outOf = placesOut(tree, folders)
  const ordered = async (part: Part) => {
    const [order, out] = await Promise.all([orderOf(part), part.path === "" ? [] : outOf(part.path)])
    return { ...part, order, out }
  }
  const parts = await Promise.all(packages.map(ordered))
  const tasks = await nxTasks(
    tree,
    manifest.scripts,
    packages.map((part) => part.manifest.scripts),
  )
  const rootScripts = { ...manifest.scripts, ...tasks }
  const complete = (part: Ordered) => workspace(part, names.get(part.path) ?? name, parts)
  return {
    name,
    path: "",
    language: tree.files.includes(MANIFEST) ? "node" : null,
    packageManager: await packageManagerOf(tree, manager, managers, scripts, node.version),
    lockFile: lockFileOf(tree, manager),
    installs: await installFiles(tree, manifest, packages, manager),
    node: node.version,
    nodes: config.node ?? [node.version],
    nodeBy: node.by,
    nodeDisagreements: node.disagreements,
    fault: tree.files.includes(MANIFEST) ? node.fault : null,
    root: complete(await ordered({ path: "", manifest: { ...manifest, scripts: rootScripts } })),
    tasks,
    workspaces: parts.map(complete),
    files: tree.files,
    links: tree.links ?? [],
    attributes: await attributesOf(tree),
    rootFiles: tree.files.filter((file) => !file.includes("/")),
    shared: [],
    outer: null,
    outerBuilds: {},
    python: null,
    dockerfiles: [],
    parts: [],
    declared: await declared,
    config,
  }
}

/** pnpm links the programs of workspaces that are there, by their first line. */
async function installFiles(
  tree: Tree,
  { local }: Manifest,
  packages: readonly Part[],
  manager: ManagerName,
): Promise<readonly string[]> {
  const { packages: _, ...settings } = await pnpmSettings(tree)
  return localFiles(tree, [
    { path: "", texts: [...local, ...textsWithin(settings)] },
    ...packages.map(({ path, manifest }) => ({
      path,
      texts: [...manifest.local, ...(manager === "pnpm" ? manifest.programs : [])],
    })),
  ])
}

const PNPM_WORKSPACES = "pnpm-workspace.yaml"

async function workspaceFolders(
  tree: Tree,
  manifest: Manifest,
  packageManager: ManagerName,
): Promise<readonly string[]> {
  const globs = packageManager === "pnpm" ? await pnpmGlobs(tree) : manifest.workspaces
  // Package managers look for the manifest behind the pattern, by which `packages/**` includes `packages`.
  const matches = globMatcher(globs.map((glob) => `${glob}/${MANIFEST}`).sort(takingBackLast))
  const hidden = globs.some((glob) => HIDDEN.test(glob))
  return tree.files
    .filter((file) => file.endsWith(`/${MANIFEST}`) && !INSTALLED.test(file) && matches(file))
    .filter((file) => hidden || !HIDDEN.test(file))
    .map(folderOf)
}

const pnpmGlobs = async (tree: Tree): Promise<readonly string[]> =>
  textsOf((await pnpmSettings(tree)).packages)

async function pnpmSettings(tree: Tree): Promise<JsonRecord> {
  if (!tree.files.includes(PNPM_WORKSPACES)) return {}
  const text = await tree.read(PNPM_WORKSPACES)
  const { value, problems } = readYaml(text)
  const [problem] = problems
  if (problem === undefined) return recordOf(value)
  throw new Fault("configuration", {
    what: problem.message,
    where: `${PNPM_WORKSPACES}:${lineColumn(text, problem.offset)}`,
    fix: `correct ${PNPM_WORKSPACES}`,
  })
}

/** A folder with a leading dot: package managers enter it only if a pattern names one: `.next/package.json`. */
const HIDDEN = /(?:^|\/)\.(?!\.?\/)/

/** For package managers, an exclusion counts wherever it is in the list. */
const takingBackLast = (a: string, b: string): number => Number(a.startsWith("!")) - Number(b.startsWith("!"))

async function readWorkspace(tree: Tree, path: string): Promise<Part> {
  const file = `${path}/${MANIFEST}`
  if (tree.files.includes(file)) return { path, manifest: await readManifest(tree, file) }
  const known = tree.files.filter((file) => file.endsWith(`/${MANIFEST}`)).map(folderOf)
  throw new Fault("configuration", {
    what: `workspaces names the folder "${path}", which has no package.json${didYouMean(path, known, '"')}`,
    where: "slipway.yaml",
    fix: "correct `workspaces` in slipway.yaml, or remove it to detect workspaces",
  })
}

/** Names workspaces by folder: the folder's name if it is unique, else its path with dashes. */
function uniqueNames(rootName: string, folders: readonly string[]): ReadonlyMap<string, string> {
  const short = [rootName, ...folders.map(baseName)]
  const free = freeNames(new Set([rootName]))
  return new Map(
    folders.map((path) => {
      const alone = short.filter((name) => name === baseName(path)).length === 1
      return [path, free(alone ? baseName(path) : path.replaceAll("/", "-"))]
    }),
  )
}

function workspace(part: Ordered, name: string, packages: readonly Ordered[]): Workspace {
  const { path, manifest, order } = part
  const needs = needsOf(part, packages)
  return {
    name,
    label: path === "" ? "" : name,
    packageName: manifest.name || baseName(path) || name,
    path,
    scripts: manifest.scripts,
    dependencies: manifest.dependencies,
    needs,
    reads: readsOf(part, needs, packages),
    order,
  }
}

/** Returns the places that the settings of a package name, and those of the packages that it needs or that they lead to. */
function readsOf(part: Ordered, needs: readonly string[], packages: readonly Ordered[]): readonly string[] {
  const seen = new Set([part.path, ...needs])
  const queue = [part, ...packages.filter(({ path }) => needs.includes(path))]
  const reads: string[] = []
  for (const { out } of queue)
    for (const place of out) {
      if (seen.has(place)) continue
      seen.add(place)
      reads.push(place)
      queue.push(...packages.filter(({ path }) => path === place))
    }
  return reads.sort()
}

/** Returns the folders of the workspaces that a package needs, directly or through others. */
function needsOf(part: Ordered, packages: readonly Ordered[]): readonly string[] {
  const byName = new Map(packages.map((other) => [other.manifest.name || baseName(other.path), other]))
  const byPath = new Map(packages.map((other) => [other.path, other]))
  const needed = new Set<Ordered>()
  const visit = ({ manifest, order }: Ordered) => {
    const direct = [
      ...manifest.dependencies.map((name) => byName.get(name)),
      ...order.references.map((path) => byPath.get(path)),
    ]
    for (const next of direct) {
      if (next === undefined || needed.has(next)) continue
      needed.add(next)
      visit(next)
    }
  }
  visit(part)
  needed.delete(part)
  return [...needed].map(({ path }) => path).sort()
}
