import semver from "semver"
import type { FaultText } from "../run/fault.js"
import { NODE_MAJORS, NODE_VERSION } from "./config.js"
import type { NamedVersion } from "./declared/languages.js"
import type { Manifest } from "./manifest.js"
import { LTS_LINES, NEWEST_LTS } from "./node-releases.js"
import { type NodeSource, nodeSources } from "./node-sources.js"
import type { Tree } from "./project.js"

/** The release line that runs where a project is content with several: the one that is supported and known longest. */
const PREFERRED_NODE = [22, 24, 20, 18, 26, 25, 23, 21, 19, 16, 14, 17]

/** The last minor versions of release lines that have ended. */
const LAST_MINOR: Readonly<Record<number, number>> = {
  14: 21,
  16: 20,
  17: 9,
  18: 20,
  19: 9,
  20: 20,
  21: 7,
  23: 11,
  25: 9,
}

/** A project's Node.js, and what says so. */
export interface NodeChoice {
  /** A major version, or as much as is named: `22`, `20.11`, `20.11.1`. */
  readonly version: string
  /** The place that names it; null where nothing does. */
  readonly by: string | null
  /** Other places that want another, in words. */
  readonly disagreements: readonly string[]
  /** Why the named version cannot run; null where it can. */
  readonly fault: FaultText | null
}

const ANY: NodeChoice = { version: String(PREFERRED_NODE[0]), by: null, disagreements: [], fault: null }

const LOOSE = { loose: true, includePrerelease: true } as const

/**
 * Reads a version, a range as npm reads it, or an alias of a version manager.
 *
 * @see https://github.com/nvm-sh/nvm#usage, https://mise.jdx.dev/dev-tools/#version-selectors
 */
function rangeOf(wanted: string): string | null {
  const text = wanted
    .trim()
    .replace(/^(?:prefix|latest):/, "")
    .toLowerCase()
  const [, back] = /^lts\/-(\d+)$/.exec(text) ?? []
  if (back !== undefined) return semver.validRange(String(NEWEST_LTS - 2 * Number(back)))
  const name = text.replace(/^lts[/-]/, "")
  const line = Object.entries(LTS_LINES).find(([one]) => one === name)?.[1]
  return semver.validRange(String(line ?? ALIASES[text] ?? text), LOOSE)
}

const NEWEST = NODE_MAJORS.at(-1) ?? ""
const ALIASES: Readonly<Record<string, string>> = {
  "lts/*": String(NEWEST_LTS),
  lts: String(NEWEST_LTS),
  node: NEWEST,
  stable: NEWEST,
  latest: NEWEST,
  current: NEWEST,
}

/** A place that says this leaves the choice to the machine. */
const MACHINE = /^(?:system|default|path:.*|ref:.*)$/

/**
 * Returns the version to run for what a project writes: as exact as it is written. Of a range, the newest of a release
 * line, and of several lines the preferred one. Null if Slipway has none that matches, or the text is not a version.
 */
export function nodeVersion(wanted: string): string | null {
  const range = rangeOf(wanted)
  if (range === null) return null
  const [, major = "", rest = ""] = /^[v=\s]*(\d+)(\.\d+(?:\.\d+)?)(?:\.[x*])?$/.exec(wanted.trim()) ?? []
  if (major !== "") return NODE_VERSION.test(major + rest) ? major + rest : null
  const newest = PREFERRED_NODE.find((one) => semver.satisfies(`${one}.999.999`, range))
  return newest === undefined ? olderVersion(range) : String(newest)
}

/** Returns the newest minor version, else the newest version, of a range that ends within a release line. */
function olderVersion(range: string): string | null {
  const down = (from: number) => Array.from({ length: from + 1 }, (_, index) => from - index)
  for (const major of PREFERRED_NODE) {
    if (!semver.intersects(`>=${major}.0.0-0 <${major + 1}.0.0-0`, range, LOOSE)) continue
    const minors = down(LAST_MINOR[major] ?? 40).map((minor) => `${major}.${minor}`)
    const minor = minors.find((one) => semver.satisfies(`${one}.999`, range))
    if (minor !== undefined) return minor
    const exact = minors.flatMap((one) => down(30).map((patch) => `${one}.${patch}`))
    return exact.find((one) => semver.satisfies(one, range, LOOSE)) ?? String(major)
  }
  return null
}

/**
 * Chooses a project's Node.js: the first place that names one counts; where that leaves several release lines open, the
 * first that names one of them. Places that want another version are told.
 *
 * @param named the version that slipway.yaml names.
 * @param folders the project's workspaces.
 * @param above the repository, of a project in a folder.
 * @param team what the team's CI runs on: it counts last.
 */
