/** Values of environment variables, by name. */
export type Env = Readonly<Record<string, string>>

/** A service that the team's own files, slipway.yaml or a package's dependencies name. */
export interface FoundService {
  /** The name that its file gives it: a host name of its network. */
  readonly host: string
  /** Other host names that it answers to. */
  readonly aliases: readonly string[]
  readonly image: string
  readonly technology: Technology | null
  /** The ports that it listens on. */
  readonly ports: readonly number[]
  /** Ports of localhost by which programs beside it reach it: port there → port of the service. */
  readonly published: Readonly<Record<number, number>>
  readonly env: Readonly<Record<string, string>>
  /** Replaces the image's own; null keeps it. */
  readonly entrypoint: readonly string[] | null
  readonly command: readonly string[] | null
  readonly ready: Ready
  /** Shell commands that run in it once, when it is ready. */
  readonly init: readonly string[]
  /** Files and folders of the repository that it reads: path in it → path there, of a folder with a slash behind. */
  readonly mounts: Readonly<Record<string, string>>
  /** Of a compose file, the profiles with which alone it starts. */
  readonly profiles?: readonly string[]
  /** Host names of the services that it needs. */
  readonly needs: readonly string[]
  /** Variables by which programs find it; null for those of its technology. */
  readonly variables: Readonly<Record<string, string>> | null
  /** True where its source gives it to unit tests in any case. */
  readonly unit: boolean
  /** Where it is described: `compose.yaml:12`. */
  readonly source: string
}

/** Returns the variables by which programs find a service. */
export function variablesOf({ variables, technology, host, ports, env }: FoundService): Env {
  if (variables !== null || technology === null) return variables ?? {}
  return technology.variables({ host, port: ports[0] ?? technology.port }, env)
}

/** A service that a program gets. */
export interface Wanted extends FoundService {
  /** False for one that the program may do without: where it cannot be had, the program runs all the same. */
  readonly required: boolean
}

/** How it shows that it is ready: a shell command that succeeds in it, or a pattern (grep -E) that its log matches. */
export interface Ready {
  readonly command: string | null
  readonly log: string | null
  /** Seconds that it may take. */
  readonly seconds: number
  /** True where this outranks what is known of its technology. */
  readonly decided: boolean
}

/** Seconds that a service may take where nobody says. */
export const READY_SECONDS = 120

/** A service without anything but its image. */
export const bareService = (
  host: string,
  image: string,
  technology: Technology | null,
  source: string,
): FoundService => ({
  host,
  aliases: [],
  image,
  technology,
  ports: technology ? [technology.port] : [],
  published: {},
  env: {},
  entrypoint: null,
  command: null,
  ready: { command: null, log: null, seconds: READY_SECONDS, decided: false },
  init: [],
  mounts: {},
  needs: [],
  variables: null,
  unit: false,
  source,
})

/** Returns the version in an image's tag, such as `16` for `postgres:16-alpine`; "" without one. */
export const versionOf = (image: string): string =>
  /:v?(\d+(?:\.\d+)*)[\w.-]*(?:@sha256:[\da-f]+)?$/.exec(image)?.[1] ?? ""

/** `PostgreSQL 16`, or the image where its technology is unknown. */
export function titleOf({ image, technology }: FoundService): string {
  return technology === null ? image : [technology.name, versionOf(image)].filter(Boolean).join(" ")
}

/** A kind of service that Slipway knows how to start, to ask and to name. */
export interface Technology {
  readonly name: string
  /** Matches the names of its images. */
  readonly images: RegExp
  /** Packages by which a program talks to it. */
  readonly clients: readonly string[]
  /** Packages that stand for it inside the test process: with one of them, none is started unasked. */
  readonly embedded: readonly string[]
  /** Matches the scheme of its URLs. */
  readonly scheme: RegExp
  readonly port: number
  /** True for a relational database: the one that migrations are for. */
  readonly sql: boolean
  /** What is started where only a package asks for it. */
  readonly unasked: Pick<FoundService, "host" | "image" | "env" | "command"> | null
  /** Programs of its images, one of which `ready` needs. */
  readonly programs: readonly string[]
  /** A shell command that succeeds in its container once it answers a query. `$port` holds its port. */
  readonly ready: string
  /** The variables by which programs commonly find it. */
  readonly variables: (at: { readonly host: string; readonly port: number }, env: Env) => Env
}

