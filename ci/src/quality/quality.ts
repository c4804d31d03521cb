import { INSTALL } from "../install/install.js"
import { quote } from "../plan/command.js"
import { count, fromCommand } from "../plan/outcome.js"
import { type ScriptStage, scriptStages } from "../plan/packages.js"
import { type Given, type Stage, type StageKind, WORKDIR, withEnvironment } from "../plan/stage.js"
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
  return {
    kind,
    purpose: PURPOSES[kind],
    applies: (project) =>
      scriptStages(project, kind, project.config.stages[kind].script, SCRIPTS[kind], (one) =>
        stageFor(kind, one),
      ),
  }
}

function stageFor(kind: Kind, { name, workspace, script, because, include }: ScriptStage): Stage {
  return {
    name,
    kind,
    needs: [INSTALL],
    because,
    inputs: { include, exclude: [] },
    async run(given: Given) {
      const { timeout, env } = given.project.config.stages[kind]
      const base = given.from(INSTALL).withDirectory(WORKDIR, given.source)
      const ran = await given.command({
        container: withEnvironment(base, env).withWorkdir(`${WORKDIR}/${workspace.path}`),
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
