import { anyOf } from "../../formats/pattern.js"
import { behindPrefixes } from "../command-prefixes.js"
import { folderOf } from "../manifest.js"
import { baseName, prefixOf } from "../paths.js"
import type { Project } from "../project.js"
import { type ShellCommand, stepCommands } from "../shell-words.js"
import type { Env } from "./found.js"
import { jobOf, type Runs, stepsBefore, type TestScript } from "./scripts.js"

/** Scripts of package.json that bring a database to the app's schema; the first counts most. */
export const MIGRATION_SCRIPTS: readonly string[] = [
  "db:migrate",
  "migrate",
  "migrate:up",
  "migration:run",
  "migrations:run",
  "db:migrate:up",
]

/** Commands by which tools of Node.js bring a database to a schema, or fill it. */
const DIRECT = anyOf([
  /^prisma (?:.* )?(?:migrate (?:deploy|reset)|db (?:push|seed|execute))(?= |$)/,
  /^drizzle-kit (?:push|migrate)(?:[: ]|$)/,
  /^knex (?:.* )?(?:migrate:(?:latest|up)|seed:run)(?= |$)/,
  /^sequelize(?:-cli)? (?:.* )?db:(?:create|migrate|seed:all)(?= |$)/,
  /^(?:typeorm|typeorm-ts-node-commonjs|typeorm-ts-node-esm) (?:.* )?migration:run(?= |$)/,
  /^mikro-orm(?:-esm)? (?:.* )?(?:migration:up|schema:(?:update|create))(?= |$)/,
  /^(?:node-pg-migrate|db-migrate|migrate-mongo) (?:.* )?up(?= |$)/,
])

/** A command that prepares the services of tests. */
export interface PreparingCommand {
  readonly words: ShellCommand
  /** Relative to the repository. */
  readonly folder: string
  readonly env: Env
}

/**
 * Returns the commands of migrations that a job runs before a step, or in it, not by a script of a package:
 * `npx prisma migrate deploy`. One with a value that only the shell there knows is left out.
 */
export const migrationsBefore = (runs: Runs): readonly PreparingCommand[] =>
  stepsBefore(runs).flatMap(({ run, env, folder, leftOut }) =>
    stepCommands(leftOut || folder === null ? "" : run).flatMap((all) => {
      const { command: words } = behindPrefixes(all, () => false)
      const [program = "", ...args] = words
      const line = [baseName(program), ...args].join(" ")
      return DIRECT.test(line) && !/[$`<>]/.test(line)
        ? [{ words: [baseName(program), ...args], env, folder: folder ?? "" }]
        : []
    }),
  )

/** The command of Alembic by which a team brings the database of a Python project to the app's schema. */
export interface Migration {
  readonly command: string
  /** Relative to the repository. */
  readonly folder: string
  readonly env: Env
  /** The file that runs it. */
  readonly file: string
}

const UPGRADE = /\balembic\b(?<args>(?:\s+[\w./=-]+)*?\s+upgrade\s+heads?)\b/

/**
 * Returns the migration that the team's job with the tests runs, directly or in a shell script; without such a job, the
 * one of a compose file. Null without a migration.
 */
export function migrationOf(project: Project, test: TestScript): Migration | null {
  if (!project.python?.dependencies.includes("alembic")) return null
  const runs = jobOf(project, test)
  const inside = prefixOf(project.path)
  const settings = project.files
    .filter((file) => file.startsWith(inside) && /(?:^|\/)alembic\.ini$/.test(file))
    .map(folderOf)
    .toSorted((a, b) => a.length - b.length)
  const started = Object.values(project.declared.compose).map(({ file, starts }) => ({ file, steps: starts }))
  const named = runs === null ? started : [runs.job]
  for (const { file, steps } of named)
    for (const { run, folder, env } of steps) {
      const args = UPGRADE.exec(run)?.groups?.args
      if (args === undefined) continue
      const there = settings.find((one) => one === folder) ?? settings[0] ?? folder ?? project.path
      const command = `alembic${args}`
      return { command, folder: /\s-c\s/.test(args) ? (folder ?? there) : there, env, file }
    }
  return null
}
