import type { Directory } from "@dagger.io/dagger"
import { readYaml } from "../../config/yaml-position.js"
import { type JsonRecord, recordOf } from "../../formats/json.js"

/** Of a project in a lock file: what it ships, and what only its development needs. */
const SHIPPED = ["dependencies", "optionalDependencies"] as const

/**
 * Returns the packages of a pnpm-lock.yaml that only development needs, as `lodash@4.17.15`. From version 9 on the
 * file does not say so: what ships is found from each project on, along what its packages depend on.
 *
 * @see https://github.com/pnpm/spec/blob/master/lockfile/9.0.md
 */
export function developmentOnly(text: string): ReadonlySet<string> {
  const { importers, packages, snapshots, ...root } = recordOf(readYaml(text).value)
  const known = recordOf(snapshots ?? packages)
  const projects = importers === undefined ? [root] : Object.values(recordOf(importers)).map(recordOf)
  const shipped = new Set<string>()
  const follow = (groups: JsonRecord): void => {
    for (const group of SHIPPED)
      for (const [name, value] of Object.entries(recordOf(groups[group]))) {
        const key = keyOf(name, versionOf(value), known)
        if (key === null || shipped.has(key)) continue
        shipped.add(key)
        follow(recordOf(known[key]))
      }
  }
  for (const project of projects) follow(project)
  const names = (keys: Iterable<string>) => new Set([...keys].map(plain))
  const live = names(shipped)
  return new Set([...names(Object.keys(known))].filter((name) => !live.has(name)))
}

const versionOf = (value: unknown): string =>
  String(typeof value === "string" ? value : recordOf(value).version)

/** Returns the key of a package: `name@version`, an alias's own name, or `/name@version` of older files. */
function keyOf(name: string, version: string, known: JsonRecord): string | null {
  const candidates = [`${name}@${version}`, version, `/${name}@${version}`, `/${name}/${version}`]
  return candidates.find((key) => key in known) ?? null
}

/** Without the peers that it was resolved with: `/a@1.0.0(b@2.0.0)` is `a@1.0.0`. */
const plain = (key: string): string =>
  key
    .replace(/^\//, "")
    .replace(/[(_].*$/, "")
    .replace(/^(.+[^@/])\/(\d[^/]*)$/, "$1@$2")

/** A line between two documents of YAML. */
const BETWEEN = /^---\s*$/

/**
 * Returns a pnpm-lock.yaml with its last document alone, every line at its number. Newer releases of pnpm write one about
 * themselves before that of the project, and many scanners read only the first: they find nothing, and say so.
 *
 * @see https://pnpm.io/lockfile
 */
export function projectAlone(text: string): string {
  const lines = text.split("\n")
  const start = lines.findLastIndex((line) => BETWEEN.test(line))
  return lines.map((line, at) => (at < start ? "" : line)).join("\n")
}

/**
 * A project's files with its lock files of pnpm as scanners can read them.
 *
 * @param files the paths of all of them.
 */
export async function withProjectsAlone(source: Directory, files: readonly string[]): Promise<Directory> {
  let made = source
  for (const file of files.filter(isPnpmLock)) {
    const text = await source.file(file).contents()
    const alone = projectAlone(text)
    if (alone !== text) made = made.withNewFile(file, alone)
  }
  return made
}

/** True for a lock file of pnpm. */
export const isPnpmLock = (file: string): boolean => /(?:^|\/)pnpm-lock\.yaml$/.test(file)
