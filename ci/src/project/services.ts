import { type Container, dag, type Service } from "@dagger.io/dagger"
import { escapeGlob, filesBelow } from "../formats/glob.js"
import { type CommandStep, startedOnce } from "../run/command.js"
import { errored } from "../run/explain.js"
import { Fault } from "../run/fault.js"
import { NODE } from "../run/images.js"
import type { StageOutcome } from "../run/result.js"
import { type Given, withEnvironment } from "../run/stage.js"
import { type FoundService, titleOf, variablesOf, type Wanted } from "./declared/found.js"
import { type Missing, made, type Replaced } from "./service-container.js"

/** The databases and services beside a project's tests and its running app, as containers. */

/** Running instances of services, and how programs find them. */
export interface Backing {
  /** By host name. */
  readonly services: Readonly<Record<string, Service>>
  readonly env: Readonly<Record<string, string>>
  /** Ports of localhost that lead to services: port → host:port. */
  readonly local: Readonly<Record<number, string>>
  /** What cannot be had here, and why. */
  readonly missing: readonly Missing[]
  /** Services whose image holds another program than its name says. */
  readonly replaced: readonly Replaced[]
}

type Parts = Pick<Given, "image" | "service" | "source">

/**
 * Creates services for this stage alone, empty. They start with a container that they are bound to.
 *
 * @param instance distinguishes instances in one stage: equal ones share their services.
 */
export async function backing(given: Parts, wanted: readonly Wanted[], instance = ""): Promise<Backing> {
  const tried = await Promise.all(wanted.map((service) => made(given, service)))
  const found = tried.flatMap((one) => ("container" in one ? [one] : []))
  const services: Record<string, Service> = {}
  for (const { service, container } of ordered(found)) {
    const bound = service.needs.reduce(
      (made, host) => (services[host] ? made.withServiceBinding(host, services[host]) : made),
      instance === "" ? container : container.withEnvVariable("SLIPWAY_INSTANCE", instance),
    )
    const running = given.service(bound)
    for (const host of [service.host, ...service.aliases]) services[host] = running
  }
  const there = found.map(({ service }) => service)
  return {
    services,
    ...accessTo(there),
    missing: tried.flatMap((one) => ("reason" in one ? [one] : [])),
    replaced: found.flatMap(({ replaced }) => replaced ?? []),
  }
}

/** How programs find some services: the first of a technology has its variables. */
export function accessTo(services: readonly FoundService[]): Pick<Backing, "env" | "local"> {
  const env = services.toReversed().map(variablesOf)
  const local = services
    .toReversed()
    .map(({ host, published }) =>
      Object.fromEntries(Object.entries(published).map(([here, there]) => [here, `${host}:${there}`])),
    )
  return { env: Object.assign({}, ...env), local: Object.assign({}, ...local) }
}

/** Binds services to a container, with the variables by which programs find them. */
export const bind = (container: Container, { services, env }: Pick<Backing, "services" | "env">): Container =>
  Object.entries(services).reduce(
    (bound, [host, service]) => bound.withServiceBinding(host, service),
    withEnvironment(container, env),
  )

/** Where {@link withForward} puts what it brings along. */
const TOOLS = "/slipway-services"

/** Adds what a container needs to reach services on its own localhost. */
export const withForward = (
  given: Pick<Given, "image">,
  container: Container,
  { local }: Pick<Backing, "local">,
) =>
  Object.keys(local).length === 0
    ? container
    : container
        .withFile(`${TOOLS}/forward.ts`, dag.currentModule().source().file("inside/forward.ts"))
        .withFile(`${TOOLS}/node`, given.image(NODE).file("/usr/local/bin/node"))

/** A shell command that starts to forward ports of localhost, and returns once they are open; "" where there are none. */
function forwardCommand({ local }: Pick<Backing, "local">): string {
  const ports = Object.entries(local).map(([here, there]) => `${here} ${there.replace(":", " ")}`)
  if (ports.length === 0) return ""
  const program = `NODE_OPTIONS= ${TOOLS}/node --no-warnings ${TOOLS}/forward.ts ${ports.join(" ")}`
  return startedOnce(program, "/tmp/slipway-forward")
}

/** The step of a command that starts to forward ports; none where there are none. */
export function forwardSteps(services: Pick<Backing, "local">): readonly CommandStep[] {
  const run = forwardCommand(services)
  return run === "" ? [] : [{ name: "services", run, timeout: FORWARD_TIMEOUT, stays: true }]
}

const FORWARD_TIMEOUT = 60

/** Services in an order in which each stands behind those that it needs; what turns in a circle stays as it is. */
function ordered<T extends { readonly service: FoundService }>(all: readonly T[]): readonly T[] {
  const done: T[] = []
  const visit = (one: T, path: readonly T[]) => {
    if (done.includes(one) || path.includes(one)) return
    for (const other of all) if (one.service.needs.includes(other.service.host)) visit(other, [...path, one])
    done.push(one)
  }
  for (const one of all) visit(one, [])
  return done
}

/** The outcome of a stage that cannot have a service that it needs; null where all are here. */
export function lacking({ missing }: Pick<Backing, "missing">): StageOutcome | null {
  const required = missing.filter(({ service }) => service.required)
  if (required.length === 0) return null
  return errored("service", required.map(lack).join("; "), required.map(({ reason }) => reason).join("\n"))
}

/** Returns services of which none is lacking. @throws {Fault} `service` where one is. */
export function refuseLacking(found: Backing): Backing {
  const [first] = found.missing
  if (first === undefined) return found
  throw new Fault("service", {
    what: lack(first),
    where: null,
    fix: `name another image under \`services.${first.service.host}\` in slipway.yaml`,
  })
}

/** Patterns of the project's files that services read. */
export const mountedFiles = (services: readonly FoundService[]): readonly string[] =>
  services
    .flatMap(({ mounts }) => Object.values(mounts))
    .map((path) => (path.endsWith("/") ? filesBelow(path.slice(0, -1)) : escapeGlob(path)))

/** `needs MySQL 8.4 (docker-compose.yml:4), and mysql:8.4 cannot be pulled: …` */
export function lack({ service, reason }: Missing): string {
  const { host, source } = service
  return `needs ${titleOf(service)} (${source}): ${reason}. Another image: write \`services.${host}\` into slipway.yaml`
}
