import type { Config } from "../config/config.js"
import type { FaultText } from "../run/fault.js"
import type { ImageSource } from "../run/images.js"
import type { Declared } from "./declared/found.js"
import type { MissingArgument } from "./dockerfile/stages.js"
import type { Python } from "./python-project.js"

/** A symbolic link of the project, as its file system has it. */
export interface LinkText {
  /** Relative to the project. */
  readonly path: string
  /** What the link says: relative to its folder, or absolute. */
  readonly target: string
}

/** Returns the symbolic links of a repository. It may ask a container of an image. */
export type FindLinks = (images: ImageSource) => Promise<readonly LinkText[]>

/** A symbolic link that leads to a file or folder of the project. */
export interface Link {
  readonly path: string
  /** Where it leads, with no link left in it; "" for the project's own folder. */
  readonly to: string
  readonly kind: "file" | "folder"
  /** Paths of other links on the way. */
  readonly through: readonly string[]
}

/** What git's own files say of a project's files. */
export interface Attributes {
  /** Patterns of files that are generated or vendored, by .gitattributes; `!` in front of one takes back. */
  readonly notOwn: readonly string[]
  /** Files that Git LFS keeps. */
  readonly lfs: readonly string[]
  /** Folders of submodules that are not checked out. */
  readonly missing: readonly string[]
}

/** The files of a project, for detection. Paths are relative, with `/`. */
export interface Tree {
  /** Every file's path, sorted; of symbolic links those that lead to a file. */
  readonly files: readonly string[]
  /** The symbolic links that lead somewhere in the project; none where absent. */
  readonly links?: readonly Link[]
  /** A file's text. Only called with a path of `files`. */
  read(path: string): Promise<string>
}

/** The package managers, by the names that repositories give them. */
export const MANAGER_NAMES = ["npm", "pnpm", "yarn", "bun"] as const

export type ManagerName = (typeof MANAGER_NAMES)[number]

/** Tells whether a program is a package manager of Node.js. */
export const isManagerName = (name: string): name is ManagerName => MANAGER_NAMES.some((one) => one === name)

/** The programs that differ in how they are called: Yarn 1 has little in common with those after it. */
export type Tool = Exclude<ManagerName, "yarn"> | "yarn-1" | "yarn"

/** What installs a project's dependencies and runs its scripts. */
export interface PackageManager {
  readonly name: ManagerName
  readonly tool: Tool
  /** A version or range, as npm reads it: `8.15.9`, `10`; null for the npm that Node.js brings. */
  readonly version: string | null
  /** Names the source of the version: `packageManager`, `pnpm-lock.yaml`. */
  readonly because: string
  /** The program that the repository holds (`yarnPath`), relative to the project; null for the one from npm. */
  readonly program: string | null
  /** True where Yarn installs no node_modules. */
  readonly plugAndPlay: boolean
  /** False where its settings turn off the scripts of the project's own packages (`ignore-scripts`). */
  readonly ownScripts: boolean
  /** The managers that scripts call, as packages of npm: `pnpm@8.15.9`. With its own, where it is no program. */
  readonly packages: readonly string[]
}

/** What decides which builds come before the tools of a package. */
export interface BuildOrder {
  /** Why the packages that it needs are built first, by the team's task runner; null where that says nothing. */
  readonly needed: string | null
  /** Why its own build comes first, or null. */
  readonly own: string | null
  /** A file that others use and only its build makes, as its package.json names it; null where all are in the tree. */
  readonly unmade: string | null
  /** Folders of other packages that its TypeScript configuration refers to. */
  readonly references: readonly string[]
}

/** One package of the project: the root package, or a workspace. */
export interface Workspace {
  /** Short and unique in the repository: the folder's name, or the project's name for the root. */
  readonly name: string
  /** What stands after the colon in the names of its stages; empty for the root package of a repository's only project. */
  readonly label: string
  /** The name in its package.json, by which others depend on it. */
  readonly packageName: string
  /** Folder, relative to the repository; "" for its root. */
  readonly path: string
  readonly scripts: Readonly<Record<string, string>>
  /** Names of dependencies of any kind. */
  readonly dependencies: readonly string[]
  /** Names of those that come with it to the packages that use it. */
  readonly brings: readonly string[]
  /** Folders of the workspaces it depends on, itself excluded, directly or through others. */
  readonly needs: readonly string[]
  /** Files and folders outside it that its settings, or those of packages that it uses, name. */
  readonly reads: readonly string[]
  readonly order: BuildOrder
}

