import type { Config } from "./config.js"
import { NODE_MAJORS, normalizeFolder } from "./config-schema.js"
import { Fault } from "./fault.js"
import type { PackageManager, Project, Tree, Workspace } from "./project.js"
import { suggest } from "./suggest.js"
import { jsonErrorOffset, lineColumn, readYaml } from "./yaml-position.js"

/**
 * Finds out what a project consists of. Reads the package.json files of the root and the workspaces, and of
 * version files and Dockerfiles those that count.
 *
 * @throws {Fault} `no-project` where there is nothing that Slipway could check; `configuration` where a file
 *   is broken, or asks for what is not there.
 */
export async function detect(tree: Tree, config: Config): Promise<Project> {
  const manifest = await rootManifest(tree, config)
  const packageManager = packageManagerOf(tree, manifest)
  const listed = config.workspaces ?? (await workspaceFolders(tree, manifest, packageManager))
  const folders = [...new Set(listed)].filter((path) => path !== "").sort()
  const packages = await Promise.all(folders.map((path) => readWorkspace(tree, path)))
  const name = config.project ?? (baseName(manifest.name) || "project")
  const names = uniqueNames(name, folders)
  const complete = (part: Part) => workspace(tree, part, names.get(part.path) ?? name, packages)
  return {
    name,
    packageManager,
    lockFile: LOCK_FILES[packageManager].find((file) => tree.files.includes(file)) ?? null,
    node: config.node ?? (await nodeOf(tree, manifest)),
    root: await complete({ path: "", manifest }),
    workspaces: await Promise.all(packages.map(complete)),
    rootFiles: tree.files.filter((file) => !file.includes("/")),
    config,
  }
}

const MANIFEST = "package.json"

/** A package.json, as far as it counts here. */
interface Manifest {
  readonly name: string
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: readonly string[]
  readonly workspaces: readonly string[]
  readonly packageManager: string
  readonly node: string
}

/** A package with its folder. */
interface Part {
  readonly path: string
  readonly manifest: Manifest
}

// --- package.json ---

async function rootManifest(tree: Tree, config: Config): Promise<Manifest> {
  if (tree.files.includes(MANIFEST)) return readManifest(tree, MANIFEST)
  if (Object.keys(config.custom).length > 0) return toManifest({})
  const inside = tree.files.filter((file) => file.endsWith(`/${MANIFEST}`) && !INSTALLED.test(file))
  const [first] = inside.map(folderOf)
  const more = inside.length > 3 ? ` and ${inside.length - 3} more` : ""
  const found = first === undefined ? "" : ` (only in folders: ${inside.slice(0, 3).join(", ")}${more})`
  const example =
    first === undefined ? "the one with package.json" : `one with package.json, such as "${first}"`
  throw new Fault("no-project", {
    what: `this folder is no project that Slipway knows: it has no package.json at its root${found}, and slipway.yaml describes no custom stages`,
    where: null,
    fix: `point Slipway at another folder: ${example}; or describe custom stages in slipway.yaml`,
  })
}

async function readManifest(tree: Tree, path: string): Promise<Manifest> {
  const text = (await tree.read(path)).replace(/^\uFEFF/, "")
  const value = parseJson(text, path)
  if (isRecord(value)) return toManifest(value)
  throw new Fault("configuration", {
    what: "holds no JSON object",
    where: `${path}:1:1`,
    fix: `write an object such as { "name": "app" } into ${path}`,
  })
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const offset = jsonErrorOffset(text)
    const found = offset >= text.length ? "the end of the file" : JSON.stringify(text[offset])
    throw new Fault("configuration", {
      what: `not valid JSON: ${found} is not expected here`,
      where: `${path}:${lineColumn(text, offset)}`,
      fix: `correct ${path}: look at this place and right before it`,
    })
  }
}

const DEPENDENCY_KINDS = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]

