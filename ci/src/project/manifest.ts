import semver from "semver"
import { jsonErrorOffset, lineColumn } from "../config/yaml-position.js"
import { isRecord, recordOf, recordsOf, textsOf } from "../formats/json.js"
import { Fault } from "../run/fault.js"
import type { Tree } from "./project.js"

/** The file that describes a package of npm. */
export const MANIFEST = "package.json"

/** The parts of a package.json that detection uses. */
export interface Manifest {
  readonly name: string
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: readonly string[]
  /** Names of those that come with it to the packages that use it: of a published one, neither dev nor peer ones. */
  readonly brings: readonly string[]
  readonly workspaces: readonly string[]
  /** Texts in which it may name files of the repository: versions and patches. */
  readonly local: readonly string[]
  /** Its programs, as paths from its folder: `./bin/cli.js`. */
  readonly programs: readonly string[]
  /** What `packageManager`, `devEngines` and `volta` say of package managers, the first before the others. */
  readonly managers: readonly Named[]
  /** Ranges of versions, by what they are of: `node`, `pnpm`. */
  readonly engines: Readonly<Record<string, string>>
  /** What it says of Node.js, by the key that says it; what counts most first. */
  readonly node: Readonly<Record<string, string>>
  /** The file that has its `volta` settings, relative to its folder, or null. */
  readonly volta: string | null
  /** The files that it says others use, relative to its folder: `exports`, `main`, `types`, `bin`; else `files`. */
  readonly entries: readonly string[]
}

/** A package: its folder, "" for the root, and its manifest. */
export interface Part {
  readonly path: string
  readonly manifest: Manifest
}

/** A package manager that a file names. */
export interface Named {
  readonly name: string
  /** A version or range; "" where the file names none. */
  readonly version: string
  /** The key that names it. */
  readonly source: string
}

/** Returns the text of a package.json without its scripts. */
export function manifestWithoutScripts(text: string): string {
  const { scripts: _, ...rest } = recordOf(JSON.parse(text.replace(/^\uFEFF/, "")))
  return `${JSON.stringify(rest, null, 2)}\n`
}

/** Reads the manifest of the root package; empty if it does not exist. */
export const rootManifest = async (tree: Tree): Promise<Manifest> =>
  tree.files.includes(MANIFEST) ? readManifest(tree, MANIFEST) : toManifest({})

/** Reads a package.json. @throws {Fault} `configuration` if it is not a JSON object. */
export async function readManifest(tree: Tree, path: string): Promise<Manifest> {
  const text = (await tree.read(path)).replace(/^\uFEFF/, "")
  const value = parseJson(text, path)
  if (isRecord(value)) return toManifest(value)
  throw new Fault("configuration", {
    what: "not a JSON object",
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
      what: `not valid JSON: unexpected ${found}`,
      where: `${path}:${lineColumn(text, offset)}`,
      fix: `correct ${path} at this place, or just before it`,
    })
  }
}

const DEPENDENCY_KINDS = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]

const BROUGHT_KINDS = ["dependencies", "optionalDependencies"]

const dependenciesIn = (
  json: Readonly<Record<string, unknown>>,
  kinds: readonly string[],
): readonly string[] => [...new Set(kinds.flatMap((kind) => Object.keys(recordOf(json[kind]))))].sort()

function toManifest(json: Readonly<Record<string, unknown>>): Manifest {
  const { workspaces } = json
  return {
    name: textOf(json.name),
    scripts: Object.fromEntries(textEntries(json.scripts)),
    dependencies: dependenciesIn(json, DEPENDENCY_KINDS),
    brings: dependenciesIn(json, json.private === true ? DEPENDENCY_KINDS : BROUGHT_KINDS),
    workspaces: textsOf(Array.isArray(workspaces) ? workspaces : recordOf(workspaces).packages),
    local: LOCAL_KEYS.flatMap((key) => textsWithin(json[key])),
    programs: textsWithin(json.bin).map((path) => `./${path}`),
    managers: managersIn(json),
    engines: Object.fromEntries(textEntries(json.engines)),
    node: nodeIn(json),
    volta: textOf(recordOf(json.volta).extends) || null,
    entries: entriesOf(json),
  }
}