/** A Dockerfile that is built, and what its build takes. */
export interface Dockerfile {
  /** Its path in the repository. */
  readonly file: string
  /** Of its image, unique in the repository: the package's, else what its folder or its own name says. */
  readonly name: string
  /** What stands after the colon in the names of its stages; empty for the root's own. */
  readonly label: string
  /** The package that it is of, or null. */
  readonly workspace: Workspace | null
  /** The folder that is its build context; "" for the repository's root. */
  readonly context: string
  /** What its .dockerignore leaves out of the context, as patterns relative to the context. */
  readonly ignored: readonly string[]
  /** What it reads of its context, as patterns relative to it; null where that may be any of it. */
  readonly reads: readonly string[] | null
  /** The stage that is built, or null for the last: of slipway.yaml, else of the team's own builds. */
  readonly target: string | null
  /** Build arguments: those of slipway.yaml and, for arguments without a default, of the team's own builds. */
  readonly args: Readonly<Record<string, string>>
  /** The port that the team's own compose file says its program listens on, or null. */
  readonly port: number | null
  /** Arguments that FROM needs and that have no value. */
  readonly missing: readonly MissingArgument[]
  /** Ids of the secrets without which it does not build. */
  readonly secrets: readonly string[]
  /** True where its image is a database, cache or queue: no program of the running app. */
  readonly service?: true
}

/** What runs a project. */
export type Language = "node" | "python"

/** A detected project with its configuration. Its paths are relative to the repository. */
export interface Project {
  readonly name: string
  /** Folder, relative to the repository; "" for its root. */
  readonly path: string
  /** Null for files without packages. */
  readonly language: Language | null
  /** Of a Python project. */
  readonly python: Python | null
  readonly packageManager: PackageManager
  /** Null if missing, which the install stage reports. */
  readonly lockFile: string | null
  /** Patterns of further files that an install reads: patches, local packages, programs of workspaces. */
  readonly installs: readonly string[]
  /** Version of Node.js, as exact as the project names one: "20.11.1", "20.11", "20"; "22" where it names none. */
  readonly node: string
  /** The versions that its tests run on, of which that is the first. */
  readonly nodes: readonly string[]
  /** The place that names it: `.nvmrc`; null where nothing does. */
  readonly nodeBy: string | null
  /** Other places that want another: `engines.node of package.json wants >=22`. */
  readonly nodeDisagreements: readonly string[]
  /** What in its own files keeps it from being installed; null where nothing does. */
  readonly fault: FaultText | null
  /** The root package. */
  readonly root: Workspace
  /** Commands of its task runner that stand among the root's scripts, by name, and in no package.json. */
  readonly tasks: Readonly<Record<string, string>>
  /** The workspaces, without the root; empty for a project of one package. */
  readonly workspaces: readonly Workspace[]
  /** Every file's path, sorted; of symbolic links those that lead to a file. */
  readonly files: readonly string[]
  /** The symbolic links of the repository that lead to a file or folder of it. */
  readonly links: readonly Link[]
  /** What git's own files say of the repository's files. */
  readonly attributes: Attributes
  /** The files in the project's own folder itself: shared configuration. */
  readonly rootFiles: readonly string[]
  /** Files outside of the project that its packages may read: those of the repository that no project holds. */
  readonly shared: readonly string[]
  /** The project around its folder, if its settings lead out of it: its tools then use files and packages of both. */
  readonly outer: Project | null
  /** Packages of the outer project that are built first, by folder: why. Its settings name what only their builds make. */
  readonly outerBuilds: Readonly<Record<string, string>>
  /** Those that are built; only the repository as a whole has them. */
  readonly dockerfiles: readonly Dockerfile[]
  /** Of a repository with several projects: those. Empty for one of them. */
  readonly parts: readonly Project[]
  /** What the team's own files say of services and variables. */
  readonly declared: Declared
  readonly config: Config
}

/** Something of the repository that no stage checks. */
export interface Unchecked {
  /** `tools/Dockerfile.dev`, `12 Go files`. */
  readonly what: string
  readonly reason: string
}

/** A repository and its projects. Each project installs its own dependencies. */
export interface Repository {
  /** All of it as one project, with the packages of all: what is looked at as a whole. The same as its only project. */
  readonly whole: Project
  readonly projects: readonly Project[]
  readonly unchecked: readonly Unchecked[]
}
