import type { Gate } from "../config/room.js"
import { settingsOf } from "../config/stage-settings.js"
import { anyOf } from "../formats/pattern.js"
import type { Env } from "../project/declared/found.js"
import { leftOutByTeam } from "../project/declared/scripts.js"
import { variablesOfScript } from "../project/declared/variables-of-work.js"
import { startedNothing, startedNothingText } from "../project/fan-out.js"
import { generating, UNMADE, withoutGenerated } from "../project/generated.js"
import { generatorsBeside } from "../project/generators.js"
import {
  hasManifest,
  type ScriptStage,
  scriptFor,
  scriptStages,
  stageName,
  workspaceFiles,
} from "../project/packages.js"
import { joinPath } from "../project/paths.js"
import type { Project, Workspace } from "../project/project.js"
import { isPassedOver } from "../project/reach.js"
import { programsOf, withRealScripts, writesFiles } from "../project/scripts.js"
import { endless, endlessText } from "../project/watching.js"
import { scriptCommand, workplace, workplaceNeeds } from "../project/workplace.js"
import { onlyPath } from "../run/command.js"
import { refused } from "../run/outcome.js"
import {
  type Applies,
  type Given,
  type Stage,
  type StageKind,
  type StageResult,
  WORKDIR,
  withEnvironment,
} from "../run/stage.js"
import { HOOK_REPORTS, hooked, NO_CHANGES, withHook } from "../tools/hook.js"
import { BEFORE, CHANGES, COMPARE } from "./changes.js"
import { deadcode } from "./deadcode.js"
import { duplication } from "./duplication.js"
import { maintainability } from "./maintainability.js"
import { withoutFiles } from "./no-files.js"
import { type Kind, ownTools, type Placed } from "./own-tools.js"
import { privacy } from "./privacy/privacy.js"
import { pythonQuality } from "./python.js"
import { scriptsFor } from "./script-names.js"
import { checksOwnFiles, withUnchecked } from "./solution.js"
import { sonar } from "./sonar.js"
import { ENDED, judgeRepair, judgeTool, repairing, withoutConfiguration } from "./tool-outcome.js"

/** Seconds, where slipway.yaml does not say. */
const TIMEOUT = 600

/** The project's own linter, formatter and type checker; then what Slipway brings. */
export const quality: readonly StageKind[] = [
  kindOf("lint"),
  kindOf("format"),
  kindOf("types"),
  ...pythonQuality,
  deadcode,
  duplication,
  maintainability,
  privacy,
  sonar,
]

function kindOf(kind: Kind): StageKind {
  return { kind, scope: "node", applies: (project) => applies(project, kind) }
}

/** Takes scripts first: they are what the project's people run. Then its tools that no script calls. Ignores a script that only prints. */
function applies(found: Project, kind: Kind): Applies {
  const project = {
    ...found,
    root: withRealScripts(found.root),
    workspaces: found.workspaces.map(withRealScripts),
  }
  const named = settingsOf(project.config, kind).script
  const scriptsOf = (workspace: Workspace) => scriptsFor(kind, workspace)
  const scripted = scriptStages(project, kind, named, scriptsOf, (one) =>
    stageFor(project, kind, asScript(project, kind, one)),
  )
  if (named !== null || !hasManifest(project)) return scripted
  const packages = [...project.workspaces, project.root]
  const covered = packages.filter(
    (workspace) =>
      scriptFor(workspace, null, scriptsOf(workspace)) !== null ||
      isPassedOver(project, workspace, null, kind) ||
      (kind === "format" && lintFormats(workspace)),
  )
  const { placed, lacking } = ownTools(project, kind, covered)
  const stages = [
    ...(scripted.applies ? scripted.stages : []),
    ...placed.map((one) => stageFor(project, kind, asWork(project, kind, one))),
  ]
  if (stages.length > 0) return { applies: true, stages }
  const reason = scripted.applies ? "" : scripted.reason
  return { applies: false, reason: [reason, ...lacking].join("; ") }
}

/** Tells whether the script that lints a package checks its formatting as well, as `biome check` does. */
function lintFormats(workspace: Workspace): boolean {
  const script = scriptFor(workspace, null, scriptsFor("lint", workspace))
  const programs = script === null ? [] : programsOf(workspace.scripts, script)
  return programs.some(
    ({ name, args: [command = "", ...args] }) =>
      name === "biome" && ["check", "ci"].includes(command) && !args.includes("--formatter-enabled=false"),
  )
}

/** A command line of a package, as a stage runs it. */
interface Work {
  readonly name: string
  readonly workspace: Workspace
  readonly because: string
  readonly include: readonly string[]
  readonly run: string
  readonly gate?: Gate
  /** The variables that the team's CI gives to it. */
  readonly env?: Env
  /** Commands that generate code which it reads. */
  readonly generators: readonly string[]
  /** The script that it is; absent for a tool that no script runs. */
  readonly script?: string
  /** Why it is not run, where it never ends. */
  readonly refused?: string | undefined
  /** The script, if it is one that the team's CI does not run. */
  readonly unusedScript?: string
  /** The configuration of TypeScript that it reads, where it reads that alone. */
  readonly configuration?: string | null
  /** What it does to the files: checks them, may repair them beside that, or does nothing else. */
  readonly files: "checks" | "may-repair" | "repairs"
}

