import { execFileSync } from "node:child_process"
import * as path from "node:path"
import semver from "semver"
import { parseJson, textsOf } from "../ci/src/formats/json.js"
import { shippedWith } from "./node-release.js"

/** A release of Node.js as npm packages, fetched to this host. */
export interface NodeArchives {
  readonly version: string
  readonly node: string
  /** What it ships, by the folder's name below `node_modules`. */
  readonly shipped: Readonly<Record<string, Archive>>
}

interface Archive {
  readonly archive: string
  /** Files of the package by the name that they are called by. */
  readonly programs: Readonly<Record<string, string>>
}

/** The programs of what Node.js ships, and the first version of Yarn's line that it has. */
const PROGRAMS: Readonly<Record<string, Archive["programs"]>> = {
  npm: { npm: "bin/npm-cli.js", npx: "bin/npx-cli.js" },
  corepack: { corepack: "dist/corepack.js" },
  yarn: { yarn: "bin/yarn.js", yarnpkg: "bin/yarn.js" },
}

const YARN = "1.22.22"

/**
 * Fetches a release of Node.js and what it ships, with the host's npm, and so from the host's registry.
 *
 * @param wanted a version, or the beginning of one: `22`, `22.11`; or `latest`.
 */
export function nodeArchives(wanted: string, work: string): NodeArchives {
  const [node = ""] = pack([`node-linux-${process.arch}@${wanted}`], work)
  const version = /-(\d+\.\d+\.\d+)\.tgz$/.exec(node)?.[1] ?? wanted
  const changelog = execFileSync("tar", ["-xzOf", node, "package/CHANGELOG.md"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  })
  const ships = shippedWith(version, changelog)
  if (ships === null) throw new Error(`the npm of Node.js ${version} is unknown: its changelog names none`)
  const { corepack, yarn } = ships
  const wantedPackages = {
    npm: ships.npm,
    ...(corepack ? { corepack: nearest(corepack, versionsOf("corepack")) } : {}),
    ...(yarn ? { yarn: YARN } : {}),
  }
  const names = Object.keys(wantedPackages)
  const archives = pack(
    Object.entries(wantedPackages).map(([name, one]) => `${name}@${one}`),
    work,
  )
  const shipped = names.map(
    (name, index) => [name, { archive: archives[index] ?? "", programs: PROGRAMS[name] ?? {} }] as const,
  )
  return { version, node, shipped: Object.fromEntries(shipped) }
}

/** Returns a version if npm has it, else the newest before it, else the first: some releases of Corepack were never published. */
export const nearest = (version: string, versions: readonly string[]): string =>
  versions.includes(version)
    ? version
    : (semver.maxSatisfying([...versions], `<${version}`) ?? semver.sort([...versions])[0] ?? version)

/** Fetches npm packages: files of this host in the order of their names, which are as a recipe has them. */
export function npmArchives(names: readonly string[], work: string): readonly string[] {
  return names.length === 0
    ? []
    : pack(
        names.map((name) => exact(name.replace("{arch}", process.arch))),
        work,
      )
}

/** Finds the highest version that begins as a recipe says: `name@17.*`. Ranges of npm leave previews out. */
function exact(specification: string): string {
  const [, name = "", beginning] = /^(.+)@([\d.]+\.)\*$/.exec(specification) ?? []
  if (beginning === undefined) return specification
  const versions = versionsOf(name).filter((version) => version.startsWith(beginning))
  const highest = semver.rsort([...versions])[0]
  if (highest === undefined) throw new Error(`npm has no version ${beginning}* of ${name}`)
  return `${name}@${highest}`
}

const versionsOf = (name: string): readonly string[] =>
  textsOf(parseJson(npm("view", name, "versions", "--json")))

const NETWORK = "--fetch-timeout=60000"

/** Runs the host's npm, and returns its output. */
const npm = (...args: readonly string[]): string =>
  execFileSync("npm", [...args, NETWORK], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })

function pack(specifications: readonly string[], work: string): readonly string[] {
  const output = npm("pack", "--loglevel=error", "--pack-destination", work, ...specifications)
  const names = output.trim().split("\n").slice(-specifications.length)
  return names.map((name) => path.join(work, name))
}
