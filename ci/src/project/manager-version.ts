import semver from "semver"
import type { Named } from "./manifest.js"
import type { ManagerName, PackageManager, Tree } from "./project.js"

type Found = Pick<PackageManager, "tool" | "version" | "because">

/**
 * Returns the version of a package manager: the first that is named for it, within what its lock file's format allows; else
 * the major version that writes that format. A range is narrowed to one major version, so that a later one changes nothing.
 *
 * @param node the version of Node.js, which brings an npm.
 */
export async function versionFor(
  name: ManagerName,
  named: readonly Named[],
  tree: Tree,
  node: string,
): Promise<Found> {
  const numbered = named.map((one) => ({
    ...one,
    version: one.version === "latest" ? newest(name) : one.version,
  }))
  const wanted = numbered.find((one) => one.name === name && semver.validRange(one.version) && one.version)
  const exact = wanted && semver.clean(wanted.version, { loose: true })
  const toolFor = (version: string) => toolOf(name, version)
  if (wanted && exact) return { tool: toolFor(exact), version: exact, because: wanted.source }
  if (name === "npm") return shipped(wanted, node)
  const range = wanted?.version ?? "*"
  const format = await formatOf(name, tree)
  const major = format.majors.find((one) => semver.intersects(range, String(one)))
  const version = major === undefined ? range : narrowed(range, major)
  return { tool: toolFor(version), version, because: wanted?.source ?? format.because }
}

/** Every alternative of a range with a major version, in npm's notation. */
const narrowed = (range: string, major: number): string =>
  semver.subset(String(major), range)
    ? String(major)
    : range
        .split("||")
        .map((part) => part.trim())
        .filter((part) => semver.intersects(part, String(major)))
        .map((part) => (semver.subset(part, String(major)) ? part : `${part} ${major}`))
        .join(" || ")

const toolOf = (name: ManagerName, version: string): PackageManager["tool"] =>
  name === "yarn" && (semver.minVersion(version)?.major ?? 1) < 2 ? "yarn-1" : name

/** The npm that each Node.js brings, by major versions. @see https://nodejs.org/dist/index.json */
const SHIPPED: Readonly<Record<string, number>> = {
  "18": 10,
  "19": 9,
  "20": 10,
  "21": 10,
  "22": 10,
  "23": 10,
}
const NEWER = 11

/**
 * A lock file may be refused by another npm than the one it was written with: mostly the one of Node.js. npm refuses to run
 * where `devEngines` name another version of it.
 */
function shipped(wanted: Named | undefined, node: string): Found {
  const major = SHIPPED[String(semver.coerce(node)?.major)] ?? NEWER
  const accepts = wanted?.source === "devEngines" ? semver.subset : semver.intersects
  const fits = wanted === undefined || accepts(String(major), wanted.version)
  return fits || wanted === undefined
    ? { tool: "npm", version: null, because: "comes with Node.js" }
    : { tool: "npm", version: wanted.version, because: wanted.source }
}

interface Format {
  /** Major versions that read it, the best first. */
  readonly majors: readonly number[]
  readonly because: string
}

/** Versions for a project that says nothing. Newer ones of pnpm refuse scripts of dependencies that older ones ran. */
const OTHERWISE: Readonly<Record<ManagerName, readonly number[]>> = {
  npm: [],
  pnpm: [10, 11, 9, 8, 7, 6],
  yarn: [1, 4, 3, 2],
  bun: [1],
}

const newest = (name: ManagerName): string => OTHERWISE[name].toSorted((a, b) => b - a).map(String)[0] ?? ""

/** By `lockfileVersion` of pnpm-lock.yaml, as it begins. */
const PNPM_FORMATS: Readonly<Record<string, readonly number[]>> = {
  "5": [7, 6],
  "6": [8],
  "9": [9, 10, 11],
}

/** A setting in pnpm-workspace.yaml that pnpm 9 does not read there: it came with 10, which writes the same format. */
const PNPM_10_SETTING = /^(?!packages:|catalogs?:)[a-zA-Z]\w*:/m

/** By `version` of yarn.lock's `__metadata`. */
const yarnMajors = (version: number): readonly number[] => {
  if (version >= 8) return [4]
  return version >= 5 ? [3] : [2, 3]
}

/** Settings that only modern Yarn has; with them, an empty lock file marks a separate project. */
const SETTINGS = ".yarnrc.yml"
const OF_SETTINGS: Format = { majors: [4, 3, 2], because: SETTINGS }

async function formatOf(name: ManagerName, tree: Tree): Promise<Format> {
  const otherwise = { majors: OTHERWISE[name], because: "no version is named" }
  const file = { pnpm: "pnpm-lock.yaml", yarn: "yarn.lock", npm: "", bun: "" }[name]
  if (!tree.files.includes(file)) {
    return name === "yarn" && tree.files.includes(SETTINGS) ? OF_SETTINGS : otherwise
  }
  const text = await tree.read(file)
  if (name === "yarn") {
    const [, version] = /^__metadata:\s+version: "?(\d+)/m.exec(text) ?? []
    if (text.trim() === "" && tree.files.includes(SETTINGS)) return OF_SETTINGS
    return { majors: version === undefined ? [1] : yarnMajors(Number(version)), because: file }
  }
  // Of two documents, the first is about pnpm itself.
  if ((text.match(/^---\s*$/gm)?.length ?? 0) > 1) return { majors: [11], because: file }
  const [, version = ""] = /^lockfileVersion:\s*['"]?(\d+)/m.exec(text) ?? []
  const majors = PNPM_FORMATS[version]
  if (majors === undefined) return otherwise
  const workspace = "pnpm-workspace.yaml"
  const modern = tree.files.includes(workspace) && PNPM_10_SETTING.test(await tree.read(workspace))
  return modern && majors.includes(10) ? { majors: [10, 11], because: workspace } : { majors, because: file }
}
