import semver from "semver"
import { readYaml } from "../config/yaml-position.js"
import { recordOf } from "../formats/json.js"
import { checkingJobs } from "./declared/checking-jobs.js"
import type { Declared } from "./declared/found.js"
import { teamTools, testsIn } from "./declared/languages.js"
import { lockedManager } from "./lock-files.js"
import { versionFor } from "./manager-version.js"
import type { Manifest, Named } from "./manifest.js"
import { textIn } from "./paths.js"
import { isManagerName, MANAGER_NAMES, type ManagerName, type PackageManager, type Tree } from "./project.js"
import { stepCommands } from "./shell-words.js"
import { managedVersions } from "./version-managers.js"

/** Other files of one package manager alone. */
const TRACES: Readonly<Record<string, ManagerName>> = {
  "pnpm-workspace.yaml": "pnpm",
  ".yarnrc.yml": "yarn",
  "bunfig.toml": "bun",
}

/** Reads what a project's files say of package managers, what counts most first; what the team's CI installs counts last. */
export const namedManagers = async (
  tree: Tree,
  manifest: Manifest,
  declared: Pick<Declared, "jobs">,
): Promise<readonly Named[]> => [
  ...manifest.managers,
  ...(await versionFiles(tree)),
  ...Object.entries(manifest.engines).map(([name, version]) => ({ name, version, source: "engines" })),
  ...MANAGER_NAMES.flatMap((name) =>
    teamTools(declared, name).map(({ file, wanted }) => ({ name, version: wanted, source: file })),
  ),
]

/**
 * Returns the version of a project's package manager, and the other managers that its scripts call.
 *
 * @param scripts the commands of all packages.
 * @param node the version of Node.js.
 */
export async function packageManagerOf(
  tree: Tree,
  name: ManagerName,
  named: readonly Named[],
  scripts: readonly string[],
  node: string,
): Promise<PackageManager> {
  const settings = name === "yarn" ? await yarnSettings(tree) : NO_SETTINGS
  const found = await versionFor(name, settings.version ? [settings.version, ...named] : named, tree, node)
  const called = MANAGER_NAMES.filter((one) => one !== name && scripts.some((text) => CALLS[one]?.test(text)))
  const others = await Promise.all(called.map((one) => versionFor(one, named, tree, node)))
  return {
    name,
    ...found,
    program: settings.program,
    plugAndPlay: found.tool === "yarn" && settings.linker === "pnp",
    ownScripts: !(await ignoresScripts(tree, found.tool)),
    packages: [...(settings.program === null ? [found] : []), ...others].flatMap(packageOf),
  }
}

/** A command that installs the dependencies of a project. */
const INSTALLS = /^(?:i|ci|install|clean-install|install-test|it|cit)$/

/** Returns the manager by which most jobs of the team's CI that test install packages; null where none does. */
function installingManager(declared: Pick<Declared, "jobs">): ManagerName | null {
  const jobs = checkingJobs(declared)
  const testing = jobs.filter((job) => testsIn(job).length > 0)
  const votes = (testing.length > 0 ? testing : jobs).flatMap(({ steps }) => {
    const commands = steps.flatMap(({ run }) => stepCommands(run))
    return MANAGER_NAMES.filter((name) =>
      commands.some(([program, word]) => program === name && INSTALLS.test(word ?? "")),
    )
  })
  const count = (name: ManagerName) => votes.filter((one) => one === name).length
  return [...new Set(votes)].toSorted((one, other) => count(other) - count(one))[0] ?? null
}

/**
 * Returns the manager that package.json names, else the one whose lock file or settings are there, else the one that installs in
 * the team's CI, else one with a version, else npm.
 */
export async function managerNameOf(
  tree: Tree,
  named: readonly Named[],
  declared: Pick<Declared, "jobs">,
): Promise<ManagerName> {
  const strong = named.filter(({ source }) => source === "packageManager" || source === "devEngines")
  const weak = named.filter(({ name }) => name !== "npm")
  const nameIn = (list: readonly Named[]) => list.map(({ name }) => name).find(isManagerName)
  const trace = Object.entries(TRACES).find(([file]) => tree.files.includes(file))?.[1]
  return (
    nameIn(strong) ??
    (await lockedManager(tree)) ??
    trace ??
    installingManager(declared) ??
    nameIn(weak) ??
    "npm"
  )
}

