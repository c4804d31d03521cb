import * as z from "zod/mini"
import { INSTEAD_OF_AWS } from "../call.js"
import { sha256 } from "../formats/canonical.js"

const PAGERDUTY = "https://events.pagerduty.com"

/** What of an environment makes up the account that a rehearsal runs in; the deployer reads the rest. */
const environmentSchema = () =>
  z.looseObject({
    account: z.string(),
    region: z.string(),
    cluster: z.string(),
    services: z.array(z.looseObject({ name: z.string(), container: z.string(), image: z.string() })),
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
    approvals: z._default(z.looseObject({ people: z._default(z.nullable(z.array(z.string())), null) }), {
      people: null,
    }),
    notifications: z._default(z.array(z.looseObject({ name: z.optional(z.string()) })), []),
  })

/** What a rehearsal has in place of the real things. */
export interface Rehearsal {
  /** The account as it is before, for the simulator: `WorldSettings` there. */
  readonly world: object
  /** Beginnings of URLs, and what to ask instead. */
  readonly endpoints: Readonly<Record<string, string>>
  /** Addresses of notifications, by name. */
  readonly notify: Readonly<Record<string, string>>
  /** References of images that nobody built, one for each name that services have for theirs. */
  readonly images: readonly string[]
  /** The name of the migration's image; null where nothing is migrated. */
  readonly migrates: string | null
  /** Who approves it, where that is asked for. */
  readonly people: readonly string[]
}

/**
 * What an environment needs to be rehearsed; null where its configuration is too wrong to tell, so that the deployer
 * says what is wrong.
 */
export function rehearsalOf(
  environment: Readonly<Record<string, unknown>>,
  commit: string,
): Rehearsal | null {
  const read = environmentSchema().safeParse(environment, { jitless: true })
  if (!read.success) return null
  const { services, migration, checks, smoke, bake, database, ...rest } = read.data
  const origins = [...new Set([...checks, ...smoke].flatMap(({ url }) => originOf(url)))]
  const hosts = origins.map((origin) => new URL(origin).hostname)
  const names = [...services.map(({ image }) => image), ...(migration?.image ? [migration.image] : [])]
  const registry = `${rest.account}.dkr.ecr.${rest.region}.amazonaws.com/${rest.cluster}`
  const imageOf = (name: string, from: string) => {
    const digest = sha256(`${name} ${from}`)
    return `${registry}/${name}@sha256:${digest}`
  }
  const old = (image: string) => imageOf(image, `before ${commit}`)
  return {
    world: {
      account: rest.account,
      region: rest.region,
      cluster: rest.cluster,
      services: services.map(({ name, container, image }) => ({ name, container, image: old(image), hosts })),
      taskDefinitions: migration?.family
        ? [
            {
              family: migration.family,
              containers: [{ name: migration.container, image: old(migration.image ?? migration.container) }],
            },
          ]
        : [],
      database: database?.instance ?? null,
      alarms: bake?.alarms ?? [],
    },
    endpoints: {
      ...Object.fromEntries(
        origins.map((origin) => [origin, `${INSTEAD_OF_AWS}/_alb/${new URL(origin).hostname}`]),
      ),
      [PAGERDUTY]: `${INSTEAD_OF_AWS}/_simulator/notifications/pagerduty`,
    },
    notify: Object.fromEntries(
      rest.notifications.flatMap(({ name }) =>
        name === undefined ? [] : [[name, `${INSTEAD_OF_AWS}/_simulator/notifications/${name}`]],
      ),
    ),
    images: [...new Set(names)].map((name) => imageOf(name, commit)),
    migrates: migration && (migration.image ?? migration.container),
    people: rest.approvals.people ?? ["rehearsal-one", "rehearsal-two"],
  }
}

const originOf = (url: string): readonly string[] => (URL.canParse(url) ? [new URL(url).origin] : [])
