import { settingsOf } from "../config/stage-settings.js"
import { servicesOfTests } from "../project/declared/choose.js"
import { envSources, surroundingsOf, withEnvFiles } from "../project/declared/environment.js"
import { titleOf } from "../project/declared/found.js"
import { installStage } from "../project/install.js"
import { stageName } from "../project/packages.js"
import type { Django, Project, Python } from "../project/project.js"
import { projectStep, pythonFiles, pythonPlace } from "../project/python-install.js"
import { backing, bind, forwardSteps, lacking, mountedFiles, withForward } from "../project/services.js"
import { quote } from "../run/command.js"
import { lineHitsOf } from "../run/line-hits.js"
import { type Given, type StageKind, type StageResult, WORKDIR, withEnvironment } from "../run/stage.js"
import { HOOK_REPORTS, OWN_COVERAGE, OWN_REPORT, OWN_RUN } from "../tools/hook.js"
import { withoutBrowser } from "./browsers.js"
import { withoutServices } from "./docker.js"
import { judge } from "./judge.js"

const TIMEOUT = 1200

/** What runs the tests, where those of Node.js have a script of package.json. */
const SCRIPT = "pytest"

/** One run has the tests of all kinds: those that need services as well. */
function around(project: Project) {
  const test = { workspace: project.root, kind: "integration", script: SCRIPT } as const
  const services = servicesOfTests(project, test)
  return { services, surroundings: surroundingsOf(project, test, services) }
}

/** Test files by pytest's own patterns, https://docs.pytest.org/en/stable/explanation/goodpractices.html#test-discovery */
const TEST_FILE = /(?:^|\/)(?:test_[^/]*|[^/]*_test|tests)\.py$/

/** The exit code of pytest that collected no test. */
const NO_TESTS = 5

/** Runs a Python project's tests with pytest, which runs those of unittest as well. */
export const pythonTests: StageKind = {
  kind: "unit",
  scope: "python",
  versions: "each",
  applies(project) {
    const { python } = project
    if (python === null) return { applies: false, reason: "no Python project" }
    const tests = project.files.filter((file) => TEST_FILE.test(file))
    if (tests.length === 0) return { applies: false, reason: "no file that pytest takes for tests" }
    const { services, surroundings } = around(project)
    const where = project.path === "" ? "" : ` in ${project.path}`
    const more = tests.length > 1 ? ` and ${tests.length - 1} more` : ""
    return {
      applies: true,
      stages: [
        {
          name: stageName("test:unit", project.root),
          kind: "unit",
          services,
          needs: [installStage(project)],
          lacksLines: settingsOf(project.config, "coverage").enabled
            ? null
            : "slipway.yaml turns coverage off",
          because: [
            `pytest${where}: ${tests[0]}${more}`,
            ...services.map((service) => `with ${titleOf(service)}, from ${service.source}`),
            ...surroundings.because,
          ].join(", "),
          inputs: {
            include: [...pythonFiles(project), ...mountedFiles(services), ...envSources(surroundings)],
            exclude: [],
          },
          run: (given) => run(given, project, python),
        },
      ],
    }
  },
}

async function run(given: Given, project: Project, python: Python): Promise<StageResult> {
  const { timeout, env } = settingsOf(project.config, "unit")
  const { services: wanted, surroundings } = around(project)
  const services = await backing(given, wanted)
  const lack = lacking(services)
  if (lack !== null) return lack
  const placed = withEnvFiles(given, pythonPlace(given), surroundings)
  const ran = await given.command({
    container: withEnvironment(withForward(given, bind(placed, services), services), {
      ...surroundings.env,
      ...env,
    }),
    steps: [
      ...projectStep(project),
      ...forwardSteps(services),
      { name: "tests", run: pytestCommand(python), timeout: timeout ?? TIMEOUT },
    ],
    reports: HOOK_REPORTS,
  })
  const outcome = withoutServices(judge(ran, { reports: true, hasTests: true }), SCRIPT, services)
  const result = withoutBrowser(outcome, "the tests of pytest")
  if (ran.failed?.name === "tests" && ran.failed.exitCode === NO_TESTS)
    return { ...result, verdict: "failed", cause: "failed", summary: "no test ran: pytest collected none" }
  const report = ran.reports[OWN_COVERAGE]
  return {
    ...result,
    onlyTests: true,
    ...lineHitsOf(
      report === undefined ? [] : [report],
      { root: WORKDIR, folder: project.path },
      OWN_COVERAGE,
    ),
  }
}

/** JUnit of the family that names files. Coverage by the project's own plugin, else by coverage.py around pytest. */
export function pytestCommand({ dependencies, django }: Pick<Python, "dependencies" | "django">): string {
  const report = `-o junit_family=xunit1 --junitxml=${OWN_REPORT}${django === null ? "" : ofDjango(django)}`
  const there = django === null || django.folder === "" ? [] : [`cd ${quote(django.folder)}`]
  if (dependencies.includes("pytest-cov"))
    return [...there, OWN_RUN, `python -m pytest ${report} --cov --cov-report=lcov:${OWN_COVERAGE}`].join(
      "\n",
    )
  return [
    ...there,
    OWN_RUN,
    "export COVERAGE_FILE=/slipway/.coverage",
    `python -m coverage run --source=. -m pytest ${report}`,
    "code=$?",
    `python -m coverage lcov --quiet -i -o ${OWN_COVERAGE}`,
    "exit $code",
  ].join("\n")
}

/** Options that tell pytest-django what manage.py tells Django's own runner, whose test files are `test*.py`. */
const ofDjango = ({ settings }: Django): string => ` --ds=${settings} -o python_files='test*.py *_test.py'`
