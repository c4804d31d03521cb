import { settingsOf } from "../config/stage-settings.js"
import { fromCommand } from "../run/outcome.js"
import { type Given, type Stage, type StageKind, type StageResult, withEnvironment } from "../run/stage.js"
import { UNREACHABLE } from "../run/unreachable.js"
import { variablesOfInstall } from "./declared/variables-of-work.js"
import { PREPARE, type Preparation, preparationsBefore, preparationsOf } from "./lifecycle.js"
import { runAlone } from "./managers.js"
import { hasManifest, workspaceFiles } from "./packages.js"
import { joinPath } from "./paths.js"
import type { Project } from "./project.js"
import { madeBetween, preparedPlace, prepareNeeds } from "./workplace.js"

/** Seconds for one script, where slipway.yaml does not say. */
const TIMEOUT = 600

/** Tools that set hooks of git up leave it: there is no checkout to work in. */
const NO_HOOKS = { HUSKY: "0", HUSKY_SKIP_INSTALL: "1", LEFTHOOK: "0", SKIP_INSTALL_SIMPLE_GIT_HOOKS: "1" }

/**
 * Runs the scripts of the project's own packages that belong to an install, when their sources are there: `postinstall`,
 * `prepare`. Other stages get what they made.
 */
export const prepare: StageKind = {
  kind: PREPARE,
  scope: "node",
  versions: "needed",
  applies(project) {
    if (!hasManifest(project)) return { applies: false, reason: "no package.json" }
    const found = preparationsOf(project)
    return found.length === 0
      ? { applies: false, reason: reasonOf(project) }
      : { applies: true, stages: found.map((one) => stageFor(project, one)) }
  },
}

const reasonOf = ({ packageManager: { ownScripts, name } }: Project): string =>
  ownScripts
    ? "no package.json has a script that belongs to an install"
    : `the settings of ${name} turn its scripts off`

const stageFor = (project: Project, one: Preparation): Stage => ({
  name: one.stage,
  kind: PREPARE,
  needs: prepareNeeds(project, one),
  prepares: true,
  because: [
    `${one.scripts.join(", ")} in ${joinPath(one.workspace.path, "package.json")}`,
    ...variablesOfInstall(project).because,
  ].join(", "),
  inputs: { include: workspaceFiles(project, one.workspace), exclude: [] },
  run: (given) => run(given, one),
})

async function run(given: Given, one: Preparation): Promise<StageResult> {
  const { project } = given
  const { timeout, env } = settingsOf(project.config, PREPARE)
  const place = preparedPlace(given, one.workspace, preparationsBefore(project, one))
  const before = withEnvironment(place, { ...variablesOfInstall(project).env, ...NO_HOOKS, ...env })
  const ran = await given.command({
    container: before,
    steps: one.scripts.map((script) => ({
      name: script,
      run: runAlone(project.packageManager, script, one.scripts),
      timeout: timeout ?? TIMEOUT,
    })),
  })
  const file = joinPath(one.workspace.path, "package.json")
  const outcome = fromCommand(ran, { passed: `${one.scripts.join(", ")} ran`, findings: [], tests: [] })
  if (outcome.verdict !== "passed")
    return { ...outcome, ...blame(outcome, ran.log.text), summary: `${file}: ${outcome.summary}` }
  const made = madeBetween(before, ran.container)
  return { ...outcome, made }
}

/** Programs of a machine that no package brings. */
const MACHINE =
  /\b(?:git|python3?|make|gcc|g\+\+|docker|curl|wget|bash|jq|zip|unzip|rsync): (?:command )?not found/

/** A script of the project that fails is its code's fault, but for what this machine lacks. */
export function blame(
  { verdict, cause }: Pick<StageResult, "verdict" | "cause">,
  log: string,
): Pick<StageResult, "verdict" | "cause"> {
  if (UNREACHABLE.test(log)) return { verdict: "errored", cause: "download" }
  if (MACHINE.test(log)) return { verdict: "errored", cause: "errored" }
  return cause === "timed-out" ? { verdict, cause } : { verdict: "failed", cause: "failed" }
}
