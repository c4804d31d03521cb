/** What installs the dependencies of a Python project. */
export type PythonManager = "uv" | "poetry" | "pdm" | "pipenv" | "pip"

/** A project of Django without settings for pytest. */
export interface Django {
  /** The folder of manage.py; "" for the project's own. */
  readonly folder: string
  /** The module of its settings, as manage.py names it. */
  readonly settings: string
}

/** What a project says of pytest. */
export interface PytestSettings {
  /** The file that says it. */
  readonly file: string
  /** Arguments of every call. */
  readonly arguments: readonly string[]
  /** Patterns of its test files; empty for the usual ones. */
  readonly files: readonly string[]
  /** Where it looks for tests if no argument says so; empty for everywhere. */
  readonly paths: readonly string[]
}

/** A member of a uv workspace. It is installed with the project, and may set up its own tools. */
export interface PythonMember {
  /** Its folder, relative to the project. */
  readonly path: string
  /** Short and unique in the repository: its folder's name. */
  readonly name: string
  /** Tools that are set up in its folder, each with the file that does it. */
  readonly tools: Readonly<Record<string, string>>
  /** Its groups that tests and tools need. */
  readonly groups: readonly string[]
  /** Names of its dependencies, in their normal form. */
  readonly dependencies: readonly string[]
  readonly isPackage: boolean
}

/** What a Python project consists of. Its paths are relative to the project. */
export interface Python {
  readonly manager: PythonManager
  /** As pip takes it after the manager's name: `==1.8.2`; null for the newest. */
  readonly managerVersion: string | null
  /** `3.11`, or `3.11.4` where the project names a release. */
  readonly version: string
  /** The versions that its tests run on, of which that is the first. */
  readonly versions: readonly string[]
  /** The file that names it; null where none does. */
  readonly versionFrom: string | null
  /** Files that want another version: `pyproject.toml wants >=3.11`. */
  readonly disagreements: readonly string[]
  /** True if the project wants a Python without the global interpreter lock. No image has one. */
  readonly freeThreaded: boolean
  readonly lockFile: string | null
  /** Requirements files of pip. */
  readonly requirements: readonly string[]
  /** Those that name the project itself: `-e .[full]`. It is installed when its code is there. */
  readonly namedIn: readonly string[]
  /** Folders of the repository that they name. */
  readonly local: readonly string[]
  /** What pyproject.toml asks for, tests and tools included, as pip's requirements. */
  readonly needed: readonly string[]
  /** What the team's CI installs with pip beside that, where another manager installs the project. */
  readonly beside: readonly string[]
  /** The extras that tests and tools need. */
  readonly extras: readonly string[]
  /** The groups that tests and tools need, of members as well; of poetry, those that it installs only where they are named. */
  readonly groups: readonly string[]
  /** Names of all of its dependencies, in their normal form. */
  readonly dependencies: readonly string[]
  /** Tools that are set up, by the file that does. */
  readonly tools: Readonly<Record<string, string>>
  /** What it says of pytest; null where it says nothing. */
  readonly pytest: PytestSettings | null
  /** Options that its tests' own conftest.py add to pytest: `--run-slow`. */
  readonly testOptions: readonly string[]
  /** True where its own code, or that of a member, is installed as a package. */
  readonly isPackage: boolean
  /** True if its dependencies are complete only once that package is built: setup.py. */
  readonly dynamic: boolean
  /** The members of its uv workspace. */
  readonly members: readonly PythonMember[]
  /** How its tests find Django, where Django's own runner would run them; null for others. */
  readonly django: Django | null
}