/** Keys that name versions and patches, at any depth. */
const LOCAL_KEYS = [...DEPENDENCY_KINDS, "resolutions", "overrides", "pnpm", "patchedDependencies"]

const ENTRIES = ["exports", "main", "module", "types", "typings", "bin"]

/** @see https://nodejs.org/api/packages.html#package-entry-points */
function entriesOf(json: Readonly<Record<string, unknown>>): readonly string[] {
  const entries = ENTRIES.flatMap((key) => textsWithin(json[key]))
  return [...new Set(entries.length > 0 ? entries : textsOf(json.files))]
}

/** Every text in a value of any depth. */
export function textsWithin(value: unknown): readonly string[] {
  if (isText(value)) return [value]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsWithin) : []
}

const accepts = (range: string, version: string): boolean =>
  semver.valid(version) === null || semver.validRange(range) === null || semver.satisfies(version, range)

/** @see https://docs.npmjs.com/cli/configuring-npm/package-json#devengines */
function managersIn(json: Readonly<Record<string, unknown>>): readonly Named[] {
  const [, name, version = ""] = /^([^@]+)(?:@([^+]*))?/.exec(textOf(json.packageManager)) ?? []
  const { packageManager } = recordOf(json.devEngines)
  const engines = Array.isArray(packageManager) ? recordsOf(packageManager) : [recordOf(packageManager)]
  const exact = name === undefined ? [] : [{ name, version, source: "packageManager" }]
  const ranges = engines.flatMap((one) =>
    isText(one.name) ? [{ name: one.name, version: textOf(one.version), source: "devEngines" }] : [],
  )
  // Where they disagree, devEngines decide: https://pnpm.io/package_json#devenginespackagemanager
  const overruled = ranges.some((one) => one.name === name && !accepts(one.version, version))
  return [
    ...(overruled ? [...ranges, ...exact] : [...exact, ...ranges]),
    ...textEntries(json.volta).map(([tool, number]) => ({ name: tool, version: number, source: "volta" })),
  ]
}

/** @see https://docs.volta.sh, https://docs.npmjs.com/cli/configuring-npm/package-json#devengines, https://pnpm.io/9.x/package_json */
function nodeIn(json: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const { runtime } = recordOf(json.devEngines)
  const runtimes = Array.isArray(runtime) ? recordsOf(runtime) : [recordOf(runtime)]
  const texts = textEntries({
    "volta.node": recordOf(json.volta).node,
    "devEngines.runtime": runtimes.find(({ name }) => name === "node")?.version,
    "pnpm.executionEnv": recordOf(recordOf(json.pnpm).executionEnv).nodeVersion,
    "engines.node": recordOf(json.engines).node,
  })
  return Object.fromEntries(texts.filter(([, text]) => text.trim() !== ""))
}

function isText(value: unknown): value is string {
  return typeof value === "string"
}

function textOf(value: unknown): string {
  return isText(value) ? value : ""
}

function textEntries(value: unknown): readonly (readonly [string, string])[] {
  return Object.entries(recordOf(value)).flatMap(([key, text]) =>
    isText(text) ? [[key, text] as const] : [],
  )
}

/** Paths of installed packages: not the team's own code. */
export const INSTALLED = /(?:^|\/)node_modules\//

/** Matches files in folders whose names a generator fills: `{{cookiecutter.name}}/`, `{% if docs %}docs{% endif %}/`. */
export const TEMPLATE = /(?:^|\/)[^/]*\{[{%][^/]*\//

/** Returns the folder of a file. */
export function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf("/")))
}

/** Returns a folder and those around it, up to the repository's. */
export const upwards = (folder: string): readonly string[] =>
  folder === "" ? [""] : [folder, ...upwards(folderOf(folder))]
