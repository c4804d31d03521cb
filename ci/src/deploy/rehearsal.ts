import * as z from "zod/mini"
import { sha256 } from "../formats/canonical.js"
import { partitionOf, registryHost } from "../run/partition.js"
import { INSTEAD_OF_AWS } from "../run/request.js"

const PAGERDUTY = "https://events.pagerduty.com"

/** The part of an environment that a simulated account is made from. The deployer checks the rest. */
const environmentSchema = () =>
  z.looseObject({
    account: z.string(),
    region: z.string(),
    role: z._default(z.nullable(z.string()), null),
    cluster: z.string(),
    services: z.array(
      z.looseObject({
        name: z.string(),
        container: z.string(),
        image: z.string(),
        testTraffic: z._default(
          z.nullable(z.looseObject({ checks: z.array(z.looseObject({ url: z.string() })) })),
          null,
        ),
      }),
    ),
    migration: z._default(
      z.nullable(
        z.looseObject({
          family: z.optional(z.nullable(z.string())),
          container: z.string(),
          image: z.optional(z.nullable(z.string())),
        }),
      ),
      null,
    ),
    database: z._default(z.nullable(z.looseObject({ instance: z.string() })), null),
    checks: z._default(z.array(z.looseObject({ url: z.string() })), []),
    smoke: z._default(z.array(z.looseObject({ url: z.string() })), []),
    bake: z._default(z.nullable(z.looseObject({ alarms: z._default(z.array(z.string()), []) })), null),
    notifications: z._default(z.array(z.looseObject({ name: z.optional(z.string()) })), []),
  })

/** What a rehearsal uses instead of the real account, images and people. */
interface Rehearsal {
  /** The account at the start: the simulator's `WorldSettings`. */
  readonly world: object
  /** URL prefixes and their replacements. */
  readonly endpoints: Readonly<Record<string, string>>
  /** Addresses of notifications, by name. */
  readonly notify: Readonly<Record<string, string>>
  /** Made-up image references, one for each image name of the services. */
  readonly images: readonly string[]
  /** The image name of the migration; null: no migration. */
  readonly migrates: string | null
}

/**
 * Returns what an environment needs for a rehearsal; null if its configuration is invalid, which the deployer then
 * reports.
 *
 * @param policy what the environment's role may do; null: everything.
 */
export function rehearsalOf(
  environment: Readonly<Record<string, unknown>>,
  commit: string,
  policy: object | null = null,
): Rehearsal | null {
  const read = environmentSchema().safeParse(environment, { jitless: true })
  if (!read.success) return null
  const { account, region, cluster, services, migration, checks, smoke, notifications } = read.data
  const names = [...services.map(({ image }) => image), ...(migration?.image ? [migration.image] : [])]
  const registry = `${registryHost(account, region)}/${cluster}`
  const imageOf = (name: string, from: string) =>
    `${registry}/${name}@sha256:${sha256([name, from].join(" "))}`
  const origins = originsOf([...checks, ...smoke])
  return {
    world: worldOf(read.data, { origins, policy, old: (image) => imageOf(image, `before ${commit}`) }),
    endpoints: {
      ...balanced(origins, ({ hostname }) => hostname),
      ...balanced(services.flatMap(testOrigins), ({ host }) => host),
      [PAGERDUTY]: `${INSTEAD_OF_AWS}/_simulator/notifications/pagerduty`,
    },
    notify: Object.fromEntries(
      notifications.flatMap(({ name }) =>
        name === undefined ? [] : [[name, `${INSTEAD_OF_AWS}/_simulator/notifications/${name}`]],
      ),
    ),
    images: [...new Set(names)].map((name) => imageOf(name, commit)),
    migrates: migration && (migration.image ?? migration.container),
  }
}

type Environment = z.output<ReturnType<typeof environmentSchema>>

/** What the account has beside the settings of its environment. */
interface Start {
  /** The origins of health checks and smoke tests. */
  readonly origins: readonly URL[]
  readonly policy: object | null
  /** Returns the reference of an image that is live at the start. */
  readonly old: (image: string) => string
}

/** Returns the account at the start. */
function worldOf(environment: Environment, { origins, policy, old }: Start): object {
  const { account, region, cluster, role, services, migration, database, bake } = environment
  return {
    account,
    region,
    cluster,
    services: services.map((service) => ({
      name: service.name,
      container: service.container,
      image: old(service.image),
      hosts: origins.map(({ hostname }) => hostname),
      testHosts: testOrigins(service).map(({ host }) => host),
    })),
    taskDefinitions: migration?.family
      ? [
          {
            family: migration.family,
            containers: [{ name: migration.container, image: old(migration.image ?? migration.container) }],
            definition: roleOf(environment, services.find(({ image }) => image === migration.image)?.name),
          },
        ]
      : [],
    database: database?.instance ?? null,
    alarms: bake?.alarms ?? [],
    // All other principals may do everything: Terraform, for example, has another role.
    policies: policy === null || role === null ? null : { [role]: [policy], "*": [ALL] },
  }
}

/** Maps origins to the simulated load balancer, which knows its targets by their hosts. */
const balanced = (origins: readonly URL[], nameOf: (origin: URL) => string) =>
  Object.fromEntries(origins.map((url) => [url.origin, `${INSTEAD_OF_AWS}/_alb/${nameOf(url)}`]))

const testOrigins = ({ testTraffic }: Environment["services"][number]): readonly URL[] =>
  (testTraffic?.checks ?? []).flatMap(({ url }) => originOf(url))

/** Returns each origin of some checks once. */
const originsOf = (checks: readonly { readonly url: string }[]): readonly URL[] => [
  ...new Map(
    checks.flatMap(({ url }) => originOf(url).map((origin) => [origin.origin, origin] as const)),
  ).values(),
]

const ALL = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }

/** Returns the task role of a service, which its migration has as well. */
const roleOf = (
  { account, region, cluster }: Readonly<Record<"account" | "region" | "cluster", string>>,
  service: string | undefined,
): object =>
  service === undefined
    ? {}
    : { taskRoleArn: `arn:${partitionOf(region)}:iam::${account}:role/${cluster}-${service}` }

const originOf = (url: string): readonly URL[] => (URL.canParse(url) ? [new URL(url)] : [])
