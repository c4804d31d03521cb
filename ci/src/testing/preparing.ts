import { ofProject } from "../project/declared/environment.js"
import type { Env } from "../project/declared/found.js"
import { MIGRATION_SCRIPTS, migrationsBefore, type PreparingCommand } from "../project/declared/migrations.js"
import { calledBefore, jobOfTests, type TestScript } from "../project/declared/scripts.js"
import { scriptsOfSetup } from "../project/declared/test-setup.js"
import { scriptFor } from "../project/packages.js"
import { joinPath } from "../project/paths.js"
import type { Project } from "../project/project.js"
import { programCommand, scriptCommand } from "../project/workplace.js"
import { quote } from "../run/command.js"
import { WORKDIR } from "../run/stage.js"
import type { DockerOf } from "./docker.js"
import type { Preparing } from "./suite.js"

/**
 * Returns what runs before tests: the scripts of the package's own test setup; else the migrations that the team's CI runs
 * before them, by a script or by a command of their tool; else, for integration tests, the package's script for them.
 */
export function preparing(project: Project, test: TestScript, docker: DockerOf): readonly Preparing[] {
  const { workspace, kind } = test
  const byScript = (name: string): Preparing => ({ text: name, run: scriptCommand(project, workspace, name) })
  const own = docker.kind === "replaced" ? scriptsOfSetup(project, workspace) : []
  if (own.length > 0) return own.map(byScript)
  const runs = jobOfTests(project, test)
  const called = runs === null ? null : scriptFor(workspace, null, calledBefore(runs, MIGRATION_SCRIPTS))
  if (called !== null) return [byScript(called)]
  const direct = runs === null ? [] : migrationsBefore(runs)
  if (direct.length > 0) return direct.map((one) => byCommand(project, one, runs?.step.env ?? {}))
  const migration = kind === "integration" ? scriptFor(workspace, null, MIGRATION_SCRIPTS) : null
  return migration === null ? [] : [byScript(migration)]
}

/** @param env the variables that the tests have already. */
function byCommand(project: Project, { words, folder, env: all }: PreparingCommand, env: Env): Preparing {
  const own = Object.entries(ofProject(all)).filter(([name, value]) => env[name] !== value)
  const command = programCommand(project, words.map(quote).join(" "))
  const set = own.map(([name, value]) => `${name}=${quote(value)} `).join("")
  return {
    text: words.join(" "),
    run: `(cd ${quote(joinPath(WORKDIR, folder))} && ${set}${command})`,
  }
}
