import type { Container } from "@dagger.io/dagger"
import { explain } from "../run/explain.js"
import { parseImage } from "../run/images.js"
import { type Given, withEnvironment } from "../run/stage.js"
import { bareService, type FoundService, type Wanted } from "./declared/found.js"
import { officialEnv, officialImages } from "./declared/official-images.js"
import { LOGGED, readyScript } from "./declared/ready.js"
import { POSTGRESQL, technologyOf } from "./declared/technologies.js"

/** A service that cannot be had here, and why. */
export interface Missing {
  readonly service: Wanted
  readonly reason: string
}

/** A service whose image holds another program than its name says. */
export interface Replaced {
  readonly service: Wanted
  /** The program that answers: `MariaDB 10.11`. */
  readonly by: string
  /** What it says of something that it lacks: other failures are not laid to it. Null where any may be. */
  readonly lacks: RegExp | null
}

/** Seconds between two looks whether a service is ready. */
const LOOK_SECONDS = 0.5

/** A service's container, and the program in it if that is not the one that the image is named after. */
export interface Made {
  readonly service: Wanted
  readonly container: Container
  readonly replaced: Replaced | null
}

/** A program that some registries have under the name of another one. */
interface Substitute {
  readonly name: string
  /** The images that are named after the other program. */
  readonly images: RegExp
  /** The variable of its images that says its version. */
  readonly variable: string
  readonly lacks: Replaced["lacks"]
}

/** How Redis refuses commands and options of newer versions. */
const UNKNOWN_TO_REDIS =
  /\bERR (?:unknown (?:sub)?command|wrong number of arguments|syntax error|unsupported|unknown option)/i

const SUBSTITUTES: readonly Substitute[] = [
  {
    name: "MariaDB",
    images: /(?:^|\/)(?:mysql|mysql-server|percona|percona-server)(?:[:@]|$)/,
    variable: "MARIADB_VERSION",
    lacks: null,
  },
  { name: "FerretDB", images: /(?:^|\/)mongo(?:db)?(?:[:@]|$)/, variable: "FERRETDB_VERSION", lacks: null },
  {
    name: "Redis",
    images: /(?:^|\/)(?:redis|valkey)(?:[:@](?![56]\b|7\.0\b)|$)/,
    variable: "OLDER_REDIS",
    lacks: UNKNOWN_TO_REDIS,
  },
]

const substituteOf = (image: string): Substitute | undefined =>
  SUBSTITUTES.find(({ images }) => images.test(image))

const named = ({ name }: Substitute, version: string): string => `${name} ${version}`

/** Returns what replaces the program that an image is named after, by the image's variables; null for other images. */
async function otherProgram(image: Container, service: Wanted): Promise<Replaced | null> {
  const substitute = substituteOf(service.image)
  const version = substitute && (await image.envVariable(substitute.variable))
  return version ? { service, by: named(substitute, version), lacks: substitute.lacks } : null
}

/** Returns those of some images that hold another program than their name says. @param images variables by image. */
export const replacedIn = (images: Readonly<Record<string, readonly string[]>>): readonly Replaced[] =>
  Object.entries(images).flatMap(([image, variables]) => {
    const substitute = substituteOf(image)
    if (substitute === undefined) return []
    const version = variables.find((one) => one.startsWith(`${substitute.variable}=`))?.split("=")[1]
    if (version === undefined) return []
    const service = bareService(image, image, technologyOf(image), "the tests")
    const { lacks } = substitute
    return [{ service: { ...service, required: true }, by: named(substitute, version), lacks }]
  })

/**
 * Returns a service's container, once its image is here; or why it is not. For another maker's image of a technology that
 * cannot be had, the technology's own stands, and is named.
 */
export async function made(given: Parts, service: Wanted): Promise<Made | Missing> {
  try {
    return await containerOf(given, service)
  } catch (error) {
    for (const image of officialImages(service)) {
      const own = await containerOf(given, { ...service, image, env: officialEnv(service) }).catch(() => null)
      if (own === null) continue
      const by = own.replaced?.by ?? image
      return { service, container: own.container, replaced: { service, by, lacks: null } }
    }
    return { service, reason: explain(error).summary }
  }
}

type Parts = Pick<Given, "image" | "source">

async function containerOf(given: Parts, service: Wanted): Promise<Made> {
  const image = given.image(parseImage(service.image))
  const shell = await image.exists("/bin/sh")
  const own = service.ready.log === null ? null : await Promise.all([image.entrypoint(), image.defaultArgs()])
  const replaced = await otherProgram(image, service)
  return { service, container: server(given, image, service, shell, own), replaced }
}

type Start = readonly [entrypoint: readonly string[], args: readonly string[]]

/**
 * @param shell whether the image has one: without it, a service is ready when its ports are open.
 * @param own how the image starts, where that must be known.
 */
function server(
  { source }: Pick<Given, "source">,
  image: Container,
  service: FoundService,
  shell: boolean,
  own: Start | null,
): Container {
  const { ports, env, entrypoint, ready } = service
  const command = commandOf(service)
  const mounted = Object.entries(service.mounts).reduce(
    (container, [to, from]) =>
      !from.endsWith("/")
        ? container.withFile(to, source.file(from))
        : container.withDirectory(to, source.directory(from)),
    image,
  )
  const started = [
    (made: Container) => withEnvironment(made, env),
    (made: Container) => (entrypoint ? made.withEntrypoint([...entrypoint]) : made),
    (made: Container) => (command ? made.withDefaultArgs([...command]) : made),
    (made: Container) => ports.reduce((all, port) => all.withExposedPort(port), made),
  ].reduce((container, step) => step(container), mounted)
  if (!shell) return started
  const logged = own === null ? started : withLog(started, entrypoint ?? own[0], command ?? own[1])
  return logged.withDockerHealthcheck([readyScript(service)], {
    shell: true,
    interval: `${LOOK_SECONDS * 1000}ms`,
    retries: Math.ceil(ready.seconds / LOOK_SECONDS),
  })
}

/** Starts what an image starts, with a copy of its output for the script that looks whether it is ready. */
const withLog = (container: Container, entrypoint: readonly string[], args: readonly string[]): Container =>
  container.withEntrypoint(["sh", "-c", LOGGED, "sh"]).withDefaultArgs([...entrypoint, ...args])

/** Makes PostgreSQL fast: nothing must survive a crash. */
const NO_DURABILITY = ["fsync", "synchronous_commit", "full_page_writes"].flatMap((name) => [
  "-c",
  `${name}=off`,
])

/** What replaces the image's command; null keeps it. */
function commandOf({ technology, entrypoint, command }: FoundService): readonly string[] | null {
  if (technology !== POSTGRESQL || entrypoint !== null) return command
  const [program, ...args] = command ?? ["postgres"]
  if (program === undefined || program.startsWith("-"))
    return ["postgres", ...NO_DURABILITY, ...(command ?? [])]
  return program === "postgres" ? [program, ...NO_DURABILITY, ...args] : command
}
