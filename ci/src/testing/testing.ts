import { settingsOf } from "../config/stage-settings.js"
import { envSources } from "../project/declared/environment.js"
import { ofJob } from "../project/declared/environments.js"
import { titleOf } from "../project/declared/found.js"
import { inProcessScripts } from "../project/end-to-end.js"
import { type Candidates, packagesOf, type ScriptStage, scriptStages } from "../project/packages.js"
import type { Project } from "../project/project.js"
import { mountedFiles } from "../project/services.js"
import {
  hasIntegration,
  integrationParts,
  integrationScripts,
  scriptsOfPart,
} from "../project/suite-scripts.js"
import { workplaceNeeds } from "../project/workplace.js"
import type { Stage, StageKind } from "../run/stage.js"
import { unitScripts } from "./choice.js"
import { dockerBecause, dockerImages } from "./docker.js"
import { inEnvironments, withoutLines } from "./environments.js"
import { suiteOf } from "./script.js"
import { canSplit, runSuite } from "./sharded.js"
import type { Suite, SuiteKind } from "./suite.js"

/** The suites of a kind, by how the names of their stages begin. A package may have one of each. */
const SUITES: Readonly<Record<SuiteKind, (project: Project) => Readonly<Record<string, Candidates>>>> = {
  unit: (project) => ({ "test:unit": (workspace) => unitScripts(project, workspace) }),
  integration: (project) => ({
    "test:integration": (workspace) => [
      ...integrationScripts(project, workspace),
      ...inProcessScripts(project, workspace),
    ],
    ...partsOf(project),
    "test:integration:e2e": (workspace) => [
      ...(hasIntegration(workspace) ? inProcessScripts(project, workspace) : []),
      ...scriptsOfPart(project, workspace, "e2e"),
    ],
  }),
}

/** The groups of integration tests that have a script each. A part with the name of a package gets another. */
function partsOf(project: Project): Readonly<Record<string, Candidates>> {
  const packages = packagesOf(project)
  const parts = packages.flatMap((one) => integrationParts(project, one).map(({ part }) => part))
  const nameOf = (part: string) => (packages.some(({ label }) => label === part) ? `${part}-tests` : part)
  return Object.fromEntries(
    parts.map((part): [string, Candidates] => [
      `test:integration:${nameOf(part)}`,
      (workspace) => scriptsOfPart(project, workspace, part),
    ]),
  )
}

const KINDS: readonly SuiteKind[] = ["unit", "integration"]

/** Runs the test scripts of a project's packages. */
export const suites: readonly StageKind[] = KINDS.map((kind) => ({
  kind,
  scope: "node",
  versions: "each",
  applies(project) {
    const { script } = settingsOf(project.config, kind)
    const groups = Object.entries(SUITES[kind](project)).slice(0, script === null ? undefined : 1)
    const found = groups.map(([group, candidates]) =>
      scriptStages(project, group, script, candidates, (one) => stagesFor(project, kind, one)),
    )
    const stages = found.flatMap((one) => (one.applies ? one.stages : []))
    const [first = { applies: false, reason: "no tests" }] = found
    return stages.length > 0 ? { applies: true, stages } : first
  },
}))

/** The stages of a test script: in its usual environment, and in the others that the team's CI gives it. */
function stagesFor(project: Project, kind: SuiteKind, one: ScriptStage): readonly Stage[] {
  const suite = suiteOf(project, kind, one)
  const usual = stageFor(project, suite, one)
  const test = { workspace: suite.workspace, kind, script: suite.script }
  const { others, unchecked } = inEnvironments(project, test, suite.refused !== null)
  return [
    { ...usual, unchecked },
    ...others.map((environment) =>
      withoutLines(stageFor(project, suiteOf(project, kind, one, environment), one)),
    ),
  ]
}

function stageFor(project: Project, suite: Suite, { because, include, script }: ScriptStage): Stage {
  return {
    name: suite.name,
    kind: suite.kind,
    ...(suite.refused === null && suite.withoutTests === null ? { lacksLines: suite.noCoverage } : {}),
    services: suite.services,
    images: dockerImages(suite.docker),
    splits: suite.refused === null && canSplit(suite),
    needs: suite.refused === null ? workplaceNeeds(project, suite.workspace) : [],
    because: [
      because,
      ...(suite.script === script ? [] : [`which watches: ${suite.script} runs instead`]),
      ...(suite.refused === null ? [] : [`not run: ${suite.refused.reason}`]),
      ...(suite.withoutTests === null ? [] : [`which runs no tests (${suite.withoutTests})`]),
      ...(suite.prepare.length > 0 ? [`after ${suite.prepare.map(({ text }) => text).join(", ")}`] : []),
      ...suite.services.map((service) => `with ${titleOf(service)}, from ${service.source}`),
      ...dockerBecause(suite.docker),
      ...suite.surroundings.because,
      ...(suite.environment === null ? [] : [ofJob(suite.environment.runs)]),
    ].join(", "),
    inputs: {
      include: [...include, ...mountedFiles(suite.services), ...envSources(suite.surroundings)],
      exclude: [],
    },
    run: (given) => runSuite(given, suite),
  }
}
