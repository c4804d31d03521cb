import { settingsOf } from "../config/stage-settings.js"
import { envSources } from "../project/declared/environment.js"
import { titleOf } from "../project/declared/found.js"
import { type ScriptStage, scriptStages } from "../project/packages.js"
import type { Project } from "../project/project.js"
import { mountedFiles } from "../project/services.js"
import { workplaceNeeds } from "../project/workplace.js"
import type { Stage, StageKind } from "../run/stage.js"
import { suiteOf } from "./script.js"
import { runSuite } from "./sharded.js"
import type { Suite, SuiteKind } from "./suite.js"

const SCRIPTS: Readonly<Record<SuiteKind, readonly string[]>> = {
  unit: ["test:unit", "unit", "test"],
  integration: ["test:integration", "integration", "test:int"],
}

const KINDS: readonly SuiteKind[] = ["unit", "integration"]

export const suites: readonly StageKind[] = KINDS.map((kind) => ({
  kind,
  scope: "node",
  versions: "each",
  applies: (project) =>
    scriptStages(project, `test:${kind}`, settingsOf(project.config, kind).script, SCRIPTS[kind], (one) =>
      stageFor(project, suiteOf(project, kind, one), one),
    ),
}))

function stageFor(project: Project, suite: Suite, { because, include, script }: ScriptStage): Stage {
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
      ...suite.services.map((service) => `with ${titleOf(service)}, from ${service.source}`),
      ...suite.surroundings.because,
    ].join(", "),
    inputs: {
      include: [...include, ...mountedFiles(suite.services), ...envSources(suite.surroundings)],
      exclude: [],
    },
    run: (given) => runSuite(given, suite),
  }
}
