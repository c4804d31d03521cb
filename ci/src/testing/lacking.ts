import { anyOf } from "../formats/pattern.js"
import { type FoundService, titleOf } from "../project/declared/found.js"
import { type Pulls, withoutImage } from "../project/docker-daemon.js"
import { isEndToEnd } from "../project/end-to-end.js"
import type { Project } from "../project/project.js"
import { type Replaced, replacedIn } from "../project/service-container.js"
import { type Backing, lack } from "../project/services.js"
import { causeLine } from "../run/cause-line.js"
import type { TestCase } from "../run/result.js"
import type { StageResult } from "../run/stage.js"
import { unreachable, unreachableText } from "../run/unreachable.js"
import { type DockerOf, startedDocker } from "./docker.js"
import { refusedBy, refusedPorts, withoutSocket } from "./refused.js"
import { withoutVariable } from "./unset.js"

/** Red suites that say nothing about the code, because something that they need is not here. */

const wayOf = (line: string): string =>
  `Write \`${line}\` into slipway.yaml: they get a Docker daemon, in a privileged container. Or describe what they start under \`services\`, and let the tests use it where it is there already`

/** Returns the services that the team's files describe and that a suite does not get. */
export function notGiven(
  { declared }: Pick<Project, "declared">,
  given: readonly FoundService[],
): readonly FoundService[] {
  const jobs = declared.jobs.flatMap((job) => [job, ...(job.others ?? [])])
  const files = Object.values(declared.compose).flatMap(({ services, unbuilt }) => [...services, ...unbuilt])
  const all = [...files, ...jobs.flatMap(({ services }) => services)]
  return all.filter(({ host, image }) => given.every((one) => one.host !== host || one.image !== image))
}

/** What a suite had around it. */
interface Around extends Pick<Backing, "missing" | "local" | "replaced"> {
  readonly docker: Pick<DockerOf, "kind" | "line">
  /** The images of containers that its tests started. */
  readonly pulls: Pulls
  /** The services that the team's files describe and that it did not get. */
  readonly absent: readonly FoundService[]
}

/**
 * Returns the result of a red suite whose failure says nothing about the code: what it needs is not here. Its failed
 * tests are left out, for they did not test anything.
 */
export function withoutServices(result: StageResult, script: string, around: Around): StageResult {
  if (result.verdict !== "failed") return result
  const summary =
    withoutEnvFile(result) ??
    withoutVariable(result) ??
    otherSetUp(result) ??
    reasonOf(result, script, around) ??
    otherProgram(result, [...around.replaced, ...replacedIn(around.pulls.pulled)])
  return summary === null ? result : { ...result, verdict: "errored", cause: "service", summary, tests: [] }
}

/**
 * Says why a red suite may say nothing about the code: MariaDB answers instead of MySQL, for example, and orders rows or
 * reads SQL differently. Null where each service is what its image is named after, and where no test ran for a reason that
 * names no client of the service.
 */
function otherProgram(result: StageResult, replaced: readonly Replaced[]): string | null {
  const {
    summary,
    tests,
    log: { text },
  } = result
  const isMeant = ({ service: { technology }, lacks }: Replaced) =>
    lacks !== null
      ? allSay(result, lacks) !== null
      : tests.length > 0 ||
        (technology?.clients ?? []).some((client) => new RegExp(`(?<![\\w-])${client}(?![\\w-])`).test(text))
  const found = replaced.find(isMeant)
  return found === undefined
    ? null
    : `${summary}, on ${found.by} instead of ${titleOf(found.service)}: run the tests on an engine that has ${found.service.image}`
}

/** Returns what the first failed test says, or the cause in the log of a suite without tests, if all say it; else null. */
export function allSay(
  { tests, log: { text } }: Pick<StageResult, "log" | "tests">,
  pattern: RegExp,
): string | null {
  const failed = tests.filter(({ verdict }) => verdict === "failed").map(({ message }) => message ?? "")
  const said = (tests.length === 0 ? [causeLine(text) ?? ""] : failed).map((one) => pattern.exec(one)?.[0])
  return said.every((one) => one !== undefined) ? (said[0] ?? null) : null
}

/** How servers refuse what they were not set up for. */
const NOT_SET_UP = anyOf([
  // PostgreSQL.
  /prepared transactions are disabled/,
  /logical decoding requires "?wal_level"? >= "?logical"?/,
  /extension "[^"\n]+" is not available|could not open extension control file/,
  /[\w.]+ must be loaded via "?shared_preload_libraries"?/,
  // MySQL, MongoDB, Redis, RabbitMQ.
  /Loading local data is disabled/,
  /Transaction numbers are only allowed on a replica set/,
  /This instance has cluster support disabled/,
  /unknown exchange type '[^'\n]+'/,
])

/** Says that a service refuses what the tests need, which the team's own is set up for; null for other failures. */
function otherSetUp(result: StageResult): string | null {
  const said = allSay(result, NOT_SET_UP)
  return said === null
    ? null
    : `a service of the tests is not set up for them: ${said}. Describe it under \`services\` in slipway.yaml: \`image\`, \`command\`, \`init\``
}

/** How programs say that an env file is not there: env-cmd, Node.js, shells, all that open one. */
const NO_ENV_FILE = [
  /Failed to find (?<file>\S*\.env[\w.-]*) file at (?:default )?path/,
  /^node: (?<file>\S*\.env[\w.-]*): not found/,
  /(?:^|[\s:])(?<file>[\w./-]*\.env[\w.-]*): No such file or directory/,
  /(?:ENOENT|No such file or directory)[^\n]*?['"](?:\/app\/)?(?<file>[\w./-]*\.env[\w.-]*)['"]/,
]

/**
 * Says that a suite of which no test ran lacks an env file: git does not have it, and a CI that runs the suite would have
 * made it. Null for other failures.
 */
function withoutEnvFile({ log: { text }, tests }: Pick<StageResult, "log" | "tests">): string | null {
  const cause = tests.length > 0 ? "" : (causeLine(text) ?? "")
  const file = NO_ENV_FILE.map((one) => one.exec(cause)?.groups?.file).find(Boolean)
  return file === undefined
    ? null
    : `the file ${file} is not in the repository, and no job of the team's CI makes it before these tests. Commit an example of it as ${file.replace(/^\.\//, "")}.example, or set variables under \`stages\` in slipway.yaml and let the tests do without the file`
}

function reasonOf(
  { log: { text: log }, tests }: Pick<StageResult, "log" | "tests">,
  script: string,
  { missing, local: forwarded, docker, pulls, absent }: Around,
): string | null {
  if (missing.length > 0) return missing.map(lack).join("; ")
  const unpulled = docker.kind === "daemon" ? withoutImage(pulls, log) : null
  if (unpulled !== null) return unpulled
  const started = startedDocker(script, log)
  if (started !== null)
    return docker.kind === "daemon"
      ? `${started}, and its daemon does not answer`
      : `${started}, which is not available here. ${wayOf(docker.line)}`
  const said = [log, ...tests.map(({ message }) => message ?? "")].join("\n")
  const refused = refusedBy(said, forwarded, absent) ?? withoutSocket(said)
  if (refused !== null) return refused
  const port = refusedPorts(said).find((one) => !(one in forwarded))
  return withoutApp(tests, script, port) ?? withoutHost(log, tests, script)
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
  if (port === undefined || !all || !isEndToEnd(script)) return null
  return `the tests of ${script} look for the running app on localhost:${port}, and none runs there. Let them start it, or take its address from BASE_URL and name the script as \`stages.e2e.script\` in slipway.yaml`
}
