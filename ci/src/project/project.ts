import type { Config } from "../config/config.js"

/** The files of a project, for detection. Paths are relative, with `/`. */
export interface Tree {
  /** Every file's path, sorted. */
  readonly files: readonly string[]
  /** A file's text. Only called with a path of `files`. */
  read(path: string): Promise<string>
}

/** A package manager that installs a project's dependencies from its lock file. */
export type PackageManager = "npm" | "pnpm" | "yarn"

/** One package of the project: the root package, or a workspace. */
export interface Workspace {
  /** Short and unique in the project: the folder's name, or the project's name for the root. */
  readonly name: string
  /** The name in its package.json, by which others depend on it. */
  readonly packageName: string
  /** Folder, relative to the project; "" for the root. */
  readonly path: string
  readonly scripts: Readonly<Record<string, string>>
  /** Names of dependencies of any kind. */
  readonly dependencies: readonly string[]
  /** Folders of the workspaces it depends on, itself excluded, directly or through others. */
  readonly needs: readonly string[]
  /** Its Dockerfile, relative to the project, or null. */
  readonly dockerfile: string | null
  /** The build context of that Dockerfile, relative to the project: "" for the root. */
  readonly context: string
  /** What its .dockerignore leaves out of the context, as patterns relative to the context. */
  readonly ignored: readonly string[]
}

/** A detected project with its configuration. */
export interface Project {
  readonly name: string
  readonly packageManager: PackageManager
  /** Relative to the project; null if missing, which the install stage reports. */
  readonly lockFile: string | null
  /** Major version of Node.js; "22" unless the project names one. */
  readonly node: string
  /** The root package. */
  readonly root: Workspace
  /** The workspaces, without the root; empty for a project of one package. */
  readonly workspaces: readonly Workspace[]
  /** Every file's path, sorted. */
  readonly files: readonly string[]
  /** The files in the project's root folder itself: shared configuration. */
  readonly rootFiles: readonly string[]
  readonly config: Config
}