function toManifest(json: Readonly<Record<string, unknown>>): Manifest {
  const { workspaces } = json
  return {
    name: textOf(json.name),
    scripts: Object.fromEntries(textEntries(json.scripts)),
    dependencies: [...new Set(DEPENDENCY_KINDS.flatMap((kind) => Object.keys(recordOf(json[kind]))))].sort(),
    workspaces: textsOf(Array.isArray(workspaces) ? workspaces : recordOf(workspaces).packages),
    packageManager: textOf(json.packageManager),
    node: textOf(recordOf(json.engines).node),
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === "string"
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function textOf(value: unknown): string {
  return isText(value) ? value : ""
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(isText) : []
}

function textEntries(value: unknown): readonly (readonly [string, string])[] {
  return Object.entries(recordOf(value)).flatMap(([key, text]) =>
    isText(text) ? [[key, text] as const] : [],
  )
}

// --- Package manager and workspaces ---

/** In order of preference, for projects with several. */
const LOCK_FILES = {
  npm: ["npm-shrinkwrap.json", "package-lock.json"],
  pnpm: ["pnpm-lock.yaml"],
  yarn: ["yarn.lock"],
} as const satisfies Record<PackageManager, readonly string[]>
const PACKAGE_MANAGERS = ["npm", "pnpm", "yarn"] as const satisfies readonly PackageManager[]
const PNPM_WORKSPACES = "pnpm-workspace.yaml"

function packageManagerOf(tree: Tree, { packageManager }: Manifest): PackageManager {
  const wanted = packageManager.split("@")[0]
  const locked = (name: PackageManager) => LOCK_FILES[name].some((file) => tree.files.includes(file))
  const otherwise = tree.files.includes(PNPM_WORKSPACES) ? "pnpm" : "npm"
  return PACKAGE_MANAGERS.find((name) => name === wanted) ?? PACKAGE_MANAGERS.find(locked) ?? otherwise
}

async function workspaceFolders(
  tree: Tree,
  manifest: Manifest,
  packageManager: PackageManager,
): Promise<readonly string[]> {
  const globs = packageManager === "pnpm" ? await pnpmGlobs(tree) : manifest.workspaces
  const matchers = (wanted: boolean) =>
    globs
      .filter((glob) => glob.startsWith("!") !== wanted)
      .map((glob) => manifestMatcher(glob.replace(/^!/, "")))
  const [included, excluded] = [matchers(true), matchers(false)]
  return tree.files
    .filter((file) => file.endsWith(`/${MANIFEST}`) && !INSTALLED.test(file))
    .filter((file) => included.some((glob) => glob.test(file)) && !excluded.some((glob) => glob.test(file)))
    .map(folderOf)
}

const INSTALLED = /(?:^|\/)node_modules\//

async function pnpmGlobs(tree: Tree): Promise<readonly string[]> {
  if (!tree.files.includes(PNPM_WORKSPACES)) return []
  const text = await tree.read(PNPM_WORKSPACES)
  const { value, problems } = readYaml(text)
  const [problem] = problems
  if (problem === undefined) return textsOf(recordOf(value).packages)
  throw new Fault("configuration", {
    what: problem.message,
    where: `${PNPM_WORKSPACES}:${lineColumn(text, problem.offset)}`,
    fix: `correct ${PNPM_WORKSPACES}`,
  })
}

/** Package managers look for the manifest behind the pattern, by which `packages/**` includes `packages`. */
function manifestMatcher(glob: string): RegExp {
  return globPattern(`${normalizeFolder(glob)}/${MANIFEST}`, "$")
}

async function readWorkspace(tree: Tree, path: string): Promise<Part> {
  const file = `${path}/${MANIFEST}`
  if (tree.files.includes(file)) return { path, manifest: await readManifest(tree, file) }
  const known = tree.files.filter((file) => file.endsWith(`/${MANIFEST}`)).map(folderOf)
  const near = suggest(path, known)
  throw new Fault("configuration", {
    what: `workspaces names the folder "${path}", which has no package.json${near === null ? "" : `; did you mean "${near}"?`}`,
    where: "slipway.yaml",
    fix: "correct `workspaces` in slipway.yaml, or leave it out to have workspaces detected",
  })
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf("/")))
}

/** The last part of a path; of a package's name, the name without its scope. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1)
}

/** Names by folder: the folder's own name where only one has it, else its whole path with dashes. */
function uniqueNames(rootName: string, folders: readonly string[]): ReadonlyMap<string, string> {
  const short = [rootName, ...folders.map(baseName)]
  const taken = new Set([rootName])
  const names = new Map<string, string>()
  for (const path of folders) {
    const alone = short.filter((name) => name === baseName(path)).length === 1
    const wanted = alone ? baseName(path) : path.replaceAll("/", "-")
    let name = wanted
    for (let count = 2; taken.has(name); count++) name = `${wanted}-${count}`
    taken.add(name)
    names.set(path, name)
  }
  return names
}

