import { quote } from "../../run/command.js"
import { baseName, pathFrom } from "../paths.js"
import { ASSIGNMENT, type ShellCommand } from "../shell-words.js"
import { bareService, type Env, type FoundService, type Step } from "./found.js"
import { publishedPorts } from "./ports.js"
import { technologyOf } from "./technologies.js"
import { expanded, shellWords, untagged } from "./values.js"

/** Where command lines are written. */
export interface Place {
  /** For `plan`: `.github/workflows/test.yml`. */
  readonly source: string
  /** Every file of the repository. */
  readonly files: readonly string[]
}

/**
 * Returns the service that `docker run` starts: an image of a known technology, or one that publishes a port in the
 * background. Null for any other command.
 *
 * @see https://docs.docker.com/reference/cli/docker/container/run/
 */
export function containerOf(command: ShellCommand, { env, folder }: Step, place: Place): FoundService | null {
  const found = argumentsOf(command, "run")
  const image = found === null ? null : expanded(found.image, env)
  if (found === null || image === null || image.includes("$")) return null
  const all = (name: string) => (found.options.get(name) ?? []).flatMap((one) => expanded(one, env) ?? [])
  const bare = bareService(
    all("name")[0] ?? baseName(untagged(image)),
    image,
    technologyOf(image),
    place.source,
  )
  const listed = all("publish").flatMap(publishedPorts)
  if (bare.technology === null && (!found.options.has("detach") || listed.length === 0)) return null
  // In the machine's own network, each port is one of localhost.
  const shared = all("network").includes("host") ? bare.ports : []
  const [entrypoint] = all("entrypoint")
  return {
    ...bare,
    aliases: [...all("network-alias"), ...all("hostname")],
    ports: listed.length > 0 ? [...new Set(listed.map(({ target }) => target))] : bare.ports,
    published: Object.fromEntries([
      ...shared.map((port) => [port, port] as const),
      ...listed.flatMap(({ published, target }) => (published ? [[published, target] as const] : [])),
    ]),
    env: variablesOf(all("env"), env),
    entrypoint: entrypoint === undefined ? null : shellWords(entrypoint),
    command: found.command.length > 0 ? found.command : null,
    ready: { ...bare.ready, command: all("health-cmd")[0] ?? null },
    mounts: mountsOf(found.options.get("volume") ?? [], folder ?? "", place.files),
  }
}

/** A command that runs in a container. */
export interface Inside {
  /** The container's name, or that of a service of a compose file. */
  readonly host: string
  readonly run: string
}

/**
 * Reads `docker exec db createdb test` and `docker compose exec -T db createdb test`; null for any other command, and for
 * one that a shell gives its input or values.
 */
export function insideOf(command: ShellCommand): Inside | null {
  const [program = "", first = ""] = command
  const composes = program === "docker-compose" || (program === "docker" && first === "compose")
  const words = composes ? ["docker", ...command.slice(command.indexOf("exec"))] : command
  const found = argumentsOf(words, "exec")
  return found === null ||
    found.command.length === 0 ||
    found.command.some((word) => word.startsWith("<") || word.includes("$"))
    ? null
    : { host: found.image, run: found.command.map(quote).join(" ") }
}

/** The arguments of `docker run` or `docker exec`. */
interface Arguments {
  /** The values of each option, by its long name. */
  readonly options: ReadonlyMap<string, readonly string[]>
  /** Of `docker exec`, the container. */
  readonly image: string
  /** What stands behind the image. */
  readonly command: readonly string[]
}

/** Options without a value, by their letters and names. */
const LETTERS = /^-[ditPqT]+$/
const SWITCHES = new Set([
  "detach",
  "init",
  "interactive",
  "no-healthcheck",
  "oom-kill-disable",
  "privileged",
  "publish-all",
  "quiet",
  "read-only",
  "rm",
  "sig-proxy",
  "tty",
])

/** `--env=A=b`, `--env`, `-eA=b`, `-e`. */
const OPTION = /^(?:--(?<long>[\w-]+)(?:=(?<value>[\s\S]*))?|-(?<short>\w)=?(?<rest>[\s\S]*))$/

const LONG: Readonly<Record<string, string>> = { e: "env", p: "publish", v: "volume", h: "hostname" }

function argumentsOf([program = "", ...words]: ShellCommand, wanted: string): Arguments | null {
  const [verb, ...rest] = words[0] === "container" ? words.slice(1) : words
  if (!["docker", "podman"].includes(program) || verb !== wanted) return null
  const options = new Map<string, readonly string[]>()
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? ""
    const option = OPTION.exec(word)?.groups
    if (option === undefined) return { options, image: word, command: rest.slice(at + 1) }
    const { long, value, short = "", rest: glued } = option
    if (LETTERS.test(word) || SWITCHES.has(long ?? "")) {
      if (long === "detach" || (long === undefined && word.includes("d"))) options.set("detach", [])
      continue
    }
    const name = long ?? LONG[short] ?? short
    options.set(name, [...(options.get(name) ?? []), value || glued || (rest[++at] ?? "")])
  }
  return null
}

/** `A=b`; a name alone has the value that the shell has for it. */
const variablesOf = (written: readonly string[], env: Env): Env =>
  Object.fromEntries(
    written.flatMap((one) => {
      const [, name = one, value = env[one]] = ASSIGNMENT.exec(one) ?? []
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** The folder that a shell is in, as it is written in front of a path. */
const HERE = /^(?:\$\{?(?:PWD|GITHUB_WORKSPACE)\}?|\$\(pwd\)|\.)(?=\/)/

/** The files and folders of the repository that a container reads. */
function mountsOf(
  volumes: readonly string[],
  folder: string,
  files: readonly string[],
): FoundService["mounts"] {
  return Object.fromEntries(
    volumes.flatMap((volume) => {
      const [from = "", to = ""] = volume.replace(HERE, ".").split(":")
      const path = from.startsWith("./") && to !== "" ? pathFrom(folder, from) : null
      if (!path) return []
      if (files.includes(path)) return [[to, path] as const]
      return files.some((file) => file.startsWith(`${path}/`)) ? [[to, `${path}/`] as const] : []
    }),
  )
}
