import { settingsOf } from "../config/stage-settings.js"
import { servicesOfTests } from "../project/declared/choose.js"
import {
  envSources,
  type Surroundings,
  surroundingsOf,
  withEnvFiles,
} from "../project/declared/environment.js"
import { type Environment, ofJob } from "../project/declared/environments.js"
import { type Env, titleOf, type Wanted } from "../project/declared/found.js"
import { PULLS, pullsIn } from "../project/docker-daemon.js"
import { installStage } from "../project/install.js"
import { stageName } from "../project/packages.js"
import { joinPath } from "../project/paths.js"
import type { Project } from "../project/project.js"
import { projectStep, pythonFiles, pythonPlace } from "../project/python-install.js"
import type { Python } from "../project/python-project.js"
import {
  type Backing,
  backing,
  bind,
  forwardSteps,
  lacking,
  mountedFiles,
  withForward,
} from "../project/services.js"
import { withSystemPackages } from "../project/system-install.js"
import type { SystemPackage } from "../project/system-packages.js"
import type { CommandStep } from "../run/command.js"
import {
  type Given,
  type Stage,
  type StageKind,
  type StageResult,
  WORKDIR,
  withEnvironment,
} from "../run/stage.js"
import { HOOK_REPORTS } from "../tools/hook.js"
import { withoutBrowser } from "./browsers.js"
import {
  type DockerOf,
  dockerBecause,
  dockerImages,
  dockerOf,
  dockerSteps,
  inDocker,
  withDocker,
} from "./docker.js"
import { inEnvironments, unlessHere, withoutLines } from "./environments.js"
import { judge } from "./judge.js"
import { notGiven, withoutServices } from "./lacking.js"
import { type Bound, commandOf, withPermissions } from "./permissions.js"
import { type SuiteRun, withPrograms } from "./programs.js"
import { programCommand, pytestCommand, withSettings } from "./pytest-command.js"
import { type Preparing, preparingOf, preparingStep } from "./python-preparing.js"
import { firstOf, ranResult } from "./python-result.js"
import type { PythonSuite } from "./python-suite.js"
import { asksForCoverage, idleTests, SCRIPT, suitesOf, testOf } from "./python-suites.js"
import { TIMEOUT } from "./suite.js"

/** A suite, and what is around its tests: one run has those of all kinds, those that need services as well. */
interface Tests {
  readonly project: Project
  readonly python: Python
  readonly suite: PythonSuite
  /** The environment of the team's CI that it runs in; null for the usual one. */
  readonly environment: Environment | null
  readonly services: readonly Wanted[]
  readonly surroundings: Surroundings
  readonly preparing: readonly Preparing[]
  readonly docker: DockerOf
}

/** Runs a Python project's tests with pytest, which runs those of unittest as well. */
export const pythonTests: StageKind = {
  kind: "unit",
  scope: "python",
  versions: "each",
  applies(project) {
    const { python } = project
    if (python === null) return { applies: false, reason: "no Python project" }
    const suites = suitesOf(project)
    const idle = idleTests(project, suites)
    if (suites.length === 0) return { applies: false, reason: whyNone(idle) }
    const stageIn = (suite: PythonSuite, environment: Environment | null) => {
      const test = { ...testOf(project), ...(environment === null ? {} : { runs: environment.runs }) }
      const docker = dockerOf(project, test, stageName("test:unit", suite))
      const services = servicesOfTests(project, test, docker.kind === "daemon")
      const surroundings = surroundingsOf(project, test, services)
      const preparing = preparingOf(project, test)
      return stageFor({ project, python, suite, environment, docker, services, surroundings, preparing })
    }
    const { others, unchecked: apart } = inEnvironments(project, testOf(project))
    const unchecked = idle.length === 0 ? apart : [...apart, { what: firstOf(idle), reason: LEFT_OUT }]
    const stages = suites.flatMap((suite, i): readonly Stage[] => [
      { ...stageIn(suite, null), ...(i === 0 ? { unchecked } : {}) },
      ...others.map((environment) => withoutLines(stageIn(suite, environment))),
    ])
    return { applies: true, stages }
  },
}

const LEFT_OUT = "named as tests, and left out by the settings of their runner"