async function workspace(
  tree: Tree,
  part: Part,
  name: string,
  packages: readonly Part[],
): Promise<Workspace> {
  const { path, manifest } = part
  const dockerfile = dockerfileOf(tree, path, name)
  const atHome = path === "" || dockerfile === null
  return {
    name,
    packageName: manifest.name || baseName(path) || name,
    path,
    scripts: manifest.scripts,
    dependencies: manifest.dependencies,
    needs: needsOf(part, packages),
    dockerfile,
    context: atHome ? path : buildContext(tree.files, path, dockerfile, await tree.read(dockerfile)),
  }
}

/** The folders of the workspaces that a package needs, through any number of others. */
function needsOf(part: Part, packages: readonly Part[]): readonly string[] {
  const byName = new Map(packages.map((other) => [other.manifest.name || baseName(other.path), other]))
  const needed = new Set<Part>()
  const visit = ({ manifest }: Part) => {
    for (const dependency of manifest.dependencies) {
      const next = byName.get(dependency)
      if (next === undefined || needed.has(next)) continue
      needed.add(next)
      visit(next)
    }
  }
  visit(part)
  needed.delete(part)
  return [...needed].map(({ path }) => path).sort()
}

// --- Node.js version ---

/** The current long-term support release first, then what is supported longest; odd ones last. */
const PREFERRED_NODE = [22, 24, 20, 18, 26, 25, 23, 21, 19]

/** What nvm calls versions by, https://github.com/nvm-sh/nvm#usage; code names by https://github.com/nodejs/Release. */
const NODE_ALIASES: Readonly<Record<string, string>> = {
  "lts/hydrogen": "18",
  "lts/iron": "20",
  "lts/jod": "22",
  "lts/krypton": "24",
  "lts/*": "*",
  lts: "*",
  node: "*",
  stable: "*",
  latest: "*",
  current: "*",
  system: "*",
}

/**
 * The major version of Node.js to use for what `.nvmrc`, `.node-version` or `engines.node` say: a version, a
 * range as npm reads it, or an alias of nvm's. Of several that fit, the current long-term support release.
 * Null where none that Slipway has fits, or the text is no version.
 */
export function nodeMajor(wanted: string): string | null {
  const text = wanted.trim()
  const range = NODE_ALIASES[text.toLowerCase()] ?? text
  const alternatives = range.split("||").map(toComparators)
  const major = PREFERRED_NODE.find((major) => alternatives.some((all) => all.every((fits) => fits(major))))
  return major === undefined ? null : String(major)
}

type Comparator = (major: number) => boolean

/** A bound with a minor version cuts its major off: the newest of that major, which is what runs, lies above. */
const COMPARATORS: Readonly<Record<string, (bound: number, hasMinor: boolean) => Comparator>> = {
  "": (bound) => (major) => major === bound,
  "=": (bound) => (major) => major === bound,
  "^": (bound) => (major) => major === bound,
  "~": (bound) => (major) => major === bound,
  ">=": (bound) => (major) => major >= bound,
  ">": (bound, hasMinor) => (major) => (hasMinor ? major >= bound : major > bound),
  "<": (bound) => (major) => major < bound,
  "<=": (bound, hasMinor) => (major) => (hasMinor ? major < bound : major <= bound),
}
const COMPARATOR = /^([<>]=?|[=^~]?)v?(\d+)(\.\d+)?[\w.+-]*$/

function toComparators(range: string): readonly Comparator[] {
  const parts = range
    .trim()
    .replace(/^(\S+)\s+-\s+(\S+)$/, ">=$1 <=$2")
    .replace(/~>/g, "~")
    .replace(/([<>=^~])\s+/g, "$1")
    .split(/\s+/)
  return parts.map((part) => {
    if (/^(?:[*xX](?:\.[*xX])*)?$/.test(part)) return () => true
    const [, operator = "", major, minor] = COMPARATOR.exec(part) ?? []
    return major === undefined
      ? () => false
      : (COMPARATORS[operator]?.(Number(major), minor !== undefined) ?? (() => false))
  })
}

