/**
 * Task definitions without what means nothing: members that have ECS's default, or that are empty. DescribeTaskDefinition
 * fills the defaults in, and files leave them out:
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 */
import { isFields } from "./differences.ts"

type Fields = Readonly<Record<string, unknown>>

/** Defaults of members, by the member that they are in; "": of the task. */
const DEFAULTS: Readonly<Record<string, Fields>> = {
  "": { networkMode: "bridge" },
  containerDefinitions: {
    cpu: 0,
    essential: true,
    readonlyRootFilesystem: false,
    privileged: false,
    interactive: false,
    pseudoTerminal: false,
    disableNetworking: false,
  },
  portMappings: { protocol: "tcp" },
  healthCheck: { interval: 30, timeout: 5, retries: 3 },
  mountPoints: { readOnly: false },
  volumesFrom: { readOnly: false },
  efsVolumeConfiguration: { rootDirectory: "/" },
}

/** Lists whose order says nothing: ECS may change it. */
const UNORDERED: ReadonlySet<string> = new Set(["environment", "secrets"])

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isFields(value) && Object.keys(value).length === 0)

const nameIn = (value: unknown): string => (isFields(value) ? String(value.name ?? "") : "")

/** @param member that the value is in. */
function cleaned(value: unknown, member: string): unknown {
  if (Array.isArray(value)) {
    const all: readonly unknown[] = value.map((one) => cleaned(one, member))
    return UNORDERED.has(member)
      ? all.toSorted((left, right) => nameIn(left).localeCompare(nameIn(right)))
      : all
  }
  if (!isFields(value)) return value
  const defaults = DEFAULTS[member] ?? {}
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, one]) => [name, cleaned(one, name)] as const)
      .filter(([name, one]) => !isEmpty(one) && one !== defaults[name]),
  )
}

/** Units in which people write the size of a task, and how many of ECS's own each has: CPU units and MiB. */
const UNITS = /^\s*([\d.]+)\s*(?:vCPU|GB)\s*$/i

function sized(value: unknown): unknown {
  const [, number] = UNITS.exec(String(value)) ?? []
  if (number !== undefined) return String(Number(number) * 1024)
  return typeof value === "number" ? String(value) : value
}

/** Network modes in which a container's port is the host's. */
const OWN_PORTS: ReadonlySet<unknown> = new Set(["awsvpc", "host"])

/** Leaves out the host's port where it is the container's, or any. */
function portOf(mapping: unknown, mode: unknown): unknown {
  if (!isFields(mapping)) return mapping
  const { hostPort, ...rest } = mapping
  const usual = OWN_PORTS.has(mode) ? mapping.containerPort : 0
  return hostPort === usual ? rest : mapping
}

function containerOf(container: unknown, mode: unknown): unknown {
  if (!isFields(container) || !Array.isArray(container.portMappings)) return container
  return { ...container, portMappings: container.portMappings.map((one) => portOf(one, mode)) }
}

/** Returns a task definition in the one form that all that mean the same have. */
export function normal(definition: object): Fields {
  const { containerDefinitions, cpu, memory, ...rest }: Fields = { ...definition }
  const containers = Array.isArray(containerDefinitions)
    ? containerDefinitions.map((one) => containerOf(one, rest.networkMode))
    : containerDefinitions
  const sizes = Object.entries({ cpu, memory }).filter(([, value]) => !isEmpty(value))
  const whole = cleaned({ ...rest, containerDefinitions: containers }, "")
  const size = Object.fromEntries(sizes.map(([name, value]) => [name, sized(value)]))
  return { ...(isFields(whole) ? whole : {}), ...size }
}
