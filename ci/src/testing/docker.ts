import type { Container } from "@dagger.io/dagger"

/** Replaces Docker for tests that start their services with it: the services run already. */

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
export const withDocker = (container: Container): Container =>
  ["docker", "docker-compose"].reduce(
    (made, name) => made.withNewFile(`${BIN}/${name}`, SHIM, { permissions: 0o755 }),
    container,
  )

/** Begins a shell command that finds it. */
export const dockerPath = `export PATH=${BIN}:$PATH; `

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
