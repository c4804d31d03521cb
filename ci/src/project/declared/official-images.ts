import { baseName } from "../paths.js"
import type { Env, FoundService } from "./found.js"
import { untagged } from "./values.js"

/** Names of technologies' own images, by words in the names of others. */
const OWN: readonly (readonly [name: RegExp, image: string])[] = [
  [/mariadb/, "mariadb"],
  [/mysql|percona/, "mysql"],
  [/postgres|postgis|pgvec|timescale|paradedb|pgroonga|citus|alloydb/, "postgres"],
  [/valkey/, "valkey/valkey"],
  [/redis|keydb|dragonfly|client-libs/, "redis"],
  [/mongo/, "mongo"],
  [/rabbitmq/, "rabbitmq"],
]

/** The version of PostgreSQL in tags of its extensions: `pg16`, `2.17.2-pg17`. */
const OF_POSTGRES = /(?:^|-)pg(\d+)/
const VERSION = /^v?(\d+(?:\.\d+)*)/

/** Technologies whose images have their own versions. */
const OWN_VERSIONS =
  /keydb|dragonfly|client-libs|stack|redismod|percona|timescale|paradedb|pgroonga|citus|alloydb/

/**
 * Returns the technology's own images that stand for another maker's, the likeliest first: `postgres:16` for
 * `pgvector/pgvector:pg16`. None for its own images.
 */
export function officialImages(service: FoundService): readonly string[] {
  const { image, technology } = service
  const name = untagged(image)
  const own = OWN.find(([pattern]) => pattern.test(baseName(name)))?.[1]
  if (
    technology === null ||
    own === undefined ||
    own === name.replace(/^(?:docker\.io\/)?(?:library\/)?/, "")
  )
    return []
  if (listensElsewhere(service)) return []
  const tag = image.slice(name.length).replace(/@.*/, "").replace(/^:/, "")
  const version = OF_POSTGRES.exec(tag)?.[1] ?? (OWN_VERSIONS.test(name) ? undefined : VERSION.exec(tag)?.[1])
  const tags = [tag, version, version?.split(".")[0]].filter((one) => one !== undefined && one !== "")
  const usual = technology.unasked?.image ?? ""
  const all = [
    ...tags.map((one) => `${own}:${one}`),
    ...(usual.startsWith(`${own}:`) ? [usual] : [`${own}:latest`]),
  ]
  return [...new Set(all)]
}

/** Tells whether an image listens on a port of its maker's own, which no command tells it. */
const listensElsewhere = ({ technology, ports, command }: FoundService): boolean =>
  technology !== null && command === null && ports.length > 0 && !ports.includes(technology.port)

/** Returns the variables of a service with those by which the technology's own image is told the same. */
export function officialEnv({ technology, env, host }: FoundService): Env {
  if (technology?.name !== "PostgreSQL") return env
  const {
    POSTGRES_USER = "",
    POSTGRES_PASSWORD = "",
    POSTGRES_DB = "",
  } = technology.variables({ host, port: technology.port }, env)
  return {
    ...env,
    POSTGRES_USER,
    POSTGRES_DB,
    ...(POSTGRES_PASSWORD === "" ? { POSTGRES_HOST_AUTH_METHOD: "trust" } : { POSTGRES_PASSWORD }),
  }
}