export async function nodeOf(
  tree: Tree,
  manifest: Manifest,
  folders: readonly string[],
  named: string | null,
  above: Tree | null = null,
  team: readonly NamedVersion[] = [],
): Promise<NodeChoice> {
  const own = (await nodeSources(tree, manifest, folders, above)).filter(
    ({ wanted }) => !MACHINE.test(wanted),
  )
  const teams = team.flatMap(ofTeam)
  const sources = [...own, ...teams]
  const choice = (version: string, by: string): NodeChoice => ({
    version,
    by,
    disagreements: against(version, sources),
    fault: null,
  })
  if (named !== null) return choice(named, "slipway.yaml")
  const first = leading(own.filter(isRead), teams, manifest.node["engines.node"])
  if (first === null) return { ...ANY, disagreements: against(ANY.version, sources) }
  const decisive = narrower(first, sources)
  const version = nodeVersion(decisive.wanted)
  return version === null ? { ...ANY, fault: unsupported(first) } : choice(version, decisive.place)
}

/** False for what `engines` say in a way that package managers pass over: `=>20`. */
const isRead = ({ place, wanted }: NodeSource): boolean =>
  !place.startsWith("engines.") || rangeOf(wanted) !== null

function unsupported({ place, file, wanted }: NodeSource): FaultText {
  const range = `${NODE_MAJORS[0]} to ${NEWEST}`
  const what = `Node.js "${wanted}" is not supported: Slipway has ${range}`
  return {
    what: place === file ? what : `${place}: ${what}`,
    where: file,
    fix: `set \`node\` in slipway.yaml to a version from ${range}`,
  }
}

/** What the team's CI runs on, as far as Slipway has it: its oldest release for what is older than that. */
function ofTeam({ file, wanted }: NamedVersion): readonly NodeSource[] {
  const named = wanted.split(" || ")
  const versions = named.flatMap((one) => nodeVersion(one) ?? [])
  const source = { place: file, file }
  if (versions.length > 0) return [{ ...source, wanted: [...new Set(versions)].join(" || ") }]
  const [oldest = ""] = NODE_MAJORS
  const isOlder = (one: string) => (semver.coerce(one)?.major ?? Number.POSITIVE_INFINITY) < Number(oldest)
  return named.every(isOlder)
    ? [
        { ...source, wanted: oldest },
        { ...source, wanted },
      ]
    : []
}

/** Returns what a place names of a range; of a list, those of its versions that are in it. Null for nothing. */
function within(range: string, { wanted, ...place }: NodeSource): NodeSource | null {
  const parts = wanted.split(" || ").filter((part) => {
    // A major version alone stands for its newest release.
    if (/^\d+$/.test(part)) return semver.satisfies(`${part}.999.999`, range, LOOSE)
    const one = rangeOf(part)
    return one !== null && semver.subset(one, range, LOOSE)
  })
  return parts.length === 0 ? null : { ...place, wanted: parts.join(" || ") }
}

/**
 * Returns the place that counts most. It is the first one, unless package.json's `engines` refuse its version, and the
 * team's CI runs on another that they accept.
 */
function leading(
  own: readonly NodeSource[],
  team: readonly NodeSource[],
  engines: string | undefined,
): NodeSource | null {
  const [first = null] = own
  if (first === null) return team[0] ?? null
  const version = nodeVersion(first.wanted)
  const accepted = engines === undefined ? null : rangeOf(engines)
  if (version === null || accepted === null || semver.intersects(version, accepted, LOOSE)) return first
  return team.flatMap((one) => within(accepted, one) ?? [])[0] ?? first
}

/**
 * Returns the first place that names one release line, where the very first is content with several and with that one;
 * else the first that lists some of them, as a matrix does.
 */
function narrower(first: NodeSource, sources: readonly NodeSource[]): NodeSource {
  const range = rangeOf(first.wanted)
  if (range === null || isOneLine(range)) return first
  const inside = sources.filter((one) => one !== first).flatMap((one) => within(range, one) ?? [])
  const line = inside.find(({ wanted }) => isOneLine(rangeOf(wanted) ?? "*"))
  return line ?? inside.find(({ wanted }) => wanted.includes(" || ")) ?? first
}

function isOneLine(range: string): boolean {
  const major = semver.minVersion(range, LOOSE)?.major ?? 0
  return semver.subset(range, `>=${major}.0.0-0 <${major + 1}.0.0-0`, LOOSE)
}

/** Places that a version does not satisfy, in words. */
function against(version: string, sources: readonly NodeSource[]): readonly string[] {
  return sources.flatMap(({ place, wanted }) => {
    const range = rangeOf(wanted)
    if (range === null) return [`${place} says "${wanted}", which is not a version`]
    return semver.intersects(semver.validRange(version) ?? version, range, LOOSE)
      ? []
      : [`${place} wants ${wanted}`]
  })
}

/**
 * Returns the tag of the official image, with git and a compiler: the machines of CI vendors have them as well, and
 * tests and packages call them. Releases have tags of their own since before today's base was there.
 */
export const nodeTag = (version: string): string => (version.includes(".") ? version : `${version}-bookworm`)
