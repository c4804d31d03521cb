import semver from "semver"
import type { Change } from "./commits.js"

/** Types of commits that make a release, and how they count. */
const BUMPS: Readonly<Record<string, "minor" | "patch">> = {
  feat: "minor",
  fix: "patch",
  perf: "patch",
  revert: "patch",
}

/** The part of a version that a release raises: https://semver.org */
export type Bump = "major" | "minor" | "patch"

/** Returns how commits change a version; null where none of them makes a release. */
export function bumpOf(changes: readonly Change[]): Bump | null {
  if (changes.some(({ breaks }) => breaks !== null)) return "major"
  const bumps = changes.map(({ type }) => BUMPS[type ?? ""])
  if (bumps.includes("minor")) return "minor"
  return bumps.includes("patch") ? "patch" : null
}

/** What is known before a release. */
export interface Before {
  /** The versions of all tags. */
  readonly tagged: readonly string[]
  /** The highest version among the tags in the commit's history, without pre-releases; null without such a tag. */
  readonly last: string | null
  /** The version in package.json, for the first release; null without one. */
  readonly manifest: string | null
}

/** The first version where nothing names one. */
const FIRST = "0.1.0"

/**
 * Returns the next version.
 *
 * @param pre the name of a pre-release, such as `rc`; null for a full one.
 */
export function nextVersion({ tagged, last, manifest }: Before, bump: Bump, pre: string | null): string {
  const full = last === null ? (semver.valid(manifest) ?? FIRST) : bumped(last, bump)
  if (pre === null) return full
  const others = tagged.filter((one) => {
    const parts = semver.parse(one)
    return (
      parts !== null && `${parts.major}.${parts.minor}.${parts.patch}` === full && parts.prerelease[0] === pre
    )
  })
  const highest = semver.rsort([...others])[0]
  return highest === undefined ? `${full}-${pre}.1` : (semver.inc(highest, "prerelease", pre) ?? full)
}

/** Before 1.0.0, what breaks raises the minor version: https://semver.org/#spec-item-4 leaves that open. */
function bumped(last: string, bump: Bump): string {
  const early = semver.major(last) === 0 && bump === "major"
  return semver.inc(last, early ? "minor" : bump) ?? last
}

/** Returns why a version cannot be released; null where it can. */
export function whyNot(version: string, { tagged, last }: Before): string | null {
  if (semver.valid(version) === null) return `${version} is not a semantic version`
  if (tagged.some((one) => semver.eq(one, version))) return `${version} is released already`
  return last !== null && semver.lte(version, last) ? `${version} goes back: ${last} is released` : null
}
