import { quote } from "../../run/command.js"
import { behindPrefixes } from "../command-prefixes.js"
import { folderOf } from "../manifest.js"
import { baseName, prefixOf } from "../paths.js"
import type { Project } from "../project.js"
import { isOfShell, type ShellCommand, stepCommands } from "../shell-words.js"
import type { Env } from "./found.js"
import { jobOf, stepsBefore, type TestScript } from "./scripts.js"

/** The command by which a team brings the database of a Python project to the app's schema. */
export interface Migration {
  readonly command: string
  /** Relative to the repository. */
  readonly folder: string
  readonly env: Env
  /** The file that runs it. */
  readonly file: string
}

/** A tool of Python that migrates databases. */
interface Migrator {
  /** The dependency that brings it. */
  readonly dependency: string
  readonly program: string
  /** Matches a command line that brings a database to its newest schema. */
  readonly upgrade: RegExp
  /** The settings beside which it runs; null where it runs where CI does. */
  readonly settings: RegExp | null
}

const MIGRATORS: readonly Migrator[] = [
  {
    dependency: "alembic",
    program: "alembic",
    upgrade: /\balembic\b(?<args>(?:\s+[\w./=-]+)*?\s+upgrade\s+heads?)\b/,
    settings: /(?:^|\/)alembic\.ini$/,
  },
  {
    dependency: "flask-migrate",
    program: "flask",
    upgrade: /\bflask\b(?<args>(?:\s+[\w.:/=-]+)*?\s+db\s+upgrade(?:\s+[\w./=-]+)*)/,
    settings: null,
  },
]

/**
 * Returns the migration that the team's job with the tests runs, directly or in a shell script; without such a job, the
 * one of a compose file. Null without a migration.
 */
export function migrationOf(project: Project, test: TestScript): Migration | null {
  const migrators = MIGRATORS.filter(({ dependency }) => project.python?.dependencies.includes(dependency))
  if (migrators.length === 0) return null
  const runs = jobOf(project, test)
  const started = Object.values(project.declared.compose).map(({ file, starts }) => ({ file, steps: starts }))
  const named = runs === null ? started : [runs.job]
  const found = named.flatMap(({ file, steps }) =>
    steps.flatMap(({ run, folder, env, leftOut }) =>
      migrators.flatMap((one) => {
        const args = leftOut ? undefined : one.upgrade.exec(run)?.groups?.args
        if (args === undefined) return []
        const there = /\s-c\s/.test(args) ? folder : folderFor(project, one, folder)
        return [{ command: `${one.program}${args}`, folder: there ?? project.path, env, file }]
      }),
    ),
  )
  return found[0] ?? null
}

/** The folder of a migrator's settings: that of the step, else the highest; the step's where it has none. */
function folderFor({ files, path }: Project, { settings }: Migrator, folder: string | null): string | null {
  const places = files
    .filter((file) => settings !== null && file.startsWith(prefixOf(path)) && settings.test(file))
    .map(folderOf)
    .toSorted((a, b) => a.length - b.length)
  return places.find((one) => one === folder) ?? places[0] ?? folder
}

/** Commands of Django that make what its tests read: hashed names of static files, compiled translations. */
const MAKES = ["collectstatic", "compilemessages", "compress"]

/** Returns the commands of Django that the team's job with the tests runs before them for what the tests read. */
export function djangoBefore(project: Project, test: TestScript): readonly Migration[] {
  const runs = project.python?.dependencies.includes("django") ? jobOf(project, test) : null
  if (runs === null) return []
  const found = stepsBefore(runs).flatMap(({ run, env, folder, leftOut }) =>
    stepCommands(leftOut || folder === null ? "" : run).flatMap((words) => {
      const command = madeByDjango(words)
      return command === null ? [] : [{ command, folder: folder ?? "", env, file: runs.job.file }]
    }),
  )
  return found.filter((one, i) => found.findIndex(({ command }) => command === one.command) === i)
}

/** `uv run ./manage.py collectstatic --noinput` → `python manage.py collectstatic --noinput`; null for another command. */
function madeByDjango(words: ShellCommand): string | null {
  const all = behindPrefixes(words, () => false).command
  const [program = "", ...args] = /^python[\d.]*$/.test(baseName(all[0] ?? "")) ? all.slice(1) : all
  const name = baseName(program)
  const isKnown = ["manage.py", "manage", "django-admin"].includes(name)
  const makes = MAKES.includes(args.find((word) => !word.startsWith("-")) ?? "")
  if (!isKnown || !makes || all.some(isOfShell)) return null
  const starts: Readonly<Record<string, readonly string[]>> = {
    "django-admin": [name],
    manage: ["python", "-m", name],
  }
  return [...(starts[name] ?? ["python", program]), ...args]
    .map((word) => (/^[\w./=:,-]+$/.test(word) ? word : quote(word)))
    .join(" ")
}
