import type { Container } from "@dagger.io/dagger"
import type { Project } from "../plan/project.js"
import type { Given } from "../plan/stage.js"

const HOST = "postgres"
const PORT = 5432
/** Of a database that lives as long as its stage, in a network of its own: no secret. */
const PASSWORD = "test"

/** What makes PostgreSQL quick where nothing must outlive a crash. */
const NO_DURABILITY = ["fsync", "synchronous_commit", "full_page_writes"].flatMap((name) => [
  "-c",
  `${name}=off`,
])

/** The variables by which apps and libpq find the database. */
export function databaseEnvironment(project: Project): Record<string, string> {
  const { database, user } = project.config.postgres
  return {
    DATABASE_URL: `postgresql://${user}:${PASSWORD}@${HOST}:${PORT}/${database}`,
    PGHOST: HOST,
    PGPORT: String(PORT),
    PGUSER: user,
    PGPASSWORD: PASSWORD,
    PGDATABASE: database,
  }
}

/** Binds an empty PostgreSQL to a container, for this stage alone. */
export function database(given: Given, container: Container): Container {
  const { version, database: name, user } = given.project.config.postgres
  const server = given
    .image("postgres", `${version}-alpine`)
    .withEnvVariable("POSTGRES_USER", user)
    .withEnvVariable("POSTGRES_PASSWORD", PASSWORD)
    .withEnvVariable("POSTGRES_DB", name)
    .withExposedPort(PORT)
    .withDefaultArgs(["postgres", ...NO_DURABILITY])
  return container.withServiceBinding(HOST, given.service(server))
}
