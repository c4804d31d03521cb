import { NAME } from "../config/parts.js"
import { containersBy } from "../project/declared/containers.js"
import type { FoundService, Wanted } from "../project/declared/found.js"
import { READY_SECONDS, titleOf } from "../project/declared/found.js"
import { teamVersions } from "../project/declared/languages.js"
import { nodeVersion } from "../project/node-version.js"
import { hasManifest } from "../project/packages.js"
import type { Repository } from "../project/project.js"
import type { Stage } from "../run/stage.js"
import type { Setting } from "./outcome.js"

/** Returns the Node.js of a repository: all of a matrix of the team's CI, else what a file names. */
export function nodeSettings({ projects, whole }: Repository): readonly Setting[] {
  const [first, ...others] = projects.filter(hasManifest)
  if (first === undefined || others.some(({ node }) => node !== first.node)) return []
  const matrix = teamVersions(whole.declared, "node").find(({ wanted }) => wanted.includes(" || "))
  const versions = matrix?.wanted.split(" || ").flatMap((one) => nodeVersion(one) ?? []) ?? []
  const all = [...new Set([first.node, ...versions])]
  if (matrix !== undefined && all.length > 1)
    return [{ path: ["node"], value: all.map(number), from: `the matrix of ${matrix.file}` }]
  return first.nodeBy === null ? [] : [{ path: ["node"], value: number(first.node), from: first.nodeBy }]
}

/** Returns the Docker daemon of tests that start containers by a package which is there for that. */
export function dockerSettings({ projects }: Repository): readonly Setting[] {
  const found = projects.flatMap((project) =>
    [project.root, ...project.workspaces].flatMap((one) => containersBy(project, one) ?? []),
  )
  const [first] = found
  return first === undefined
    ? []
    : [
        {
          path: ["tests", "docker"],
          value: true,
          from: `${first} starts containers: tests get a Docker daemon, in a privileged container`,
        },
      ]
}

/** A version with a dot stays text: as a number, 20.10 would be 20.1. */
const number = (version: string): string | number => (/^\d+$/.test(version) ? Number(version) : version)

/** The services of a repository's tests, for slipway.yaml. */
export interface Services {
  readonly settings: readonly Setting[]
  /** Services that stay in their own files, each with the reason. */
  readonly left: readonly string[]
}

/** The source of a service that only a package asks for: it is there by default. */
const PACKAGES = "its packages"

/** Returns the services that stages use as keys of slipway.yaml, without those that a package alone asks for. */
export function serviceSettings(stages: readonly Stage[]): Services {
  const uses = stages.flatMap(({ services = [], kind, project }) =>
    services.map((service) => ({ service, unit: kind === "unit" && project?.language !== "python" })),
  )
  const hosts = [...new Set(uses.map(({ service }) => service.host))]
  const all = hosts.flatMap((host) => {
    const own = uses.filter(({ service }) => service.host === host)
    const [first] = own
    if (first === undefined || first.service.source === PACKAGES) return []
    const reason = whyNot(own.map(({ service }) => service))
    const unit = own.some((one) => one.unit)
    return [{ service: first.service, reason, unit }]
  })
  return {
    settings: all.flatMap(({ service, reason, unit }) =>
      reason === null
        ? [{ path: ["services", service.host], value: settingOf(service, unit), from: service.source }]
        : [],
    ),
    left: all.flatMap(({ service, reason }) =>
      reason === null ? [] : [`${titleOf(service)}, from ${service.source}: ${reason}`],
    ),
  }
}

/** Why slipway.yaml cannot say the same of a service; null where it can. */
function whyNot(uses: readonly Wanted[]): string | null {
  const [service, ...others] = uses
  if (
    service === undefined ||
    others.some((one) => JSON.stringify(settingOf(one, false)) !== JSON.stringify(settingOf(service, false)))
  )
    return "packages use it in different ways"
  const { host, ports, published, mounts, aliases, entrypoint, needs } = service
  const [port, ...more] = ports
  if (!NAME.test(host)) return "its name is not valid in slipway.yaml"
  if (Object.keys(mounts).length > 0) return "it mounts files"
  if (entrypoint !== null) return "it sets an entrypoint"
  if (aliases.length > 0) return "it has several names"
  if (needs.length > 0) return "it needs another service"
  if (port === undefined || more.length > 0) return "it names no port, or several"
  if (Object.entries(published).some(([here, there]) => Number(here) !== port || there !== port))
    return "localhost has it at another port"
  if (uses.some(({ required }) => !required)) return "tests run without it where it cannot be pulled"
  return null
}

function settingOf(service: FoundService, unit: boolean) {
  const { image, ports, env, command, init, technology } = service
  // What is known of a technology asks for more than a healthcheck does.
  const ready = technology?.ready ? { ...service.ready, command: null } : service.ready
  const probe = {
    ...(ready.command === null ? {} : { command: ready.command }),
    ...(ready.log === null ? {} : { log: ready.log }),
    ...(ready.seconds === READY_SECONDS ? {} : { timeout: `${ready.seconds}s` }),
  }
  return {
    image,
    port: ports[0],
    ...(Object.keys(env).length > 0 ? { env } : {}),
    ...(command === null ? {} : { command }),
    ...(Object.keys(probe).length > 0 ? { ready: probe } : {}),
    ...(init.length > 0 ? { init } : {}),
    ...(unit ? { unit: true } : {}),
  }
}
