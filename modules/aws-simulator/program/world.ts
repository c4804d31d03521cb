/** What the account holds before anything is deployed. */

export interface WorldService {
  readonly name: string
  readonly family: string
  readonly container: string
  readonly image: string
  readonly desired: number
  /** The revision that runs when the rehearsal begins. */
  readonly revision: number
  readonly port: number
  /** Host names that the load balancer answers for; none: a worker without a load balancer. */
  readonly hosts: readonly string[]
  readonly healthPath: string
  /** Seconds that an old target keeps its connections. */
  readonly deregistrationDelay: number
  /** DeploymentConfiguration as AWS writes it. */
  readonly deploymentConfiguration: { readonly [key: string]: unknown }
  /** Members of its task definition, as AWS writes them, in place of those made up. */
  readonly definition: { readonly [key: string]: unknown }
}

export interface WorldContainer {
  readonly name: string
  readonly image: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** A family that no service runs: a migration, say. */
export interface WorldTaskDefinition {
  readonly family: string
  readonly revision: number
  readonly containers: readonly WorldContainer[]
  readonly definition: { readonly [key: string]: unknown }
}

export interface WorldImage {
  readonly digest: string
  readonly tags: readonly string[]
}

export interface WorldRepository {
  readonly name: string
  /** Images that are there. Null: every one that is asked for. */
  readonly images: readonly WorldImage[] | null
}

export interface World {
  /** Twelve digits. */
  readonly account: string
  readonly region: string
  readonly cluster: string
  readonly services: readonly WorldService[]
  readonly taskDefinitions: readonly WorldTaskDefinition[]
  readonly databases: readonly string[]
  /** Null here and below: every one that is asked for is there. */
  readonly repositories: readonly WorldRepository[] | null
  /** Names of IAM roles. */
  readonly roles: readonly string[] | null
  readonly secrets: readonly string[] | null
  readonly parameters: Readonly<Record<string, string>> | null
  readonly logGroups: readonly string[] | null
  readonly subnets: readonly string[] | null
  readonly securityGroups: readonly string[] | null
  readonly alarms: readonly string[]
  /** S3 buckets. */
  readonly buckets: readonly string[] | null
  /** Where commands of one-off tasks run for real, unless the scenario says what becomes of them; null: nowhere. */
  readonly tasksIn: string | null
  /** Beginning of the URL of an app that answers in place of the new release's healthy targets; null: made up. */
  readonly app: string | null
}

/** What an environment's configuration knows of its account. */
export interface WorldSettings {
  readonly account: string
  readonly region: string
  readonly cluster: string
  readonly services: readonly (Partial<WorldService> & Pick<WorldService, "name">)[]
  readonly taskDefinitions?: readonly (Partial<WorldTaskDefinition> & Pick<WorldTaskDefinition, "family">)[]
  /** The RDS instance. */
  readonly database?: string | null
  readonly databases?: readonly string[]
  readonly repositories?: readonly (string | WorldRepository)[] | null
  readonly roles?: readonly string[] | null
  readonly secrets?: readonly string[] | null
  readonly parameters?: Readonly<Record<string, string>> | null
  readonly logGroups?: readonly string[] | null
  readonly subnets?: readonly string[] | null
  readonly securityGroups?: readonly string[] | null
  readonly alarms?: readonly string[]
  readonly buckets?: readonly string[] | null
  readonly tasksIn?: string | null
  readonly app?: string | null
}

/** AWS's own defaults, with the circuit breaker on. */
const ROLLING = {
  strategy: "ROLLING",
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  bakeTimeInMinutes: 0,
  deploymentCircuitBreaker: { enable: true, rollback: true },
}

function serviceOf(settings: WorldSettings, given: WorldSettings["services"][number]): WorldService {
  const registry = `${settings.account}.dkr.ecr.${settings.region}.amazonaws.com`
  return {
    family: `${settings.cluster}-${given.name}`,
    container: given.name,
    image: `${registry}/${settings.cluster}/${given.name}@sha256:${"0".repeat(64)}`,
    desired: 2,
    revision: 1,
    port: 8080,
    hosts: [],
    healthPath: "/health",
    deregistrationDelay: 300,
    deploymentConfiguration: ROLLING,
    definition: {},
    ...defined(given),
    name: given.name,
  }
}

function taskDefinitionOf(given: NonNullable<WorldSettings["taskDefinitions"]>[number]): WorldTaskDefinition {
  const container = { name: given.family, image: "scratch", command: [], environment: {} }
  return { revision: 1, containers: [container], definition: {}, ...defined(given), family: given.family }
}

const repositoryOf = (given: string | WorldRepository): WorldRepository =>
  typeof given === "string" ? { name: given, images: null } : given

const defined = <T extends object>(given: T): T =>
  Object.assign(
    {},
    given,
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  )

/**
 * The account as an environment's configuration expects to find it: its services run, healthy, on an earlier
 * release, and what it names exists. What is left out has AWS's defaults.
 */
export function worldFor(settings: WorldSettings): World {
  return {
    account: settings.account,
    region: settings.region,
    cluster: settings.cluster,
    services: settings.services.map((given) => serviceOf(settings, given)),
    taskDefinitions: (settings.taskDefinitions ?? []).map(taskDefinitionOf),
    databases: settings.databases ?? (settings.database ? [settings.database] : []),
    repositories: settings.repositories?.map(repositoryOf) ?? null,
    roles: settings.roles ?? null,
    secrets: settings.secrets ?? null,
    parameters: settings.parameters ?? null,
    logGroups: settings.logGroups ?? null,
    subnets: settings.subnets ?? null,
    securityGroups: settings.securityGroups ?? null,
    alarms: settings.alarms ?? [],
    buckets: settings.buckets ?? null,
    tasksIn: settings.tasksIn ?? null,
    app: settings.app ?? null,
  }
}
