import { CacheSharingMode, type Container, dag, type Service } from "@dagger.io/dagger"
import { oneLine } from "../formats/clean.js"
import { type CommandStep, startedOnce } from "../run/command.js"
import { type Image, NODE } from "../run/images.js"
import { type Given, WORKDIR } from "../run/stage.js"
import type { Backing } from "./services.js"

/** A Docker daemon for tests that start containers themselves, and the images that they pull. */

/** Has the daemon, and its command line as /usr/local/bin/docker. */
export const DOCKER: Image = { name: "docker", tag: "28.5.1-dind" }
/** Docker Compose: the plugin alone, as /docker-compose, and no shell. */
export const COMPOSE: Image = { name: "docker/compose-bin", tag: "v2.40.3" }

/** The daemon's name, and that of the registry that it pulls from. */
const HOST = "docker"
const IMAGES = "images"
const PORT = 2375
const MIRROR_PORT = 5000

/** Registries beside Docker Hub whose images come through the engine: the daemon takes {@link IMAGES} for them. */
const REGISTRIES = ["ghcr.io", "mcr.microsoft.com", "public.ecr.aws", "quay.io"]

/** Where the daemon keeps images and containers: a separate disk, emptied at each start. */
const DATA = "/var/lib/docker"
const START = `rm -rf ${DATA}/*; exec dockerd-entrypoint.sh "$@"`

const TOOLS = "/slipway-docker"
const NODE_COMMAND = `NODE_OPTIONS= ${TOOLS}/node --no-warnings`
/** What became of the images that were pulled, as JSON. */
export const PULLS = "/slipway/docker-pulls.json"

/** Variables by which clients find the daemon. Its containers end with it: nothing has to remove them. */
const ENV = {
  DOCKER_HOST: `tcp://${HOST}:${PORT}`,
  TESTCONTAINERS_HOST_OVERRIDE: HOST,
  TESTCONTAINERS_RYUK_DISABLED: "true",
}

/** A daemon of a stage alone, with its registry. @param instance distinguishes daemons of one stage. */
export function dockerDaemon(given: Given, instance: string): Pick<Backing, "services" | "env"> {
  const registry = registryOf(given)
  const named = [IMAGES, ...REGISTRIES].reduce(
    (container, host) => container.withServiceBinding(host, registry),
    given.image(DOCKER),
  )
  const container = named
    // Its images are known only once it runs: no result of an earlier run stands for this one.
    .withEnvVariable("SLIPWAY_INSTANCE", [given.startedAt, instance].join(" "))
    .withMountedCache(DATA, dag.cacheVolume("slipway-docker"), { sharing: CacheSharingMode.Private })
    // Containers that mount files of the project find them where the tests have them.
    .withDirectory(WORKDIR, given.source)
    .withoutExposedPort(2376)
    .withExposedPort(PORT)
    .withEntrypoint(["sh", "-c", START, "sh"])
    .withDefaultArgs(["dockerd", ...OPTIONS])
    // The client asks for `/_ping` first.
    .withDockerHealthcheck(["docker", `--host=tcp://127.0.0.1:${PORT}`, "version"], {
      interval: "500ms",
      retries: 240,
    })
  return {
    services: { [HOST]: given.service(container, { privileged: true }), [IMAGES]: registry },
    env: ENV,
  }
}

const OPTIONS = [
  `--host=tcp://0.0.0.0:${PORT}`,
  "--tls=false",
  `--registry-mirror=http://${IMAGES}:${MIRROR_PORT}`,
  ...[`${IMAGES}:${MIRROR_PORT}`, ...REGISTRIES].map((host) => `--insecure-registry=${host}`),
]

/** The registry has the engine pull: that is what its access is for. */
function registryOf(given: Given): Service {
  const { prefix, overrides } = given.project.config.images
  const container = given
    .image(NODE)
    .withFile("/registry.ts", dag.currentModule().source().file("inside/registry.ts"))
    .withExposedPort(MIRROR_PORT)
    .withExposedPort(80)
    .withEntrypoint([])
    .withDefaultArgs([
      "node",
      "--no-warnings",
      "/registry.ts",
      prefix ?? "",
      JSON.stringify(overrides),
      String(MIRROR_PORT),
      "80",
    ])
  return given.service(container, { engine: true })
}

/** Adds Docker's command line, with Compose where the tests call it. */
export function withDockerClient(given: Given, container: Container, compose: boolean): Container {
  const made = container
    .withFile("/usr/local/bin/docker", given.image(DOCKER).file("/usr/local/bin/docker"))
    .withFile(`${TOOLS}/node`, given.image(NODE).file("/usr/local/bin/node"))
    .withFile(`${TOOLS}/published.ts`, dag.currentModule().source().file("inside/published.ts"))
  if (!compose) return made
  return made
    .withFile(
      "/usr/local/lib/docker/cli-plugins/docker-compose",
      given.image(COMPOSE).file("/docker-compose"),
    )
    .withNewFile("/usr/local/bin/docker-compose", '#!/bin/sh\nexec docker compose "$@"\n', {
      permissions: 0o755,
    })
}

/** Starts to forward the ports that containers publish: scripts look for them on localhost as well. */
export const PUBLISHED: CommandStep = {
  name: "docker",
  run: startedOnce(`${NODE_COMMAND} ${TOOLS}/published.ts ${HOST} ${PORT}`, "/tmp/slipway-published"),
  timeout: 60,
  stays: true,
}

/** Begins a shell command at whose end {@link PULLS} says what was pulled. */
export const notingPulls = `trap "${NODE_COMMAND} -e 'fetch(\\"http://${IMAGES}:${MIRROR_PORT}/slipway/pulls\\").then(async (one) => process.stdout.write(await one.text()))' >${PULLS}" EXIT; `

/** What became of the images that containers of tests are made of. */
export interface Pulls {
  /** The images that could not be pulled, each with the reason. */
  readonly refused: Readonly<Record<string, string>>
  /** The variables of the others, `NAME=value` each. */
  readonly pulled: Readonly<Record<string, readonly string[]>>
}

const NONE: Pulls = { refused: {}, pulled: {} }

/** Reads {@link PULLS}; a command that was killed left none. */
export function pullsIn(reports: Readonly<Record<string, string>>): Pulls {
  try {
    return JSON.parse(reports[PULLS] ?? "")
  } catch {
    return NONE
  }
}

/** How a daemon says that an image is not to be had: one that it pulled by itself, by its digest. */
const NO_IMAGE =
  /(?:manifest for|pull access denied for|No such image:|failed to resolve reference) "?([^\s",]+?)"?(?:[\s,]|$)/

/** `cannot pull \`acme/api:7\`: not found`: why containers of tests could not be made; null where all images were there. */
export function withoutImage({ refused }: Pulls, log: string): string | null {
  const [first] = Object.entries(refused)
  if (first !== undefined)
    return `cannot pull \`${first[0]}\`, of which the tests start a container: ${reasonOf(first[1])}`
  const image = NO_IMAGE.exec(log)?.[1]
  return image === undefined ? null : `cannot pull \`${image}\`, of which the tests start a container`
}

const reasonOf = (message: string): string => oneLine(message.slice(message.lastIndexOf(": ") + 2))
