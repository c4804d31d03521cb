import { hasManifest, INSTALL, workspaceFiles } from "../install/install.js"
import { quote } from "../plan/command.js"
import { count, fromCommand } from "../plan/outcome.js"
import type { Project, Workspace } from "../plan/project.js"
import { type Applies, type Given, type Stage, type StageKind, WORKDIR } from "../plan/stage.js"
import { readFindings } from "./findings.js"

type Kind = "lint" | "format" | "types"

/** What is looked for in package.json, first match first. */
const SCRIPTS: Readonly<Record<Kind, readonly string[]>> = {
  lint: ["lint", "lint:check"],
  format: ["format:check", "check:format", "prettier:check", "fmt:check", "format-check"],
  types: ["type-check", "typecheck", "types", "check:types", "check-types", "tsc"],
}

const PURPOSES: Readonly<Record<Kind, string>> = {
  lint: "runs the project's linter",
  format: "checks the formatting",
  types: "checks the types",
}

/** Seconds, where slipway.yaml does not say. */
const TIMEOUT = 600

/** The stages that run a script of package.json and read what it finds. */
export const quality: readonly StageKind[] = [kindOf("lint"), kindOf("format"), kindOf("types")]

function kindOf(kind: Kind): StageKind {
  return { kind, purpose: PURPOSES[kind], applies: (project) => scriptStages(project, kind) }
}

/** The script of a package that does a kind of work, or null. */
export function scriptFor(
  workspace: Workspace,
  named: string | null,
  candidates: readonly string[],
): string | null {
  return [...(named ? [named] : candidates)].find((name) => name in workspace.scripts) ?? null
}

/**
 * The packages to run a kind of work in: each workspace that has a script for it, so that a change runs only
 * what it touches; the root where no workspace has one, or where it has one that the workspaces have not.
 */
export function packagesWith(
  project: Project,
  named: string | null,
  candidates: readonly string[],
): readonly { readonly workspace: Workspace; readonly script: string }[] {
  const withScript = (workspace: Workspace) => {
    const script = scriptFor(workspace, named, candidates)
    return script === null ? [] : [{ workspace, script }]
  }
  const own = project.workspaces.flatMap(withScript)
  return own.length > 0 ? own : withScript(project.root)
}

/** `lint` for a project of one package, `lint:backend` for a workspace. */
export const stageName = (project: Project, kind: string, workspace: Workspace): string =>
  workspace.path === "" && project.workspaces.length === 0
    ? kind
    : workspace.path === ""
      ? kind
      : `${kind}:${workspace.name}`

function scriptStages(project: Project, kind: Kind): Applies {
  if (!hasManifest(project)) return { applies: false, reason: "there is no package.json" }
  const { script } = project.config.stages[kind]
  const found = packagesWith(project, script, SCRIPTS[kind])
  if (found.length === 0)
    return {
      applies: false,
      reason: `no package.json has a script ${(script ? [script] : SCRIPTS[kind]).join(" or ")}`,
    }
  return { applies: true, stages: found.map((one) => stageFor(project, kind, one.workspace, one.script)) }
}

function stageFor(project: Project, kind: Kind, workspace: Workspace, script: string): Stage {
  const { timeout, env } = project.config.stages[kind]
  return {
    name: stageName(project, kind, workspace),
    kind,
    needs: [INSTALL],
    because: `the script ${script} in ${workspace.path === "" ? "" : `${workspace.path}/`}package.json`,
    inputs: { include: workspaceFiles(project, workspace), exclude: [] },
    async run(given: Given) {
      const base = Object.entries(env).reduce(
        (container, [name, value]) => container.withEnvVariable(name, value),
        given.from(INSTALL).withDirectory(WORKDIR, given.source),
      )
      const ran = await given.command({
        container: base.withWorkdir(`${WORKDIR}/${workspace.path}`),
        steps: [{ name: kind, run: `npm run --silent ${quote(script)}`, timeout: timeout ?? TIMEOUT }],
      })
      const findings = ran.failed ? readFindings(ran.log.text, WORKDIR, workspace.path) : []
      return fromCommand(ran, {
        passed: "nothing found",
        failed: findings.length > 0 ? count(findings.length, "finding") : null,
        findings,
        tests: [],
      })
    },
  }
}
