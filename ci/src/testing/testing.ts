import { settingsOf } from "../config/stage-settings.js"
import { type ScriptStage, scriptStages } from "../project/packages.js"
import type { Project } from "../project/project.js"
import { workplaceNeeds } from "../project/workplace.js"
import type { Stage, StageKind } from "../run/stage.js"
import { suiteOf } from "./script.js"
import { runSuite } from "./sharded.js"
import { type Suite, type SuiteKind, servicesFor } from "./suite.js"

const SCRIPTS: Readonly<Record<SuiteKind, readonly string[]>> = {
  unit: ["test:unit", "unit", "test"],
  integration: ["test:integration", "integration", "test:int"],
}

const KINDS: readonly SuiteKind[] = ["unit", "integration"]

export const suites: readonly StageKind[] = KINDS.map((kind) => ({
  kind,
  scope: "node",
  applies: (project) =>
    scriptStages(project, `test:${kind}`, settingsOf(project.config, kind).script, SCRIPTS[kind], (one) =>
      stageFor(project, suiteOf(project, kind, one), one),
    ),
}))

function stageFor(project: Project, suite: Suite, { because, include, script }: ScriptStage): Stage {
  const services = Object.keys(servicesFor(project, suite.kind))
  return {
    name: suite.name,
    kind: suite.kind,
    ...(suite.refused === null ? { lacksLines: suite.noCoverage } : {}),
    needs: suite.refused === null ? workplaceNeeds(project, suite.workspace) : [],
    because: [
      because,
      ...(suite.script === script ? [] : [`which watches: ${suite.script} runs instead`]),
      ...(suite.refused === null ? [] : [`not run: ${suite.refused.reason}`]),
      ...(suite.migrate ? [`after ${suite.migrate}`] : []),
      ...(services.length > 0 ? [`with ${services.join(", ")}`] : []),
    ].join(", "),
    inputs: { include, exclude: [] },
    run: (given) => runSuite(given, suite),
  }
}
