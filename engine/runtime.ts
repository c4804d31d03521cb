import { oneLine } from "../ci/src/formats/clean.js"
import { parseJson, recordOf, textsOf } from "../ci/src/formats/json.js"
import { atLeast } from "./binaries.js"
import { type Answer, ask, findCommand, PATIENCE_SECONDS } from "./commands.js"

/** What a runtime says of itself and of its daemon. */
export interface Facts {
  /** The command: `docker`, `podman`, … */
  readonly command: string
  /** True for Podman, whatever its command is called. */
  readonly podman: boolean
  /** The daemon's version; null where none answers. */
  readonly version: string | null
  /** Why no daemon answers; "" where one does. */
  readonly error: string
  readonly rootless: boolean
  /** The daemon's address where it is on another machine, or null. */
  readonly remote: string | null
}

/** Whether the dagger CLI can start an engine with a runtime. A `risky` one is used, with a warning. */
export type Fitness = "fit" | "risky" | "unfit"

/** A container runtime of this machine, in words. */
export interface Runtime {
  readonly command: string
  readonly fitness: Fitness
  /** Its name and state. */
  readonly text: string
  /** What to do; null where all is well. */
  readonly fix: string | null
}

/** The oldest Docker on which this was tried. */
const MINIMUM_DOCKER = [20, 10] as const

interface Kind {
  readonly fitness: Fitness
  readonly is: (facts: Facts) => boolean
  readonly text: (facts: Facts) => string
  readonly fix: (facts: Facts) => string | null
}

const FIT: Kind = { fitness: "fit", is: () => true, text: nameOf, fix: () => null }

/** What is unusual about a runtime. The first that holds counts. */
const KINDS: readonly Kind[] = [
  {
    fitness: "unfit",
    is: ({ version, remote }) => version === null && remote !== null,
    text: ({ remote, error }) => `no daemon answers at ${remote}: ${error}`,
    fix: () =>
      "check that machine. To use a daemon on this one, unset DOCKER_HOST, or run `docker context use default`",
  },
  {
    fitness: "unfit",
    is: ({ version, error }) => version === null && /permission denied/i.test(error),
    text: ({ command }) => `permission denied: this user may not use the socket of ${command}`,
    fix: () => "run `usermod -aG docker USER` and log in again, or run as root",
  },
  {
    fitness: "unfit",
    is: ({ version }) => version === null,
    text: ({ command, error }) => `${command} is installed, but does not answer: ${error}`,
    fix: ({ command }) =>
      command === "docker"
        ? "start it (`systemctl start docker`), or take it off the PATH"
        : `run \`${command} info\`: it shows why`,
  },
  {
    fitness: "risky",
    is: ({ rootless, podman, command }) => rootless && (podman || command === "docker"),
    text: (facts) => `${nameOf(facts)} is rootless: Dagger's engine needs a privileged container`,
    fix: ({ podman }) =>
      podman
        ? "run as root, or `podman machine set --rootful`"
        : "use the system's daemon: `docker context use default`, or DOCKER_HOST=unix:///var/run/docker.sock",
  },
  {
    fitness: "risky",
    is: ({ podman, command, version }) => !podman && command === "docker" && !isNewEnough(version),
    text: (facts) => `${nameOf(facts)} is too old`,
    fix: () => `install Docker ${MINIMUM_DOCKER.join(".")} or newer`,
  },
  {
    fitness: "fit",
    is: ({ remote }) => remote !== null,
    text: (facts) => `${nameOf(facts)} at ${facts.remote}: the engine runs there`,
    fix: () => "to run it on this machine, unset DOCKER_HOST, or run `docker context use default`",
  },
  {
    fitness: "fit",
    is: ({ podman }) => podman,
    text: nameOf,
    fix: () => "raise its limit of 2048 processes: `pids_limit = 0` under `[containers]` in containers.conf",
  },
]

function nameOf({ command, podman, version }: Facts): string {
  if (!podman) return `${command} ${version}`
  return command === "podman" ? `podman ${version}` : `podman ${version} under the name ${command}`
}

const isNewEnough = (version: string | null): boolean =>
  atLeast((version ?? "").split(".").map(Number), MINIMUM_DOCKER)

/** Judges a runtime by what it says of itself. */
export function judge(facts: Facts): Runtime {
  const { fitness, text, fix } = KINDS.find(({ is }) => is(facts)) ?? FIT
  return { command: facts.command, fitness, text: text(facts), fix: fix(facts) }
}

/** Reads the answers of `info --format '{{json .}}'`, and of `docker context inspect` where there is one. */
export function factsOf(command: string, info: Answer, address: string): Facts {
  const told = recordOf(parseJson(info.stdout))
  const host = recordOf(told.host)
  const podman = "host" in told
  const version = podman ? recordOf(told.version).Version : told.ServerVersion
  const answers = typeof version === "string" && version !== ""
  return {
    command,
    podman,
    version: answers ? version : null,
    error: answers ? "" : whyOf(info, textsOf(told.ServerErrors)),
    rootless:
      recordOf(host.security).rootless === true || textsOf(told.SecurityOptions).includes("name=rootless"),
    remote: isElsewhere(address) ? address : null,
  }
}

function whyOf({ late, stderr, code }: Answer, errors: readonly string[]): string {
  if (late) return `no answer in ${PATIENCE_SECONDS} s`
  const [first] = [...errors, ...stderr.split("\n").filter((line) => line.trim() !== "")]
  return first === undefined ? `exit code ${code}` : oneLine(first)
}

/** True for the address of a daemon that is reached over a network. */
const isElsewhere = (address: string): boolean =>
  /^(tcp|ssh|https?):\/\//.test(address) && !/\/\/(localhost|127\.[\d.]+|\[::1\])(:|$)/.test(address)

/** The commands with which the dagger CLI starts an engine, in its order. It tries no other where the first one fails. */
const COMMANDS = ["docker", "podman", "finch", "nerdctl"]

/** Inspects the container runtime that the dagger CLI would use; null without one. */
export async function findRuntime(env: NodeJS.ProcessEnv): Promise<Runtime | null> {
  const command = COMMANDS.find((name) => findCommand(name, env.PATH ?? "") !== null)
  if (command === undefined) return null
  const [info, context] = await Promise.all([
    ask(command, ["info", "--format", "{{json .}}"], env),
    command === "docker" ? ask(command, ["context", "inspect", "--format", CONTEXT_HOST], env) : null,
  ])
  return judge(factsOf(command, info, env.DOCKER_HOST || (context?.stdout.trim() ?? "")))
}

const CONTEXT_HOST = "{{.Endpoints.docker.Host}}"
