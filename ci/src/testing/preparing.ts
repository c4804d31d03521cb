import { ofProject } from "../project/declared/environment.js"
import type { Env } from "../project/declared/found.js"
import { migrationScript } from "../project/declared/migration-scripts.js"
import { type Preparation, preparationsIn } from "../project/declared/preparations.js"
import {
  jobOf,
  jobOfTests,
  type StepOf,
  stepsBefore,
  stepsThatRun,
  type TestScript,
} from "../project/declared/scripts.js"
import { scriptsOfSetup } from "../project/declared/test-setup.js"
import { joinPath } from "../project/paths.js"
import type { Project, Workspace } from "../project/project.js"
import { programCommand, scriptCommand } from "../project/workplace.js"
import { quote } from "../run/command.js"
import { WORKDIR } from "../run/stage.js"
import type { DockerOf } from "./docker.js"
import type { Preparing } from "./suite.js"

/**
 * Returns what runs before tests: the scripts of the package's own test setup; else what the team's CI does with databases
 * before them, or without a job the compose file that runs them, by scripts or by commands of their tools; else, for
 * integration tests that no job runs, the package's script for migrations.
 */
export function preparing(project: Project, test: TestScript, docker: DockerOf): readonly Preparing[] {
  const { workspace, kind, script } = test
  const byScript = (name: string): Preparing => ({ text: name, run: scriptCommand(project, workspace, name) })
  const own = docker.kind === "replaced" ? scriptsOfSetup(project, workspace) : []
  if (own.length > 0) return own.map(byScript)
  const runs = jobOfTests(project, test)
  const callable = { own: workspace.scripts, root: project.root.scripts, test: script }
  const [before = []] = (runs === null ? composeRuns(project, test) : [runs])
    .map((one) => preparationsIn(stepsBefore(one), callable))
    .filter((found) => found.length > 0)
  if (before.length > 0)
    return before.map((one) => preparation(project, workspace, one, runs?.step.env ?? {}))
  const migration =
    kind === "integration" && jobOf(project, test) === null
      ? migrationScript(workspace.scripts, "tests")
      : null
  return migration === null ? [] : [byScript(migration)]
}

/** What services of compose files run that run the tests as well. */
function composeRuns(project: Project, { workspace, script }: TestScript): readonly StepOf[] {
  const stepsOf = stepsThatRun(project, workspace, script)
  return Object.values(project.declared.compose).flatMap(({ starts }) =>
    stepsOf({ steps: starts })
      .slice(0, 1)
      .map((step) => ({ job: { steps: starts }, step })),
  )
}

/** @param env the variables that the tests have already. */
function preparation(project: Project, workspace: Workspace, one: Preparation, env: Env): Preparing {
  const own = Object.entries(ofProject(one.env)).filter(([name, value]) => env[name] !== value)
  const set = own.map(([name, value]) => `${name}=${quote(value)} `).join("")
  const { does } = one
  if ("script" in does) {
    const args = does.args.map(quote).join(" ")
    return {
      text: [does.script, ...does.args].join(" "),
      run: `${set}${scriptCommand(project, workspace, does.script, args)}`,
    }
  }
  const command = programCommand(project, does.words.map(quote).join(" "))
  return {
    text: does.words.join(" "),
    run: `(cd ${quote(joinPath(WORKDIR, one.folder))} && ${set}${command})`,
  }
}
