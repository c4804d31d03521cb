/** Which packages are built, and which builds come before the tools of a package. */
import { settingsOf } from "../config/stage-settings.js"
import { rememberedOf } from "../formats/remembered.js"
import { BUILD } from "./build-order.js"
import { hasManifest, ownerOf, packagesWith, stageName } from "./packages.js"
import { joinPath } from "./paths.js"
import type { Project, Workspace } from "./project.js"

/** The build of a package, by a script of its package.json. */
export interface Build {
  /** The stage that runs it. */
  readonly stage: string
  readonly workspace: Workspace
  readonly script: string
  /** The environment that it is for, of those that slipway.yaml names; null for the build that other packages use. */
  readonly environment: string | null
}

/** A build that comes first, and why. */
export interface NeededBuild extends Build {
  readonly because: string
}

/** The builds of a project; none where slipway.yaml turns them off. */
export function buildsOf(project: Project): readonly Build[] {
  const { enabled, script } = settingsOf(project.config, BUILD)
  if (!enabled || !hasManifest(project)) return []
  return packagesWith(project, script, namesOfBuild).map((one) => ({
    ...one,
    stage: stageName(BUILD, one.workspace),
    environment: null,
  }))
}

/** Names of scripts that build a package whose entries are not in the repository, where it has no `build`. */
const COMPILES = ["compile", "transpile", "build:lib", "build:dist", "build:all", "build:ts", "build:js"]

const namesOfBuild = ({ scripts, order }: Workspace): readonly string[] =>
  BUILD in scripts || order.unmade === null ? [BUILD] : COMPILES

/** Returns one build for each environment in slipway.yaml: by the script `build:<environment>`, else by NODE_ENV. */
export const forEnvironments = ({ config }: Project, build: Build): readonly Build[] =>
  config.build.environments.map((environment) => {
    const own = `${build.script}:${environment}`
    const script = own in build.workspace.scripts ? own : build.script
    return { ...build, script, environment, stage: `${build.stage}[${environment}]` }
  })

/** The build of a package that is shipped: the one for production, where slipway.yaml names environments. */
export function shippedBuild(project: Project, build: Build): Build {
  const builds = forEnvironments(project, build)
  return builds.find(({ environment }) => environment?.startsWith("prod")) ?? builds.at(-1) ?? build
}

/**
 * The builds whose files are there when a package's tools run, in their order: those of the packages that it needs,
 * where the team's task runner, TypeScript's references or the packages' own entries say so. For the root, whose
 * tools look at all packages, those that any package needs.
 */
export const neededBuilds = (project: Project, workspace: Workspace): readonly NeededBuild[] =>
  neededOf(ownerOf(project, workspace))(workspace)

const neededOf = rememberedOf((owner: Project) =>
  rememberedOf((workspace: Workspace): readonly NeededBuild[] => {
    const users = workspace.path === owner.path ? [workspace, ...owner.workspaces] : [workspace]
    const own = inOrder(owner).flatMap((build) => {
      const [because] = users.flatMap((user) => reason(user, build) ?? [])
      return because === undefined ? [] : [{ ...build, because }]
    })
    return [...outerBuilds(owner), ...own]
  }),
)

/** The builds of the outer project whose files a project's settings name, each after those that it needs itself. */
function outerBuilds({ outer, outerBuilds: named }: Project): readonly NeededBuild[] {
  if (outer === null) return []
  const found = inOrder(outer).flatMap((build) => {
    const because = named[build.workspace.path]
    return because === undefined ? [] : [...buildsBefore(outer, build), { ...build, because }]
  })
  return found.filter(({ stage }, i) => found.findIndex((one) => one.stage === stage) === i)
}

/** The builds that come before another. Of packages that need each other, only one is built first. */
export function buildsBefore(project: Project, { workspace }: Build): readonly NeededBuild[] {
  const order = inOrder(project).map(({ workspace: { path } }) => path)
  const place = order.indexOf(workspace.path)
  return neededBuilds(project, workspace).filter(({ workspace: { path } }) => order.indexOf(path) < place)
}

/** A package comes after those that it needs, as it needs more; the root last. */
const inOrder = rememberedOf((project: Project): readonly Build[] =>
  [...buildsOf(project)].sort(
    (a, b) =>
      Number(a.workspace === project.root) - Number(b.workspace === project.root) ||
      a.workspace.needs.length - b.workspace.needs.length ||
      (a.workspace.path < b.workspace.path ? -1 : 1),
  ),
)

/** Why a build comes before the tools of a package, or null. */
function reason(user: Workspace, { workspace }: Build): string | null {
  if (workspace.path === user.path) return user.order.own
  if (!user.needs.includes(workspace.path)) return null
  if (user.order.needed !== null) return user.order.needed
  const { unmade } = workspace.order
  if (unmade !== null) return `package.json names ${unmade}, which is not in the repository`
  const refers = user.order.references.includes(workspace.path)
  return refers ? `${joinPath(user.path, "tsconfig.json")} refers to it` : null
}