async function nodeOf(tree: Tree, manifest: Manifest): Promise<string> {
  const file = [".nvmrc", ".node-version"].find((name) => tree.files.includes(name))
  const text = file === undefined ? manifest.node : withoutComments(await tree.read(file))
  const major = nodeMajor(text)
  if (major !== null) return major
  const range = `${NODE_MAJORS[0]} to ${NODE_MAJORS.at(-1)}`
  throw new Fault("configuration", {
    what: `${file === undefined ? "engines.node" : "it"} asks for Node.js "${text}", which is none of the versions that Slipway has: ${range}`,
    where: file ?? MANIFEST,
    fix: `set \`node\` in slipway.yaml to the version to use instead, from ${range}`,
  })
}

function withoutComments(text: string): string {
  return text.replace(/#.*$/gm, "").trim()
}

// --- Dockerfiles ---

function dockerfileOf(tree: Tree, path: string, name: string): string | null {
  const inFolder = path === "" ? "Dockerfile" : `${path}/Dockerfile`
  const places = [inFolder, `docker/Dockerfile.${name}`, `Dockerfile.${name}`]
  return places.find((file) => tree.files.includes(file)) ?? null
}

/**
 * The folder that a workspace's Dockerfile is to be built in: its own or the project's, whichever has more of
 * the files that the Dockerfile copies. Where both have as many, the one that the Dockerfile lies in.
 */
export function buildContext(
  files: readonly string[],
  folder: string,
  dockerfile: string,
  text: string,
): string {
  const sources = copySources(text)
  const present = (context: string) => sources.filter((source) => has(files, context, source)).length
  const lead = present(`${folder}/`) - present("")
  return lead > 0 || (lead === 0 && dockerfile.startsWith(`${folder}/`)) ? folder : ""
}

function has(files: readonly string[], context: string, source: string): boolean {
  const pattern = globPattern(source, "(?:/|$)")
  return files.some((file) => file.startsWith(context) && pattern.test(file.slice(context.length)))
}

/**
 * What a Dockerfile copies from its build context, as relative patterns. Left out is what says nothing about
 * the context: all of it (`.`), other stages, addresses, here-documents, and what build arguments name.
 *
 * @see https://docs.docker.com/reference/dockerfile/#copy
 */
export function copySources(dockerfile: string): readonly string[] {
  return dockerfile
    .replace(/\r\n/g, "\n")
    .replace(/(?<!<)<<-?(["']?)(\w+)\1([^\n]*)\n(?:[\s\S]*?\n)??[ \t]*\2(?=\n|$)/g, "<<$3")
    .replace(/^[ \t]*#.*\n?/gm, "")
    .replace(/\\[ \t]*\n/g, " ")
    .split("\n")
    .map((line) => COPY.exec(line)?.groups ?? {})
    .filter(({ flags = "" }) => !flags.includes("--from="))
    .flatMap(({ paths = "" }) => words(paths).slice(0, -1))
    .filter((source) => !/\$|<<|^[a-z]+:\/\/|^git@/.test(source))
    .map(normalizeFolder)
    .filter((source) => source !== "" && !source.startsWith(".."))
}

const COPY = /^\s*(?:COPY|ADD)\s+(?<flags>(?:--\S+\s+)*)(?<paths>.*\S)/i

/** Arguments in the one form or the other: `a b` or `["a", "b"]`. */
function words(text: string): readonly string[] {
  try {
    return textsOf(JSON.parse(text))
  } catch {
    return text.split(/\s+/)
  }
}

// --- Patterns ---

const GLOB_TOKEN = /\*\*\/|\*\*|\*|\?|\[[^\]]+\]|\{[^{}]*\}|./gs
const GLOB_SOURCES: Readonly<Record<string, string>> = {
  "**/": "(?:(?!\\.)[^/]+/)*",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
}

/** Matches what `glob` with `after` behind it matches; nothing where the glob makes no sense. */
function globPattern(glob: string, after: string): RegExp {
  try {
    return new RegExp(`^${globSource(glob)}${after}`)
  } catch {
    return /(?!)/
  }
}

/** The source of a regular expression for a glob: `*`, `**`, `?`, `[…]` and `{…}`. */
function globSource(glob: string): string {
  return (glob.match(GLOB_TOKEN) ?? []).map(globToken).join("")
}

function globToken(token: string): string {
  if (token.length > 2 && token.startsWith("{"))
    return `(?:${token.slice(1, -1).split(",").map(globSource).join("|")})`
  if (token.length > 2 && token.startsWith("["))
    return `[${token
      .slice(1, -1)
      .replace(/^!/, "^")
      .replace(/[\\\]]/g, "\\$&")}]`
  return GLOB_SOURCES[token] ?? token.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")
}
