/** The account before anything is deployed. */
import { type Policy, type PolicyDocument, policyOf } from "./iam/policy.ts"
import { registryOf } from "./ids.ts"

/** A service that exists at the start. */
export interface WorldService {
  readonly name: string
  readonly family: string
  readonly container: string
  readonly image: string
  readonly desired: number
  /** The running revision at the start. */
  readonly revision: number
  readonly port: number
  /** Host names at the load balancer; empty: no load balancer. */
  readonly hosts: readonly string[]
  /** Host names of its test listener; empty: it has none. */
  readonly testHosts: readonly string[]
  readonly healthPath: string
  /**
   * Whether its load balancer has what traffic shifting needs: an alternate target group, a listener rule and a role
   * (`advancedConfiguration` of AWS). Without them AWS refuses blue/green, canary and linear.
   */
  readonly advancedConfiguration: boolean
  /** Seconds that an old target keeps its connections. */
  readonly deregistrationDelay: number
  /** DeploymentConfiguration of AWS. */
  readonly deploymentConfiguration: { readonly [key: string]: unknown }
  /** Members of its task definition that replace the generated ones. */
  readonly definition: { readonly [key: string]: unknown }
  /** Members of DescribeServices that replace the generated ones: `status`, `deploymentController`, `schedulingStrategy`. */
  readonly described: { readonly [key: string]: unknown }
}

/** A container of a task definition of the world. */
export interface WorldContainer {
  readonly name: string
  readonly image: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** A family without a service, for example a migration. */
export interface WorldTaskDefinition {
  readonly family: string
  readonly revision: number
  readonly containers: readonly WorldContainer[]
  readonly definition: { readonly [key: string]: unknown }
}

/** An image of a repository at the start. */
export interface WorldImage {
  readonly digest: string
  readonly tags: readonly string[]
}

/** A repository of ECR. */
export interface WorldRepository {
  readonly name: string
  /** Existing images; null: any image exists. */
  readonly images: readonly WorldImage[] | null
}

/** An account as it is before the rehearsal. */
export interface World {
  /** 12 digits. */
  readonly account: string
  readonly region: string
  readonly cluster: string
  readonly services: readonly WorldService[]
  readonly taskDefinitions: readonly WorldTaskDefinition[]
  readonly databases: readonly string[]
  /** The instances of each database cluster, as of Aurora. */
  readonly databaseClusters: Readonly<Record<string, readonly string[]>>
  /** Null here and below: anything that is requested exists. */
  readonly repositories: readonly WorldRepository[] | null
  /** Names of IAM roles. */
  readonly roles: readonly string[] | null
  /** Services of AWS that may assume a role, by its name; ECS and its tasks may assume any other. */
  readonly trusts: Readonly<Record<string, readonly string[]>>
  /** Policies of functions, secrets and repositories, by their ARNs. They are shown, and not evaluated. */
  readonly resourcePolicies: Readonly<Record<string, string>>
  /** Names of Lambda functions. */
  readonly functions: readonly string[] | null
  readonly secrets: readonly string[] | null
  readonly parameters: Readonly<Record<string, string>> | null
  readonly logGroups: readonly string[] | null
  readonly subnets: readonly string[] | null
  readonly securityGroups: readonly string[] | null
  readonly alarms: readonly string[]
  /** S3 buckets. */
  readonly buckets: readonly string[] | null
  /** Whether the buckets keep versions. */
  readonly versioned: boolean
  /**
   * What roles may do, by their names; `*` stands for every other principal. A principal without an entry may do nothing.
   * Null: everybody may do everything.
   */
  readonly policies: Readonly<Record<string, readonly Policy[]>> | null
  /** Folder in which commands of one-off tasks really run, unless the scenario sets `runTask`; null: simulated. */
  readonly tasksIn: string | null
  /** File that is made once such a command succeeded, for an app that starts after the migration; null: none. */
  readonly taskDone: string | null
  /** URL prefix of an app that answers for healthy targets of a new release; null: simulated. */
  readonly app: string | null
}

/** Without a list in the world, anything exists. */
export const isThere = (known: readonly string[] | null, name: string): boolean =>
  known === null || known.includes(name)

/** The settings of a world that a file or an environment provides. */
export interface WorldSettings {
  readonly account: string
  readonly region: string
  readonly cluster: string
  readonly services: readonly (Partial<WorldService> & Pick<WorldService, "name">)[]
  readonly taskDefinitions?: readonly (Partial<WorldTaskDefinition> & Pick<WorldTaskDefinition, "family">)[]
  /** The RDS instance. */
  readonly database?: string | null
  readonly databases?: readonly string[]
  readonly databaseClusters?: Readonly<Record<string, readonly string[]>>
  readonly repositories?: readonly (string | WorldRepository)[] | null
  readonly roles?: readonly string[] | null
  readonly trusts?: Readonly<Record<string, readonly string[]>>
  readonly resourcePolicies?: Readonly<Record<string, string>>
  readonly functions?: readonly string[] | null
  readonly secrets?: readonly string[] | null
  readonly parameters?: Readonly<Record<string, string>> | null
  readonly logGroups?: readonly string[] | null
  readonly subnets?: readonly string[] | null
  readonly securityGroups?: readonly string[] | null
  readonly alarms?: readonly string[]
  readonly buckets?: readonly string[] | null
  readonly versioned?: boolean
  /** IAM policies as JSON, by role. */
  readonly policies?: Readonly<Record<string, readonly PolicyDocument[]>> | null
  readonly tasksIn?: string | null
  readonly taskDone?: string | null
  readonly app?: string | null
}

/** AWS's defaults, with the circuit breaker on. */
const ROLLING = {
  strategy: "ROLLING",
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  bakeTimeInMinutes: 0,
  deploymentCircuitBreaker: { enable: true, rollback: true },
}

function serviceOf(settings: WorldSettings, entry: WorldSettings["services"][number]): WorldService {
  const registry = registryOf(settings)
  return {
    family: `${settings.cluster}-${entry.name}`,
    container: entry.name,
    image: `${registry}/${settings.cluster}/${entry.name}@sha256:${"0".repeat(64)}`,
    desired: 2,
    revision: 1,
    port: 8080,
    hosts: [],
    testHosts: [],
    healthPath: "/health",
    advancedConfiguration: true,
    deregistrationDelay: 300,
    deploymentConfiguration: ROLLING,
    definition: {},
    described: {},
    ...defined(entry),
    name: entry.name,
  }
}

function taskDefinitionOf(entry: NonNullable<WorldSettings["taskDefinitions"]>[number]): WorldTaskDefinition {
  const container = { name: entry.family, image: "scratch", command: [], environment: {} }
  return { revision: 1, containers: [container], definition: {}, ...defined(entry), family: entry.family }
}

const repositoryOf = (entry: string | WorldRepository): WorldRepository =>
  typeof entry === "string" ? { name: entry, images: null } : entry

const policiesOf = (
  documents: Readonly<Record<string, readonly PolicyDocument[]>>,
): Readonly<Record<string, readonly Policy[]>> =>
  Object.fromEntries(
    Object.entries(documents).map(([role, own]) => [
      role,
      own.map((document, index) => policyOf(document, `policies.${role}[${index}]`)),
    ]),
  )

const defined = <T extends object>(entry: T): T =>
  Object.assign(
    {},
    entry,
    Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)),
  )

