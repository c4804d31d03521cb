import { escapeGlob, filesBelow } from "../formats/glob.js"
import { anyOf } from "../formats/pattern.js"
import type { Applies, Stage } from "../run/stage.js"
import { isMereFanOut } from "./fan-out.js"
import { looseFiles } from "./loose-files.js"
import { baseName, joinPath } from "./paths.js"
import type { Project, Workspace } from "./project.js"
import { isPassedOver } from "./reach.js"
import { doesNothing } from "./scripts.js"

/** Files that an install reads, besides each package.json: of each package, and of the root alone. */
const OF_PACKAGES = [".npmrc", "pnpm-lock.yaml"]
const OF_ROOT = [
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-workspace.yaml",
  ".pnpmfile.*",
  "yarn.lock",
  ".yarnrc",
  ".yarnrc.yml",
  ".yarn/cache/**",
  ".yarn/releases/**",
  ".yarn/patches/**",
  ".yarn/plugins/**",
  "yarn.config.cjs",
  "bun.lock",
  "bun.lockb",
  "bunfig.toml",
  "patches/**",
]

/** Returns all packages of a project, the root first. */
export const packagesOf = ({
  root,
  workspaces,
}: Pick<Project, "root" | "workspaces">): readonly Workspace[] => [root, ...workspaces]

/** Patterns of the files that say which dependencies a project has. */
export const manifests = (project: Project): readonly string[] => [
  ...OF_ROOT.map((file) => joinPath(escapeGlob(project.path), file)),
  ...packagesOf(project).flatMap(({ path }) =>
    ["package.json", ...OF_PACKAGES].map((file) => joinPath(escapeGlob(path), file)),
  ),
  ...project.installs,
]

/** True if it has a package.json: a project of custom stages may have none. */
export const hasManifest = (project: Project): boolean => project.language === "node"

/** Returns the project that a package belongs to: of several in a repository, the one whose dependencies it uses. */
export const ownerOf = (project: Project, { path }: Workspace): Project =>
  project.parts.find((part) => packagesOf(part).some((one) => one.path === path)) ?? project

/** Returns the script of a package for a kind of work, or null. One that only prints counts where there is no other. */
export function scriptFor(
  { scripts }: Workspace,
  named: string | null,
  candidates: readonly string[],
): string | null {
  const found = [...(named ? [named] : candidates)].filter((name) => name in scripts)
  return found.find((name) => !doesNothing(scripts, name)) ?? found[0] ?? null
}

/** The names of scripts to look for, first match first: the same in every package, or by package. */
export type Candidates = readonly string[] | ((workspace: Workspace) => readonly string[])

const namesFor = (candidates: Candidates, workspace: Workspace): readonly string[] =>
  typeof candidates === "function" ? candidates(workspace) : candidates

/** A package with the script of it that does a kind of work. */
export interface Scripted {
  readonly workspace: Workspace
  readonly script: string
}

/**
 * Returns the packages to run a kind of work in: each workspace with a script for it, so that a change runs only what it
 * touches, unless the team passes it over; and the root, where its script does more than to start those of the workspaces.
 */
export function packagesWith(
  project: Project,
  named: string | null,
  candidates: Candidates,
): readonly Scripted[] {
  const { root } = project
  const withScript = (workspace: Workspace): readonly Scripted[] => {
    const script = scriptFor(workspace, named, namesFor(candidates, workspace))
    return script === null ? [] : [{ workspace, script }]
  }
  const [atRoot = null] = withScript(root).map(({ script }) => script)
  const all = project.workspaces.flatMap(withScript)
  const own = all.filter(({ workspace, script }) => !isPassedOver(project, workspace, atRoot, script))
  const covered = own.map(({ workspace }) => workspace)
  const passed = all.filter((one) => !own.includes(one)).map(({ workspace }) => workspace)
  const workspaces = project.workspaces.filter((one) => !passed.includes(one))
  const isCovered = ({ script }: Scripted) =>
    own.length > 0 && !(script in project.tasks) && isMereFanOut(root, script, workspaces, covered)
  return [...own, ...withScript(root).filter((one) => !isCovered(one))]
}

/** Root files that no tool of a workspace reads: a change in them runs nothing again. */
const APART = anyOf([
  /\.md$/,
  /^LICEN[CS]E/,
  /^(?:dagger\.json|slipway\.yaml)$/,
  /^\.?[Dd]ocker/,
  /^compose.*\.ya?ml$/,
])

/** Patterns of every file that a workspace's own tools read: its folder, those of the workspaces it uses, and what no package holds. */
export function workspaceFiles(project: Project, workspace: Workspace): readonly string[] {
  if (workspace.path === "") return ["**"]
  const atRoot = workspace.path === project.path ? [] : project.rootFiles
  const shared = [...atRoot, ...project.shared].filter((file) => !APART.test(baseName(file)))
  return [
    ...shared.map(escapeGlob),
    ...[workspace.path, ...workspace.needs].map(filesBelow),
    ...workspace.reads.map(escapeGlob),
    ...(workspace.path === project.path ? [] : looseFiles(project)),
    ...manifests(project),
  ]
}

/** The name of a stage that works in one package. */
export const stageName = (group: string, workspace: Pick<Workspace, "label">): string =>
  workspace.label === "" ? group : `${group}:${workspace.label}`

/** A script of a package, as a stage. */
export interface ScriptStage {
  /** `lint` for a project of one package, `lint:backend` for a workspace. */
  readonly name: string
  readonly workspace: Workspace
  readonly script: string
  /** Where the script was found, for `plan`. */
  readonly because: string
  readonly include: readonly string[]
}

/**
 * Returns the stages for a script of package.json: one for each workspace that has it.
 *
 * @param group what their names begin with.
 * @param named the script that slipway.yaml names, or null.
 * @param candidates the names to look for otherwise.
 */
export function scriptStages(
  project: Project,
  group: string,
  named: string | null,
  candidates: Candidates,
  make: (one: ScriptStage) => Stage | readonly Stage[],
): Applies {
  if (!hasManifest(project)) return { applies: false, reason: "no package.json" }
  const found = packagesWith(project, named, candidates)
  if (found.length === 0)
    return {
      applies: false,
      reason: `no package.json has a script ${(named ? [named] : namesFor(candidates, project.root)).join(" or ")}`,
    }
  const stages = found.flatMap(({ workspace, script }) =>
    make({
      name: stageName(group, workspace),
      workspace,
      script,
      because:
        (workspace === project.root ? project.tasks[script] : undefined) ??
        `the script ${script} in ${joinPath(workspace.path, "package.json")}`,
      include: workspaceFiles(project, workspace),
    }),
  )
  return { applies: true, stages }
}
