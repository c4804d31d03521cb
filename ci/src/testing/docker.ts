import type { Container } from "@dagger.io/dagger"
import { callsCompose, dockerLine, getsDocker } from "../project/declared/containers.js"
import { startsDocker, type TestScript } from "../project/declared/scripts.js"
import {
  COMPOSE,
  DOCKER,
  dockerDaemon,
  notingPulls,
  PUBLISHED,
  withDockerClient,
} from "../project/docker-daemon.js"
import type { Project } from "../project/project.js"
import { bind } from "../project/services.js"
import type { CommandStep } from "../run/command.js"
import type { Image } from "../run/images.js"
import type { Given } from "../run/stage.js"

/** What tests that start containers get: a Docker daemon, or what replaces Docker where their services run already. */

/** What a suite has of Docker. */
export interface DockerOf {
  readonly kind: "daemon" | "replaced" | "none"
  /** Whether it calls Docker Compose. */
  readonly compose: boolean
  /** What to write into slipway.yaml for a daemon. */
  readonly line: string
}

/** Returns what a suite has of Docker. @param stage the name of its stage. */
export const dockerOf = (project: Project, test: TestScript, stage: string): DockerOf => ({
  kind: kindOf(project, test, stage),
  compose: callsCompose(project, test),
  line: dockerLine(project, test, stage),
})

function kindOf(project: Project, test: TestScript, stage: string): DockerOf["kind"] {
  if (getsDocker(project, test, stage)) return "daemon"
  return startsDocker(test.workspace, test.script) ? "replaced" : "none"
}

/** `with a Docker daemon (docker:28.5.1-dind), from slipway.yaml`, for `plan`; nothing without one. */
export const dockerBecause = ({ kind }: DockerOf): readonly string[] =>
  kind === "daemon"
    ? [
        `with a Docker daemon (${DOCKER.name}:${DOCKER.tag}, privileged), from \`tests.docker\` in slipway.yaml`,
      ]
    : []

/** The images that a suite's stage runs on because of it. */
export const dockerImages = ({ kind, compose }: DockerOf): readonly Image[] =>
  kind === "daemon" ? [DOCKER, ...(compose ? [COMPOSE] : [])] : []

/** Adds what a suite has of Docker to its container. @param instance distinguishes daemons of one stage. */
export function withDocker(
  given: Given,
  container: Container,
  docker: DockerOf,
  instance: string,
): Container {
  if (docker.kind === "none") return container
  if (docker.kind === "replaced") return withReplaced(container)
  return bind(withDockerClient(given, container, docker.compose), dockerDaemon(given, instance))
}

/** The steps of a command before its tests. */
export const dockerSteps = ({ kind }: DockerOf): readonly CommandStep[] =>
  kind === "daemon" ? [PUBLISHED] : []

/** Returns the shell command of tests with Docker as a suite has it. */
export const inDocker = ({ kind }: DockerOf, command: string): string => `${BEFORE[kind]}${command}`

/** Said by {@link SHIM} where it cannot do what it is told. */
const REFUSED = "slipway: there is no Docker here for"

/**
 * Stands for `docker` and `docker-compose` where tests start their services with them. Those of the compose file run
 * already: starting and stopping them is done.
 */
const SHIM = `#!/bin/sh
refuse() { echo "${REFUSED}: \${0##*/} $*" >&2; exit 125; }
all=$*
[ "\${0##*/}" = docker-compose ] || { [ "$1" = compose ] && shift; } || refuse "$all"
for word; do
	case $word in
	up | start | create | pull | build | wait | ps | logs | down | stop | rm | kill | restart | version) exit 0 ;;
	exec | run | cp | port) refuse "$all" ;;
	esac
done
refuse "$all"
`

const BIN = "/slipway/docker"

/** Puts what stands for Docker into a container. */
const withReplaced = (container: Container): Container =>
  ["docker", "docker-compose"].reduce(
    (made, name) => made.withNewFile(`${BIN}/${name}`, SHIM, { permissions: 0o755 }),
    container,
  )

/** How the shell command of tests begins. */
const BEFORE: Readonly<Record<DockerOf["kind"], string>> = {
  none: "",
  replaced: `export PATH=${BIN}:$PATH; `,
  daemon: notingPulls,
}

/** Said by libraries that start containers through Docker's socket. */
const LIBRARIES =
  /Could not find a working container runtime strategy|Cannot connect to the Docker daemon|connect ENOENT \/var\/run\/docker\.sock|DockerException: Error while fetching server API version/

const REFUSAL = new RegExp(`^${REFUSED}: (.*)$`, "m")

/** Returns how a log says that a script, or its tests, start Docker themselves; null where it does not. */
export function startedDocker(script: string, log: string): string | null {
  const refused = REFUSAL.exec(log)?.[1]
  if (refused) return `the script ${script} starts Docker itself (\`${refused}\`)`
  return LIBRARIES.test(log) ? `the tests of ${script} start Docker themselves` : null
}