/** Matches a command line that formats, or checks formatting. */
const FORMATS =
  /prettier|\bbiome(?:@\S+)? (?:ci|check|format)\b|dprint|ultracite|format|\bfmt\b|lint-staged|pre-commit/i
/** Matches one by which unformatted files fail: repairing them alone fails for none. */
const CHECKS_FORMATTING = anyOf(
  [
    /--check\b|--list-different|\bprettier\b.* -[cl]\b/,
    /\bbiome (?:ci|check|format)\b(?!.*--(?:write|fix|apply))/,
    /\bdprint check|format[:-]check|check[:-]format|git (?:diff|status)\b|pre-commit/,
  ],
  "i",
)

function asScript(project: Project, kind: Kind, one: ScriptStage): Work {
  const watcher = endless(programsOf(one.workspace.scripts, one.script), ({ name }) => name === "node")
  const variables = variablesOfScript(project, one.workspace, one.script)
  const work = {
    ...one,
    because: [one.because, ...variables.because].join(", "),
    env: variables.env,
    run: scriptCommand(project, one.workspace, one.script),
    generators: [],
    refused: watcher === null ? undefined : endlessText(one.script, watcher),
  }
  if (kind === "types") {
    const generators = generatorsBeside(project, one.workspace, one.script)
    const configuration = checksOwnFiles(one.workspace.scripts, one.script)
      ? joinPath(one.workspace.path, "tsconfig.json")
      : null
    return { ...work, generators, files: "checks", configuration }
  }
  const repairs = one.script === "format" && writesFiles(one.workspace.scripts, one.script)
  const files = repairs ? "repairs" : "may-repair"
  const checked = repairs ? CHECKS_FORMATTING : FORMATS
  if (!leftOutByTeam(project, one.workspace, kind === "lint" ? LINTS : checked)) return { ...work, files }
  // Findings of a linter's own script count all the same.
  if (kind === "lint") return { ...work, files, unusedScript: one.script }
  return { ...work, because: `${work.because}, which the team's CI leaves out`, files, gate: "added" }
}

/** Matches a command line that lints. */
const LINTS = /eslint|oxlint|biome|ultracite|\blint|standard|\bxo\b|pre-commit/i

/** A tool that neither a script nor the team's CI calls reports, and does not block. */
function asWork(project: Project, kind: Kind, { workspace, file, ...tool }: Placed): Work {
  const words = { lint: LINTS, format: FORMATS, types: null }[kind]
  const unused = words !== null && leftOutByTeam(project, workspace, words)
  return {
    name: stageName(kind, workspace),
    workspace,
    because: `${file}, and no script of package.json${unused ? "; the team's CI leaves it out" : ""}`,
    include: workspaceFiles(project, workspace),
    generators: kind === "types" ? generatorsBeside(project, workspace, null) : [],
    files: "checks",
    ...tool,
    ...(unused ? { gate: "added" as const } : {}),
  }
}

function stageFor(project: Project, kind: Kind, work: Work): Stage {
  const { name, workspace, because, include, gate } = work
  return {
    name,
    kind,
    needs: workplaceNeeds(project, workspace),
    because,
    gate,
    inputs: { include, exclude: [] },
    run: async (given) =>
      work.refused === undefined ? await runTool(given, kind, work) : refused(work.refused),
  }
}

async function runTool(given: Given, kind: Kind, work: Work): Promise<StageResult> {
  const { workspace, run, files, generators, script, unusedScript, configuration = null } = work
  const { timeout, env } = settingsOf(given.project.config, kind)
  const command = hooked(run)
  const container = withHook(withEnvironment(workplace(given, workspace), { ...work.env, ...env }), {
    ...NO_CHANGES,
    lints: true,
  })
  const ran = await given.command({
    container: files === "checks" ? container : container.withMountedDirectory(BEFORE, given.source),
    steps: [
      ...generating(given.project, workspace, generators, timeout ?? TIMEOUT),
      { name: kind, run: files === "repairs" ? repairing(command) : command, timeout: timeout ?? TIMEOUT },
      ...(files === "checks" ? [] : [COMPARE]),
    ],
    reports: [
      ...HOOK_REPORTS,
      CHANGES,
      ENDED,
      UNMADE,
      ...(configuration === null ? [] : [onlyPath(`${WORKDIR}/${configuration}`)]),
    ],
  })
  if (files === "repairs") return judgeRepair(ran, workspace.path)
  const programs = script === undefined ? 1 : programsOf(workspace.scripts, script).length
  const judged = withoutFiles(withoutGenerated(judgeTool(ran, workspace.path), ran), ran, programs)
  const isIdle =
    script !== undefined && startedNothing(workspace, script, given.project.workspaces, ran.log.text)
  if (judged.verdict === "passed" && isIdle)
    return { ...judged, verdict: "skipped", summary: startedNothingText(script) }
  if (configuration !== null)
    return withUnchecked(judged, configuration, ran.reports[`${WORKDIR}/${configuration}`])
  if (unusedScript === undefined) return judged
  const packages = [...workspace.dependencies, ...given.project.root.dependencies]
  return withoutConfiguration(judged, ran.log.text, unusedScript, packages)
}
