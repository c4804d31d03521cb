import type { Container, Service } from "@dagger.io/dagger"
import type { Config } from "../config/config.js"
import { type Image, parseImage } from "../run/images.js"
import { type Given, withEnvironment } from "../run/stage.js"
import type { Project } from "./project.js"

/** The database and services that a project's tests and its running app need. */

export const POSTGRES: Image = { name: "postgres", tag: "15-alpine" }
export const REDIS: Image = { name: "redis", tag: "7-alpine" }

/** The database's host name. */
const DATABASE = "postgres"
const POSTGRES_PORT = 5432
/** Not a secret: the database exists only during its stage, in its own network. */
const PASSWORD = "test"

/** Makes PostgreSQL fast: nothing must survive a crash. */
const NO_DURABILITY = ["fsync", "synchronous_commit", "full_page_writes"].flatMap((name) => [
  "-c",
  `${name}=off`,
])

/** A service as slipway.yaml describes it. */
export type ServiceSettings = Config["services"][string]

/** Services detected from a project's dependencies, by host name. */
const DETECTED: Readonly<Record<string, ServiceSettings & { readonly packages: readonly string[] }>> = {
  redis: {
    packages: ["ioredis", "redis", "bullmq"],
    image: `${REDIS.name}:${REDIS.tag}`,
    port: 6379,
    env: {},
    variables: { REDIS_URL: "redis://redis:6379", REDIS_HOST: "redis", REDIS_PORT: "6379" },
    unit: false,
  },
}

/** Returns the services of a project by host name, without the database: detected, or named in slipway.yaml. */
export function servicesOf(project: Project): Readonly<Record<string, ServiceSettings>> {
  const dependencies = [project.root, ...project.workspaces].flatMap((workspace) => workspace.dependencies)
  const detected = Object.entries(DETECTED).filter(([, { packages }]) =>
    packages.some((name) => dependencies.includes(name)),
  )
  return { ...Object.fromEntries(detected), ...project.config.services }
}

/** Running instances of services, and the variables by which programs find them. */
export interface Backing {
  readonly services: Readonly<Record<string, Service>>
  readonly env: Readonly<Record<string, string>>
}

/** Services that a program needs. */
export interface Needs {
  readonly database: boolean
  readonly services: Readonly<Record<string, ServiceSettings>>
  /** Distinguishes instances in one stage: equal ones share their services. */
  readonly instance?: string
}

type Parts = Pick<Given, "project" | "image" | "service">

/** Creates an empty database and services for this stage alone. They start with a container that they are bound to. */
export function backing(given: Parts, { database, services, instance = "" }: Needs): Backing {
  const { project } = given
  const start = (container: Container) =>
    given.service(instance === "" ? container : container.withEnvVariable("SLIPWAY_INSTANCE", instance))
  const named = Object.entries(services)
  return {
    services: {
      ...(database ? { [DATABASE]: start(postgres(given)) } : {}),
      ...Object.fromEntries(named.map(([host, service]) => [host, start(server(given, service))])),
    },
    env: {
      ...(database ? databaseEnvironment(project) : {}),
      ...Object.assign({}, ...named.map(([, { variables }]) => variables)),
    },
  }
}

/** Binds services to a container, with the variables by which programs find them. */
export const bind = (container: Container, { services, env }: Backing): Container =>
  Object.entries(services).reduce(
    (bound, [host, service]) => bound.withServiceBinding(host, service),
    withEnvironment(container, env),
  )

/** A service's container, from its description in slipway.yaml. */
export function server(
  given: Pick<Given, "image">,
  { image, port, env }: Omit<ServiceSettings, "variables" | "unit">,
): Container {
  return withEnvironment(given.image(parseImage(image)), env).withExposedPort(port)
}

/** The variables by which apps and libpq find the database. */
function databaseEnvironment(project: Project): Record<string, string> {
  const { database, user } = project.config.postgres
  return {
    DATABASE_URL: `postgresql://${user}:${PASSWORD}@${DATABASE}:${POSTGRES_PORT}/${database}`,
    PGHOST: DATABASE,
    PGPORT: String(POSTGRES_PORT),
    PGUSER: user,
    PGPASSWORD: PASSWORD,
    PGDATABASE: database,
  }
}

function postgres(given: Parts): Container {
  const { version, database, user } = given.project.config.postgres
  return given
    .image(POSTGRES, `${version}-alpine`)
    .withEnvVariable("POSTGRES_USER", user)
    .withEnvVariable("POSTGRES_PASSWORD", PASSWORD)
    .withEnvVariable("POSTGRES_DB", database)
    .withExposedPort(POSTGRES_PORT)
    .withDefaultArgs(["postgres", ...NO_DURABILITY])
}
