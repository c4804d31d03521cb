import { settingsOf } from "../config/stage-settings.js"
import { type ScriptStage, scriptFor, scriptStages } from "../project/packages.js"
import type { Project } from "../project/project.js"
import { workplaceNeeds } from "../project/workplace.js"
import type { Stage, StageKind } from "../run/stage.js"
import { coverageOf, runnerOf } from "./runners.js"
import { runSuite } from "./sharded.js"
import { type Suite, type SuiteKind, servicesFor } from "./suite.js"

const SCRIPTS: Readonly<Record<SuiteKind, readonly string[]>> = {
  unit: ["test:unit", "unit", "test"],
  integration: ["test:integration", "integration", "test:int"],
}

/** Scripts that bring a database to the app's schema. */
const MIGRATIONS = ["db:migrate", "migrate", "migrate:up", "migration:run", "migrations:run", "db:migrate:up"]

const KINDS: readonly SuiteKind[] = ["unit", "integration"]

export const suites: readonly StageKind[] = KINDS.map((kind) => ({
  kind,
  scope: "node",
  applies: (project) =>
    scriptStages(project, `test:${kind}`, settingsOf(project.config, kind).script, SCRIPTS[kind], (one) =>
      stageFor(project, suiteOf(project, kind, one), one),
    ),
}))

function suiteOf(project: Project, kind: SuiteKind, { name, workspace, script }: ScriptStage): Suite {
  const packages = [...workspace.dependencies, ...project.root.dependencies]
  const words = workspace.scripts[script] ?? ""
  const runner = runnerOf(words, packages)
  return {
    name,
    kind,
    workspace,
    script,
    words,
    migrate: kind === "integration" ? scriptFor(workspace, null, MIGRATIONS) : null,
    runner,
    coverage: settingsOf(project.config, "coverage").enabled
      ? coverageOf(runner, packages)
      : { reason: "slipway.yaml turns coverage off" },
  }
}

function stageFor(project: Project, suite: Suite, { because, include }: ScriptStage): Stage {
  const services = Object.keys(servicesFor(project, suite.kind))
  return {
    name: suite.name,
    kind: suite.kind,
    lacksLines: "reason" in suite.coverage ? suite.coverage.reason : null,
    needs: workplaceNeeds(project, suite.workspace),
    because: [
      because,
      ...(suite.migrate ? [`after ${suite.migrate}`] : []),
      ...(services.length > 0 ? [`with ${services.join(", ")}`] : []),
    ].join(", "),
    inputs: { include, exclude: [] },
    run: (given) => runSuite(given, suite),
  }
}