/** What a compose file describes. */
export interface Compose {
  readonly file: string
  /** The services that can run beside tests. */
  readonly services: readonly FoundService[]
  /** The environments of the project's own programs, by service: how they find the others. */
  readonly programs: Readonly<Record<string, Env>>
  /** Databases whose build does what is not done here: they cannot run beside tests. */
  readonly unbuilt: readonly FoundService[]
  /** The commands that start the project's own programs. */
  readonly starts: readonly Step[]
  /** The profiles that its env file asks for. */
  readonly profiles: readonly string[]
}

/** A command line that a job runs. */
export interface Step {
  readonly run: string
  /** The variables that it has. */
  readonly env: Env
  /** The folder that it runs in, relative to the repository; null where nobody can tell. */
  readonly folder: string | null
  /** True where the first run of a matrix does not run it. */
  readonly leftOut?: true
  /** Its variables whose value only the vendor knows. */
  readonly unknown?: readonly string[]
  /** True where its failure fails nothing. */
  readonly optional?: true
  /** True for a command of tox whose environment has other packages than those that are installed. */
  readonly otherPackages?: true
  /** What of its work cannot be read: `the session docs of noxfile.py`. */
  readonly unread?: readonly string[]
  /** The action of GitHub that it uses in place of a command line. */
  readonly uses?: string
}

/** The versions of languages that something runs on, all of a matrix: `20`, `lts/*`. */
export type LanguageVersions = Readonly<Record<"node" | "python", readonly string[]>>

/** The versions of package managers and other tools, by their names. */
export type ToolVersions = Readonly<Record<string, readonly string[]>>

/** A job of the team's CI. */
export interface Job {
  readonly file: string
  readonly name: string
  readonly services: readonly FoundService[]
  readonly steps: readonly Step[]
  readonly versions: LanguageVersions
  /** The versions of the package managers and tools that it installs. */
  readonly tools: ToolVersions
  /** What it does with other values of its matrix than the first ones, where that differs. */
  readonly others?: readonly Job[]
  /** The machines that it runs on, all of a matrix: `ubuntu-latest`. */
  readonly machines?: readonly string[]
  /** True where it does not judge a change: it runs on a schedule or by hand, or its failure fails nothing. */
  readonly apart?: true
}

/** What a development container gives to the programs in it. */
export interface DeclaredContainer {
  readonly file: string
  /** The services beside it; null without any. */
  readonly compose: Compose | null
  readonly env: Env
  readonly versions: LanguageVersions
}

/** A test setup that starts services and runs commands only where nothing answers yet. */
export interface TestSetup {
  readonly file: string
  /** Its source text, with the commands that must run in its place. */
  readonly text: string
}

/** What the team's own files say of the services and variables that its programs need. */
export interface Declared {
  /** By path. */
  readonly compose: Readonly<Record<string, Compose>>
  /** What compose files describe for calls with several files, or with variables of their own, by `keyOf` of the call. */
  readonly calls: Readonly<Record<string, Compose>>
  /** The env files that are in the repository, by path. */
  readonly env: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The database of each Prisma schema, by its path. */
  readonly schemas: Readonly<Record<string, Technology>>
  /** The jobs of its CI. */
  readonly jobs: readonly Job[]
  readonly devcontainers: readonly DeclaredContainer[]
  readonly setups: readonly TestSetup[]
  /** Files that cannot be read: no valid YAML. */
  readonly unreadable: readonly string[]
}
