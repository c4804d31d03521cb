import { anyOf } from "../../formats/pattern.js"
import { textOf } from "../same-work.js"
import { doesNothing, type Program, programsOf, type Scripts } from "../scripts.js"
import { commandsOf, DOCKER } from "./scripts.js"

const SUBJECT =
  "(?:(?:db|database|prisma|drizzle|typeorm|knex|sequelize|kysely|mikro-?orm|orm|postgres|pg)[:_-])"
const UPWARDS = "[:_-](?:up|run|latest|deploy|apply)"
const MIGRATION = `${SUBJECT}?(?:migrate(?:${UPWARDS})?|migrations?${UPWARDS})`

/** Names of scripts that bring a database to the app's schema: that of the tests, and that of the app. */
const OF_TESTS = new RegExp(`^(?:${MIGRATION}[:_-]tests?|tests?[:_-]${MIGRATION})$`)
const OF_APP = new RegExp(`^${MIGRATION}$`)

/** Words in the names of scripts that are for another database than that of tests, or empty it. */
const NOT_OF_TESTS = /(?:^|[:_-])(?:prod\w*|stag\w*|dev\w*|reset|fresh|down|revert|undo)(?:[:_-]|$)/i

/** What tools of Node.js for migrations are called with to bring a database to a schema. */
const TO_SCHEMA = anyOf([
  /^prisma (?:.* )?(?:migrate deploy|db push)(?= |$)/,
  /^drizzle-kit (?:push|migrate)(?:[: ]|$)/,
  /^knex (?:.* )?migrate:(?:latest|up)(?= |$)/,
  /^sequelize(?:-cli)? (?:.* )?db:migrate(?= |$)/,
  /^(?:typeorm|typeorm-ts-node-commonjs|typeorm-ts-node-esm) (?:.* )?migration:run(?= |$)/,
  /^mikro-orm(?:-esm)? (?:.* )?(?:migration:up|schema:(?:update|create))(?= |$)/,
  /^(?:node-pg-migrate|db-migrate|migrate-mongo) (?:.* )?up(?= |$)/,
])

/** What they are called with to make a database, empty it or fill it. */
const AROUND = anyOf([
  /^prisma (?:.* )?(?:migrate reset|db (?:seed|execute))(?= |$)/,
  /^knex (?:.* )?seed:run(?= |$)/,
  /^sequelize(?:-cli)? (?:.* )?db:(?:create|seed:all)(?= |$)/,
])

/** The tools, which do nothing without words. */
const TOOLS =
  /^(?:prisma|drizzle-kit|knex|sequelize(?:-cli)?|typeorm(?:-ts-node-\w+)?|mikro-orm(?:-esm)?|node-pg-migrate|db-migrate|migrate-mongo)$/

/** Tells whether a command line of a tool for migrations brings a database to a schema, makes, empties or fills it. */
export const preparesDatabase = (line: string): boolean => TO_SCHEMA.test(line) || AROUND.test(line)

/** Asks a person, and ends with an error where nobody is there. */
const ASKS = /^prisma (?:.* )?migrate dev(?= |$)/

/** Tells whether a script is by its name the one that migrates. */
export const isMigration = (script: string): boolean => OF_APP.test(script) || OF_TESTS.test(script)

/** Tells whether every tool for migrations among some programs is told to do something with a database. */
export const isTold = (programs: readonly Program[]): boolean =>
  programs.every((one) => !TOOLS.test(one.name) || one.args.length > 0)

/**
 * Returns the script by which a package brings a database to the app's schema, by its name or by what it runs; null
 * without one that needs neither Docker nor words of a person.
 *
 * @param of whose database it is: one that a package keeps for its tests alone comes first for them.
 */
export function migrationScript(scripts: Scripts, of: "tests" | "app"): string | null {
  const usable = Object.keys(scripts).filter(
    (name) =>
      !doesNothing(scripts, name) &&
      !DOCKER.test(commandsOf({ scripts }, name)) &&
      isTold(programsOf(scripts, name)),
  )
  const asks = (name: string) => programsOf(scripts, name).some((one) => ASKS.test(textOf(one)))
  const named = usable.filter((name) => OF_APP.test(name))
  const byWork = (name: string) => !NOT_OF_TESTS.test(name) && onlyMigrates(programsOf(scripts, name))
  const ranked = [
    ...(of === "tests" ? usable.filter((name) => OF_TESTS.test(name)) : []),
    ...named.filter((name) => !asks(name)),
    // An app may keep its data in a file, which such a script would make elsewhere.
    ...(of === "tests" ? usable.filter(byWork) : []),
    ...named,
  ]
  return ranked[0] ?? null
}

const onlyMigrates = (programs: readonly Program[]): boolean => {
  const lines = programs.map(textOf)
  return (
    lines.some((line) => TO_SCHEMA.test(line)) &&
    lines.every((line) => preparesDatabase(line) || /^prisma (?:.* )?generate(?= |$)/.test(line))
  )
}
