import type { Container } from "@dagger.io/dagger"
import { titleOf } from "../project/declared/found.js"
import { TECHNOLOGIES } from "../project/declared/technologies.js"
import { END_TO_END } from "../project/end-to-end.js"
import { type Backing, lack, type Missing, type Replaced } from "../project/services.js"
import type { TestCase } from "../run/result.js"
import type { StageResult } from "../run/stage.js"
import { unreachable, unreachableText } from "../run/unreachable.js"

/** What tests want of Docker, where there is none: their services are there already, or it is said what is missing. */

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

const WAY =
  "Describe what they start under `services` in slipway.yaml, and let the tests use it where it is there already"

/**
 * Returns the result of a red suite whose failure says nothing about the code: what it needs is not here. Its failed
 * tests are left out, for they did not test anything.
 */
export function withoutServices(
  result: StageResult,
  script: string,
  { missing, local, replaced }: Pick<Backing, "missing" | "local" | "replaced">,
): StageResult {
  if (result.verdict !== "failed") return result
  const summary =
    reasonOf(result, script, missing, Object.keys(local).map(Number)) ?? otherProgram(result, replaced)
  return summary === null ? result : { ...result, verdict: "errored", cause: "service", summary, tests: [] }
}

/**
 * Says why a red suite may tell nothing about the code: another program answers in the place of one that it needs, as MariaDB
 * does for MySQL, and orders rows, or understands SQL, in another way. Null where there is none.
 */
function otherProgram({ summary }: StageResult, replaced: readonly Replaced[]): string | null {
  const [first] = replaced
  return first === undefined
    ? null
    : `${summary}, on ${first.by} in the place of ${titleOf(first.service)}: run the tests on an engine that has ${first.service.image}`
}

function reasonOf(
  { log: { text: log }, tests }: Pick<StageResult, "log" | "tests">,
  script: string,
  missing: readonly Missing[],
  local: readonly number[],
): string | null {
  const refused = REFUSAL.exec(log)?.[1]
  if (missing.length > 0) return missing.map(lack).join("; ")
  if (refused)
    return `the script ${script} starts Docker itself (\`${refused}\`), and there is none here. ${WAY}`
  if (LIBRARIES.test(log))
    return `the tests of ${script} start Docker themselves, and there is none here. ${WAY}`
  const ports = [...log.matchAll(/ECONNREFUSED (?:127\.0\.0\.1|::1|localhost):(\d+)/g)].map(([, each]) =>
    Number(each),
  )
  const technology = TECHNOLOGIES.find(
    (one) => one.unasked !== null && ports.includes(one.port) && !local.includes(one.port),
  )
  if (!technology?.unasked) {
    const port = ports.find((one) => !local.includes(one))
    return withoutApp(tests, script, port) ?? withoutHost(log, tests, script)
  }
  const { host, image } = technology.unasked
  return `the tests look for ${technology.name} on localhost:${technology.port}, and there is none. Write \`services: { ${host}: { image: "${image}", port: ${technology.port}, unit: true } }\` into slipway.yaml`
}

/**
 * Says why a suite is red that ran no test, or whose failed tests all say the same, because a host on the internet is not
 * reachable; null for other failures.
 */
function withoutHost(log: string, tests: readonly TestCase[], script: string): string | null {
  const failed = tests.filter(({ verdict }) => verdict === "failed")
  const hosts = (tests.length === 0 ? [log] : failed.map(({ message }) => message ?? "")).map(unreachable)
  const first = hosts.find((host) => host !== null)
  return first && hosts.every((host) => host !== null)
    ? `${unreachableText(first)}; the script ${script} cannot run without it`
    : null
}

/** Matches the message of a test that could not connect to a port. */
const REFUSES = /ECONNREFUSED|AggregateError/

/** Says why end-to-end tests fail that need a running app and do not start it; null for other failures. */
function withoutApp(tests: readonly TestCase[], script: string, port: number | undefined): string | null {
  const failed = tests.filter(({ verdict }) => verdict === "failed")
  const all = failed.length > 0 && failed.every(({ message }) => REFUSES.test(message ?? ""))
  if (port === undefined || !all || !END_TO_END.includes(script)) return null
  return `the tests of ${script} look for the running app on localhost:${port}, and none runs there. Let them start it, or take its address from BASE_URL and name the script as \`stages.e2e.script\` in slipway.yaml`
}
