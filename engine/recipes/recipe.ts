/** A program that is built from a Go module, on the host that the engine runs on. */
export interface GoProgram {
  readonly module: string
  readonly version: string
  /** The checksum of the module (`go mod download -json`); its own go.sum has those of all that it needs. */
  readonly sum: string
  /** The program's package in the module. */
  readonly package: string
  /** Where the program lies in the image. */
  readonly path: string
  readonly env?: Readonly<Record<string, string>>
  /** Text files by path in the module that its own build would generate. */
  readonly generated?: Readonly<Record<string, string>>
  /** Flags for the linker, such as those that set the version that the program says. */
  readonly ldflags?: string
}

/** A program that is taken from the host that the engine runs on, where no mirror has it: statically linked. */
export interface HostProgram {
  /** Its name on the host's PATH. */
  readonly program: string
  /** What `version -json` must say of it. */
  readonly version: string
  /** Where it lies in the image. */
  readonly path: string
}

/** A release of CPython that a Go module carries. */
export interface GoPython {
  /** The module's version without `v0.0.0-`: the version of Python, and of its build. */
  readonly release: string
  /** The checksum of the module (`go mod download -json`). */
  readonly sum: string
}

/** How a stand-in is made. Plain data: the steps run in the order of the fields. */
export interface StandIn {
  /** Name of the image it builds on, or null for the Debian root that the engine's host made. */
  readonly from: string | null
  /** Debian packages. */
  readonly apt?: readonly string[]
  /** A version of Node.js (`22`, `22.11.0`, `latest`) with what it ships, from npm packages. */
  readonly node?: string
  /** A release of Python with pip. */
  readonly python?: GoPython
  /**
   * npm packages by the folder that their contents go to. `{arch}` is the machine's, as Node.js names it. The version
   * `17.*` is the highest that begins so, be it a preview.
   */
  readonly npm?: Readonly<Record<string, string>>
  /** Packages of PyPI with their versions, for the Python of the image. */
  readonly pip?: readonly string[]
  /** Java libraries of Maven Central, with all that they need, by the folder that they go to. */
  readonly maven?: Readonly<Record<string, readonly string[]>>
  readonly go?: GoProgram
  readonly host?: HostProgram
  /** Text files by path; a path under a `bin` folder is made executable. */
  readonly files?: Readonly<Record<string, string>>
  /** Shell commands. */
  readonly run?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly user?: string
  readonly workdir?: string
  readonly ports?: readonly number[]
}

/** An image that the embedded engine makes in place of the published one. */
export interface Recipe {
  /** The name that pulls use: of Docker Hub without `library/`; of another registry with that registry's host. */
  readonly name: string
  /** The tag that the image is kept under here. */
  readonly tag: string
  /** Matches the tags that the image answers to: what differs between them does not show here. */
  readonly tags: RegExp
  readonly purpose: string
  /** About how long it takes to make, in seconds. */
  readonly seconds: number
  /** True for an image that takes minutes: it is made only for who asks for it. */
  readonly onDemand?: boolean
  readonly standIn: StandIn
}

/** Images of one name in versions that no list holds: the tag says which. */
export interface Family {
  readonly name: string
  /** The versions and the purpose, in words for the list of images. */
  readonly shown: string
  readonly purpose: string
  /** One of them, for the list's other columns. */
  readonly like: Recipe
  /** Returns the recipe of a tag, or null for a tag that it does not answer to. The recipe's own tag gives it again. */
  readonly of: (tag: string) => Recipe | null
}

/** The `PATH` of images. */
export const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/** Matches the word for Alpine in a tag: `alpine`, `alpine3.20`. */
export const ALPINE = "alpine(?:3\\.\\d+)?"
