import semver from "semver"
import { parseJson, recordOf } from "../formats/json.js"
import { escapeRegExp } from "../formats/pattern.js"
import { MANIFEST } from "./manifest.js"
import { joinPath } from "./paths.js"
import type { ManagerName, Project, Tree } from "./project.js"

/** Lock files by package manager, in order of preference: npm last, whose file is left behind by a stray `npm install`. */
const LOCK_FILES: Readonly<Record<ManagerName, readonly string[]>> = {
  pnpm: ["pnpm-lock.yaml"],
  bun: ["bun.lock", "bun.lockb"],
  yarn: ["yarn.lock"],
  npm: ["npm-shrinkwrap.json", "package-lock.json"],
}
const NAMES = ["pnpm", "bun", "yarn", "npm"] as const satisfies readonly ManagerName[]

/** Returns the lock file that a package manager reads, or null. */
export const lockFileOf = (tree: Pick<Tree, "files">, name: ManagerName): string | null =>
  LOCK_FILES[name].find((file) => tree.files.includes(file)) ?? null

/** Returns the lock files of other package managers in a project's folder, which its own does not read. */
export const otherLockFiles = ({
  path,
  files,
  packageManager,
}: Pick<Project, "path" | "files" | "packageManager">): readonly string[] =>
  NAMES.filter((name) => name !== packageManager.name)
    .flatMap((name) => LOCK_FILES[name])
    .filter((file) => files.includes(joinPath(path, file)))

type Ranges = Readonly<Record<string, string>>

/**
 * Returns the package manager of a project's lock file, or null. Of several lock files, the one that has package.json's
 * dependencies counts: the others were left behind.
 */
export async function lockedManager(tree: Tree): Promise<ManagerName | null> {
  const locked = NAMES.flatMap((name) => {
    const file = lockFileOf(tree, name)
    return file === null ? [] : [{ name, file }]
  })
  const [first, ...others] = locked
  if (first === undefined || others.length === 0) return first?.name ?? null
  const ranges = await rangesOf(tree)
  for (const { name, file } of locked) if (HAS[name](await tree.read(file), ranges)) return name
  return first.name
}

/** The dependencies of the root's package.json that come from a registry. */
async function rangesOf(tree: Tree): Promise<Ranges> {
  const manifest = recordOf(parseJson(await tree.read(MANIFEST)))
  const all = Object.entries({ ...recordOf(manifest.devDependencies), ...recordOf(manifest.dependencies) })
  return Object.fromEntries(
    all.flatMap(([name, range]) =>
      typeof range === "string" && semver.validRange(range) !== null ? [[name, range]] : [],
    ),
  )
}

const everyRange = (ranges: Ranges, fits: (name: string, range: string) => boolean): boolean =>
  Object.entries(ranges).every(([name, range]) => fits(name, range))

/** Tells whether a lock file has all dependencies of package.json, in the ranges that it wants. */
const HAS: Readonly<Record<ManagerName, (text: string, ranges: Ranges) => boolean>> = {
  pnpm: (text, ranges) =>
    everyRange(ranges, (name, range) =>
      new RegExp(
        `^\\s+['"]?${escapeRegExp(name)}['"]?:\\s*(?:\\n\\s+specifier: )?['"]?${escapeRegExp(range)}['"]?\\s*$`,
        "m",
      ).test(text),
    ),
  // The binary format cannot be read.
  bun: (text, ranges) =>
    !text.trimStart().startsWith("{") ||
    everyRange(ranges, (name, range) => text.includes(`${JSON.stringify(name)}: ${JSON.stringify(range)}`)),
  yarn: (text, ranges) =>
    everyRange(ranges, (name, range) =>
      [`${name}@${range}`, `${name}@npm:${range}`].some((one) => text.includes(one)),
    ),
  npm: (text, ranges) => {
    const lock = recordOf(parseJson(text))
    const root = recordOf(recordOf(lock.packages)[""])
    const wanted = { ...recordOf(root.devDependencies), ...recordOf(root.dependencies) }
    const installed = recordOf(lock.dependencies)
    return everyRange(ranges, (name, range) => {
      if (lock.packages !== undefined) return wanted[name] === range
      const { version } = recordOf(installed[name])
      return typeof version === "string" && semver.satisfies(version, range, { includePrerelease: true })
    })
  },
}
