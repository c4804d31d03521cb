import semver from "semver"

/** What a release of Node.js ships beside itself. */
export interface Shipped {
  readonly npm: string
  /** Null for a release without it. */
  readonly corepack: string | null
  /** True where the official image has Yarn 1 as well. */
  readonly yarn: boolean
}

/** The npm of first releases whose changelog does not name it: the one of the release line before. */
const FIRST: Readonly<Record<number, string>> = { 14: "6.14.4", 19: "8.19.2", 26: "11.12.1" }

/**
 * Returns what a release of Node.js ships, by the changelog of its major version, which ends at that release. A lock
 * file of one npm may be refused by another.
 *
 * @returns null where the changelog does not say it.
 */
export function shippedWith(version: string, changelog: string): Shipped | null {
  const major = semver.major(version)
  const releases = changelog.split(/^(?=## \d{4}-\d\d-\d\d, Version )/m)
  const npm = newest(releases, "npm") ?? FIRST[major] ?? null
  // https://nodejs.org/en/blog: Corepack left with 25, https://github.com/nodejs/docker-node: Yarn with 26.
  return npm === null
    ? null
    : { npm, corepack: major < 25 ? newest(releases, "corepack") : null, yarn: major < 26 }
}

/** The highest version of a program in the newest release that names one and does not take it back. */
function newest(releases: readonly string[], program: string): string | null {
  for (const release of releases) {
    const named = [
      ...release.matchAll(
        new RegExp(`^.*up(?:grade|date)d? (?:to )?${program} (?:to )?v?(\\d+\\.\\d+\\.\\d+).*$`, "gim"),
      ),
    ]
    const reverted = new Set(named.filter(([line]) => /revert/i.test(line)).map(([, version]) => version))
    const kept = named.flatMap(([, version = ""]) => (reverted.has(version) ? [] : [version]))
    if (kept.length > 0) return semver.rsort(kept)[0] ?? null
  }
  return null
}
