import type { Gate } from "../config/room.js"
import { settingsOf } from "../config/stage-settings.js"
import { plural } from "../formats/figures.js"
import { hasManifest, scriptFor, scriptStages, stageName, workspaceFiles } from "../project/packages.js"
import type { Project, Workspace } from "../project/project.js"
import { scriptCommand, workplace, workplaceNeeds } from "../project/workplace.js"
import { fromCommand } from "../run/outcome.js"
import type { Finding } from "../run/result.js"
import {
  type Applies,
  type Given,
  type Ran,
  type Stage,
  type StageKind,
  WORKDIR,
  withEnvironment,
} from "../run/stage.js"
import { deadcode } from "./deadcode.js"
import { duplication } from "./duplication.js"
import { readEslint, readFindings } from "./findings.js"
import { maintainability } from "./maintainability.js"
import { ESLINT_REPORT, type Kind, ownTools, type Placed } from "./own-tools.js"
import { privacy } from "./privacy/privacy.js"
import { pythonQuality } from "./python.js"
import { sonar } from "./sonar.js"

/** What is looked for in package.json, first match first. */
const SCRIPTS: Readonly<Record<Kind, readonly string[]>> = {
  lint: ["lint", "lint:check"],
  format: ["format:check", "check:format", "prettier:check", "fmt:check", "format-check"],
  types: ["type-check", "typecheck", "types", "check:types", "check-types", "tsc"],
}

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

/** Scripts first: they are what the project's people run. Then its tools that no script calls. */
function applies(project: Project, kind: Kind): Applies {
  const named = settingsOf(project.config, kind).script
  const scripted = scriptStages(project, kind, named, SCRIPTS[kind], (one) =>
    stageFor(project, kind, { ...one, run: scriptCommand(project, one.script) }),
  )
  if (named !== null || !hasManifest(project)) return scripted
  const packages = [...project.workspaces, project.root]
  const covered = packages.filter((workspace) => scriptFor(workspace, null, SCRIPTS[kind]) !== null)
  const { placed, lacking } = ownTools(project, kind, covered)
  const stages = [
    ...(scripted.applies ? scripted.stages : []),
    ...placed.map((one) => stageFor(project, kind, asWork(project, kind, one))),
  ]
  if (stages.length > 0) return { applies: true, stages }
  const reason = scripted.applies ? "" : scripted.reason
  return { applies: false, reason: [reason, ...lacking].join("; ") }
}

/** A command line of a package, as a stage runs it. */
interface Work {
  readonly name: string
  readonly workspace: Workspace
  readonly because: string
  readonly include: readonly string[]
  readonly run: string
  readonly gate?: Gate
}

const asWork = (project: Project, kind: Kind, { workspace, file, ...tool }: Placed): Work => ({
  name: stageName(kind, workspace),
  workspace,
  because: `${file}, and no script of package.json`,
  include: workspaceFiles(project, workspace),
  ...tool,
})

function stageFor(project: Project, kind: Kind, { workspace, include, run, ...work }: Work): Stage {
  return {
    ...work,
    kind,
    needs: workplaceNeeds(project, workspace),
    inputs: { include, exclude: [] },
    async run(given: Given) {
      const { timeout, env } = settingsOf(given.project.config, kind)
      const ran = await given.command({
        container: withEnvironment(workplace(given, workspace), env),
        steps: [{ name: kind, run, timeout: timeout ?? TIMEOUT }],
        reports: [ESLINT_REPORT],
      })
      const findings = ran.failed ? findingsOf(ran, workspace) : []
      return fromCommand(ran, {
        passed: "nothing found",
        failed: findings.length > 0 ? plural(findings.length, "finding") : null,
        findings,
        tests: [],
      })
    },
  }
}

function findingsOf(ran: Ran, workspace: Workspace): readonly Finding[] {
  const report = ran.reports[ESLINT_REPORT]
  return report === undefined
    ? readFindings(ran.log.text, WORKDIR, workspace.path)
    : readEslint(report, WORKDIR, workspace.path)
}