/** @param idle files with the names of tests. */
function whyNone(idle: readonly string[]): string {
  const none = "no file that pytest takes for tests"
  return idle.length === 0 ? none : `${none}; its settings leave out ${firstOf(idle)}`
}

function stageFor(tests: Tests): Stage {
  const { project, suite, environment, services, surroundings, preparing, docker } = tests
  const where = suite.folder === "" ? "" : ` in ${suite.folder}`
  return {
    name: stageName("test:unit", suite) + (environment?.label ?? ""),
    kind: "unit",
    services,
    images: dockerImages(docker),
    needs: [installStage(project)],
    lacksLines: settingsOf(project.config, "coverage").enabled ? null : "slipway.yaml turns coverage off",
    because: [
      ...(suite.program === null
        ? [`pytest${where}: ${firstOf(suite.files)}`]
        : [`python ${suite.program.calls.join(", ")}${where}, from ${suite.program.source}`]),
      ...preparing.map(({ command, file }) => `after ${command} from ${file}`),
      ...services.map((service) => `with ${titleOf(service)}, from ${service.source}`),
      ...dockerBecause(docker),
      ...surroundings.because,
      ...(environment === null ? [] : [ofJob(environment.runs)]),
    ].join(", "),
    inputs: {
      include: [...pythonFiles(project), ...mountedFiles(services), ...envSources(surroundings)],
      exclude: [],
    },
    run: (given) => run(given, tests),
  }
}

const run = async (given: Given, tests: Tests): Promise<StageResult> =>
  unlessHere(
    withoutBrowser(
      await withPermissions(given, (bound) =>
        withPrograms(given, (packages, again) =>
          runWith(given, tests, { packages, bound, instance: [again, bound].filter(Boolean).join(" ") }),
        ),
      ),
      "the tests of pytest",
    ),
    SCRIPT,
    tests.environment,
  )

/** One run of a suite: the packages of Debian that it gets, whether permissions bind it, and what tells it from others. */
interface Run {
  readonly packages: readonly SystemPackage[]
  readonly bound: Bound
  /** Each has its own services. */
  readonly instance: string
}

async function runWith(given: Given, tests: Tests, { packages, bound, instance }: Run): Promise<SuiteRun> {
  const { suite, surroundings, docker } = tests
  const services = await backing(given, tests.services, instance)
  const lack = lacking(services)
  const home = pythonPlace(given)
  if (lack !== null) return { result: lack, container: home }
  const { container: equipped } = await withSystemPackages(given, home, packages)
  const place = equipped.withWorkdir(joinPath(WORKDIR, suite.folder))
  const placed = await withEnvFiles(given, place, surroundings)
  const served = withForward(given, bind(placed, services), services)
  const ran = await given.command({
    container: withEnvironment(withDocker(given, served, docker, instance), environmentOf(tests)),
    steps: stepsOf(tests, services, bound),
    reports: [...HOOK_REPORTS, PULLS],
  })
  const outcome = judge(ran, { reports: suite.program === null, hasTests: true })
  const absent = notGiven(tests.project, tests.services)
  const around = { ...services, docker, pulls: pullsIn(ran.reports), absent }
  const judged = withoutServices(outcome, SCRIPT, around)
  return { result: await ranResult(given, ran, judged, suite), container: ran.container }
}

/** The variables of the tests: what they expect, and what slipway.yaml sets. */
const environmentOf = ({ project, surroundings }: Tests): Env => ({
  ...surroundings.env,
  ...settingsOf(project.config, "unit").env,
})

function stepsOf(tests: Tests, services: Backing, bound: Bound): readonly CommandStep[] {
  const { project, preparing, docker } = tests
  return [
    ...projectStep(project),
    ...forwardSteps(services),
    ...dockerSteps(docker),
    ...preparing.map((one) => preparingStep(one, environmentOf(tests))),
    {
      name: "tests",
      run: commandOf(inDocker(docker, testCommand(tests)), bound),
      timeout: settingsOf(project.config, "unit").timeout ?? TIMEOUT.integration,
    },
  ]
}

/** What starts the tests. */
function testCommand(tests: Tests): string {
  const { project, python, suite } = tests
  if (suite.program !== null) return programCommand(suite.program)
  return pytestCommand(withSettings(python, environmentOf(tests)), suite.args, asksForCoverage(project))
}