/**
 * Returns the account that an environment expects: its services are healthy on an earlier release, and everything that it
 * names exists. Missing settings have AWS's defaults.
 */
export function worldFor(settings: WorldSettings): World {
  return {
    account: settings.account,
    region: settings.region,
    cluster: settings.cluster,
    services: settings.services.map((entry) => serviceOf(settings, entry)),
    taskDefinitions: (settings.taskDefinitions ?? []).map(taskDefinitionOf),
    databases: settings.databases ?? (settings.database ? [settings.database] : []),
    databaseClusters: settings.databaseClusters ?? {},
    repositories: settings.repositories?.map(repositoryOf) ?? null,
    roles: settings.roles ?? null,
    trusts: settings.trusts ?? {},
    resourcePolicies: settings.resourcePolicies ?? {},
    functions: settings.functions ?? null,
    secrets: settings.secrets ?? null,
    parameters: settings.parameters ?? null,
    logGroups: settings.logGroups ?? null,
    subnets: settings.subnets ?? null,
    securityGroups: settings.securityGroups ?? null,
    alarms: settings.alarms ?? [],
    buckets: settings.buckets ?? null,
    versioned: settings.versioned ?? true,
    policies: settings.policies ? policiesOf(settings.policies) : null,
    tasksIn: settings.tasksIn ?? null,
    taskDone: settings.taskDone ?? null,
    app: settings.app ?? null,
  }
}
