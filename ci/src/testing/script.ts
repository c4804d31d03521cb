import { settingsOf } from "../config/stage-settings.js"
import { servicesOfTests } from "../project/declared/choose.js"
import { surroundingsOf } from "../project/declared/environment.js"
import type { Environment } from "../project/declared/environments.js"
import { isEndToEnd } from "../project/end-to-end.js"
import { generatorsOf } from "../project/generators.js"
import type { ScriptStage } from "../project/packages.js"
import type { Project, Workspace } from "../project/project.js"
import { doesNothing, isPlaceholder, programsOf } from "../project/scripts.js"
import { hasTestFiles } from "../project/test-files.js"
import { endless, endlessText, watching } from "../project/watching.js"
import { dockerOf } from "./docker.js"
import { preparing } from "./preparing.js"
import {
  endsWithTests,
  isKeptFromWatching,
  notRun,
  runnersOf,
  whyNoCoverage,
  withoutTests,
} from "./runners.js"
import { COVERAGE_OFF, type Refusal, type Suite, type SuiteKind } from "./suite.js"

/** Returns the suite that a script of a package is. @param environment one beside its usual one. */
export function suiteOf(
  project: Project,
  kind: SuiteKind,
  { name, workspace, script: found }: ScriptStage,
  environment: Environment | null = null,
): Suite {
  const script = onceInsteadOf(workspace, found)
  const programs = programsOf(workspace.scripts, script)
  const runners = runnersOf(programs)
  const test = { workspace, kind, script, ...(environment === null ? {} : { runs: environment.runs }) }
  const docker = dockerOf(project, test, name)
  const services = servicesOfTests(project, test, docker.kind === "daemon")
  return {
    name: name + (environment?.label ?? ""),
    environment,
    kind,
    workspace,
    script,
    generators: generatorsOf(project, workspace, script),
    prepare: preparing(project, test, docker),
    docker,
    services,
    surroundings: surroundingsOf(project, test, services),
    runners,
    endsWithTests: endsWithTests(programs),
    withoutTests: withoutTests(programs),
    hasTests: hasTestFiles(project, workspace, kind === "integration" || isEndToEnd(script)),
    noCoverage: settingsOf(project.config, "coverage").enabled ? whyNoCoverage(runners) : COVERAGE_OFF,
    refused: refusalOf(workspace, script),
  }
}

/** Names of scripts that run the tests once, beside one that watches. */
const ONCE = (script: string) =>
  ["ci", "run", "once"].flatMap((word) => [`${script}:${word}`, `${word}:${script}`])

/** Returns the script that runs once instead of one that watches; that one itself where there is no other. */
function onceInsteadOf({ scripts }: Workspace, script: string): string {
  if (!watching(programsOf(scripts, script))) return script
  const others = [...ONCE(script), ...ONCE("test")].filter((name) => name in scripts)
  return others.find((name) => !watching(programsOf(scripts, name)) && !doesNothing(scripts, name)) ?? script
}

function refusalOf({ scripts }: Workspace, script: string): Refusal | null {
  const programs = programsOf(scripts, script)
  const text = scripts[script] ?? ""
  if (isPlaceholder(text))
    return { verdict: "skipped", reason: `the script ${script} is the placeholder of npm init` }
  if (doesNothing(scripts, script))
    return { verdict: "skipped", reason: `the script ${script} runs no tests: ${text}` }
  const watcher = endless(programs, isKeptFromWatching)
  if (watcher !== null) return { verdict: "failed", reason: endlessText(script, watcher) }
  const tool = runnersOf(programs).length === 0 ? notRun(programs) : null
  return tool === null
    ? null
    : {
        verdict: "skipped",
        reason: `${tool} is not run: no stage starts its browser and the app for it`,
      }
}
