import type { Project } from "../project.js"
import { servicesOfTests } from "./choose.js"
import type { Env } from "./found.js"
import type { TestScript } from "./scripts.js"
import { TECHNOLOGIES } from "./technologies.js"

/** Databases that no stage starts unasked, by the words that variables name them with. */
const OTHERS =
  /^(?:mssql|sqlserver|oracle(?:db)?|cockroach(?:db)?|db2|firebird|cassandra|scylla|clickhouse|snowflake|redshift|bigquery|dynamodb|neo4j|couchdb|elasticsearch|opensearch)$/

/** Returns the words of a value that may name a service: `postgres` of `postgres-16`, `mysql` of `mysql://localhost/app`. */
const wordOf = (value: string): string =>
  /^[a-z]+[a-z\d]*?(?=$|[-_:+ ]|\d*$)/.exec(value.toLowerCase())?.[0] ?? ""

/**
 * Returns the service that variables name and that tests do not get; null where they get it, or none is named.
 *
 * @param changed the variables that are not those of the usual environment.
 */
export function absentService(project: Project, test: TestScript, changed: Env): string | null {
  // Tests with a Docker daemon start their services.
  if (project.config.tests.docker !== false) return null
  const services = servicesOfTests(project, test)
  for (const value of Object.values(changed)) {
    const word = wordOf(value)
    const technology = TECHNOLOGIES.find(({ images, scheme }) => images.test(word) || scheme.test(word))
    const isHere = services.some((one) => one.technology === technology || one.host === word)
    if (technology !== undefined && !isHere) return technology.name
    if (OTHERS.test(word) && !services.some(({ host, image }) => host === word || image.includes(word)))
      return word
  }
  return null
}
