import type { Config } from "../config/config.js"
import { didYouMean } from "../config/suggest.js"
import { lineColumn, readYaml } from "../config/yaml-position.js"
import { escapeGlob, globMatcher } from "../formats/glob.js"
import { type JsonRecord, recordOf, textsOf } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import { attributesOf } from "./attributes.js"
import { readDeclared } from "./declared/declared.js"
import type { Declared } from "./declared/found.js"
import { teamVersions } from "./declared/languages.js"
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
import { baseName } from "./paths.js"
import type { Link, ManagerName, Project, Tree } from "./project.js"
import { workspacesOf } from "./workspaces.js"

/**
 * Detects packages, package manager and Node.js version of the project at the root of a tree. Reads the
 * package.json files of the root and the workspaces, and of version files and Dockerfiles those that count. A folder
 * without package.json is a project without scripts.
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
  const manager = await managerNameOf(tree, managers, await declared)
  const packages = await packagesIn(tree, config, manifest, manager)
  const folders = packages.map(({ path }) => path)
  const team = teamVersions(await declared, "node")
  const node = await nodeOf(tree, manifest, folders, config.node?.[0] ?? null, above, team)
  const name = config.project ?? (baseName(manifest.name) || "project")
  const ownScripts = packages.map((part) => part.manifest.scripts)
  const tasks = await nxTasks(tree, manifest.scripts, packages)
  const commands = [manifest.scripts, ...ownScripts].flatMap((scripts) => Object.values(scripts))
  const root = { path: "", manifest: { ...manifest, scripts: { ...manifest.scripts, ...tasks } } }
  return {
    ...ALONE,
    ...(await workspacesOf(tree, name, root, packages)),
    name,
    language: tree.files.includes(MANIFEST) ? "node" : null,
    packageManager: await packageManagerOf(tree, manager, managers, commands, node.version),
    lockFile: lockFileOf(tree, manager),
    installs: await installFiles(tree, manifest, packages, manager),
    node: node.version,
    nodes: config.node ?? [node.version],
    nodeBy: node.by,
    nodeDisagreements: node.disagreements,
    fault: tree.files.includes(MANIFEST) ? node.fault : null,
    tasks,
    ...filesOf(tree),
    attributes: await attributesOf(tree),
    declared: await declared,
    config,
  }
}

/** A project that nothing else is known of: other readers add what is around it, its Python and its Dockerfiles. */
const ALONE = {
  path: "",
  shared: [],
  outer: null,
  outerBuilds: {},
  python: null,
  dockerfiles: [],
  parts: [],
} as const satisfies Partial<Project>

const filesOf = ({ files, links = [] }: Tree) => ({
  files,
  links,
  rootFiles: files.filter((file) => !file.includes("/")),
})

async function packagesIn(
  tree: Tree,
  { workspaces }: Config,
  manifest: Manifest,
  manager: ManagerName,
): Promise<readonly Part[]> {
  const listed = workspaces ?? (await workspaceFolders(tree, manifest, manager))
  const folders = [...new Set(listed)].filter((path) => path !== "").sort()
  return Promise.all(folders.map((path) => readWorkspace(tree, path)))
}

/** pnpm links the programs of workspaces that are there, by their first line. */
async function installFiles(
  tree: Tree,
  { local }: Manifest,
  packages: readonly Part[],
  manager: ManagerName,
): Promise<readonly string[]> {
  const { packages: _, ...settings } = await pnpmSettings(tree)
  const folders = packages.map(({ path }) => path)
  const files = await localFiles(tree, [
    { path: "", texts: [...local, ...textsWithin(settings)] },
    ...packages.map(({ path, manifest }) => ({
      path,
      texts: [...manifest.local, ...(manager === "pnpm" ? manifest.programs : [])],
    })),
  ])
  const links = packageLinks(tree).filter(({ to }) => folders.includes(to))
  return [...files, ...links.map(({ path }) => escapeGlob(path))]
}

/** The links to folders of packages, by which workspaces may be named. */
function packageLinks({ files, links = [] }: Tree): readonly Link[] {
  if (links.length === 0) return []
  const present = new Set(files)
  return links.filter(({ to, kind }) => kind === "folder" && present.has(`${to}/${MANIFEST}`))
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
  const linked = new Map(packageLinks(tree).map(({ path, to }) => [path, to]))
  return [...tree.files, ...[...linked.keys()].map((path) => `${path}/${MANIFEST}`)]
    .filter((file) => file.endsWith(`/${MANIFEST}`) && !INSTALLED.test(file) && matches(file))
    .filter((file) => hidden || !HIDDEN.test(file))
    .map((file) => linked.get(folderOf(file)) ?? folderOf(file))
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