/** A command's first word, with or without variables before it. */
const callOf = (names: string) => new RegExp(`(?:^|[\\s;&|("'\`])(?:${names})(?=$|[\\s"'\`;&|)])`)

/** Calls in scripts; npm is always there. */
const CALLS: Readonly<Partial<Record<ManagerName, RegExp>>> = {
  pnpm: callOf("pnpm|pnpx"),
  yarn: callOf("yarn"),
  bun: callOf("bun|bunx"),
}

function packageOf({ tool, version }: Pick<PackageManager, "tool" | "version">): readonly string[] {
  if (version === null) return []
  if (tool === "yarn" && semver.satisfies(LAST_YARN_2, version)) return [`yarn@${LAST_YARN_2}`]
  return [`${PACKAGES[tool]}@${version}`]
}

/** The last release of Yarn 2. npm has it as `yarn`; later releases are `@yarnpkg/cli-dist`. */
const LAST_YARN_2 = "2.4.3"

/** Where npm has them. */
const PACKAGES: Readonly<Record<PackageManager["tool"], string>> = {
  npm: "npm",
  pnpm: "pnpm",
  "yarn-1": "yarn",
  yarn: "@yarnpkg/cli-dist",
  bun: "bun",
}

/** What version managers' files say of package managers. */
async function versionFiles(tree: Tree): Promise<readonly Named[]> {
  const lists = await Promise.all(
    (["pnpm", "yarn", "bun"] as const).map(async (name) =>
      (await managedVersions(tree, [name])).map(({ file, version }) => ({
        name,
        version: version.replace(/^(?:prefix:)?v?(?=\d)/, ""),
        source: file,
      })),
    ),
  )
  const bun = ".bun-version"
  if (!tree.files.includes(bun)) return lists.flat()
  return [...lists.flat(), { name: "bun", version: (await tree.read(bun)).trim(), source: bun }]
}

/** Where each tool's settings turn scripts off. Modern Yarn runs those of the project always. */
const IGNORE_SCRIPTS: Readonly<Record<PackageManager["tool"], Readonly<Record<string, RegExp>>>> = {
  npm: { ".npmrc": /^\s*ignore-scripts\s*=\s*true\b/m },
  pnpm: {
    ".npmrc": /^\s*ignore-scripts\s*=\s*true\b/m,
    "pnpm-workspace.yaml": /^ignoreScripts:\s*true\b/m,
  },
  "yarn-1": {
    ".npmrc": /^\s*ignore-scripts\s*=\s*true\b/m,
    ".yarnrc": /^(?:--install\.)?ignore-scripts\s+true\b/m,
  },
  yarn: {},
  bun: { "bunfig.toml": /^ignoreScripts\s*=\s*true\b/m },
}

async function ignoresScripts(tree: Tree, tool: PackageManager["tool"]): Promise<boolean> {
  const files = Object.entries(IGNORE_SCRIPTS[tool]).filter(([file]) => tree.files.includes(file))
  const found = await Promise.all(files.map(async ([file, pattern]) => pattern.test(await tree.read(file))))
  return found.includes(true)
}

interface YarnSettings {
  readonly program: string | null
  /** What the program's name says of its version. */
  readonly version: Named | null
  readonly linker: string
}

const NO_SETTINGS: YarnSettings = { program: null, version: null, linker: "" }

/** Reads `yarnPath` and `nodeLinker`. @see https://yarnpkg.com/configuration/yarnrc */
async function yarnSettings(tree: Tree): Promise<YarnSettings> {
  const settings = recordOf(readYaml(await textIn(tree, ".yarnrc.yml")).value)
  const [, classic] = /^yarn-path\s+"?([^"\n]+?)"?\s*$/m.exec(await textIn(tree, ".yarnrc")) ?? []
  const path = String(settings.yarnPath ?? classic ?? "").replace(/^\.\//, "")
  const version = semver.coerce(/yarn-(\d\S*)\.c?js$/.exec(path)?.[1], { includePrerelease: true })
  return {
    program: tree.files.includes(path) ? path : null,
    version: version && { name: "yarn", version: version.version, source: "yarnPath" },
    linker: String(settings.nodeLinker ?? "pnp"),
  }
}
