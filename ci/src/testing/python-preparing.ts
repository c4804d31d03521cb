import { ofProject } from "../project/declared/environment.js"
import type { Env } from "../project/declared/found.js"
import { djangoBefore, type Migration, migrationOf } from "../project/declared/migrations.js"
import type { TestScript } from "../project/declared/scripts.js"
import { joinPath } from "../project/paths.js"
import type { Project } from "../project/project.js"
import { type CommandStep, quote } from "../run/command.js"
import { WORKDIR } from "../run/stage.js"
import { MIGRATE } from "./judge.js"
import { MIGRATE_TIMEOUT } from "./suite.js"

/** A command that runs before a Python project's tests. */
export interface Preparing extends Migration {
  /** The name of its step. */
  readonly step: string
}

/** Returns what runs before tests: the migration of their database, and what the team's CI makes for them with Django. */
export function preparingOf(project: Project, test: TestScript): readonly Preparing[] {
  const migration = migrationOf(project, test)
  const made = djangoBefore(project, test).map((one) => ({ ...one, step: one.command }))
  return [...(migration === null ? [] : [{ ...migration, step: MIGRATE }]), ...made]
}

/** Returns the step of a command. @param env the variables that the tests have, which count before its own. */
export const preparingStep = ({ command, folder, env: own, step }: Preparing, env: Env): CommandStep => ({
  name: step,
  run: [
    ...Object.entries(ofProject(own))
      .filter(([name]) => !(name in env))
      .map(([name, value]) => `export ${name}=${quote(value)}`),
    `cd ${quote(joinPath(WORKDIR, folder))}`,
    command,
  ].join("\n"),
  timeout: MIGRATE_TIMEOUT,
})
