import { settingsOf } from "../config/stage-settings.js"
import { installStage } from "../project/install.js"
import { stageName } from "../project/packages.js"
import type { Project, Python } from "../project/project.js"
import { projectStep, pythonFiles, pythonPlace } from "../project/python-install.js"
import { backing, bind, servicesOf } from "../project/services.js"
import { lineHitsOf } from "../run/line-hits.js"
import { type Given, type StageKind, type StageResult, WORKDIR, withEnvironment } from "../run/stage.js"
import { HOOK_REPORTS, OWN_COVERAGE, OWN_REPORT, OWN_RUN } from "../tools/hook.js"
import { judge } from "./judge.js"

const TIMEOUT = 1200

/** Test files by pytest's own patterns, https://docs.pytest.org/en/stable/explanation/goodpractices.html#test-discovery */
const TEST_FILE = /(?:^|\/)(?:test_[^/]*|[^/]*_test|tests)\.py$/

/** Packages by which a program talks to PostgreSQL. */
const DATABASE = ["psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "pg8000"]

/** The exit code of pytest that collected no test. */
const NO_TESTS = 5

/** Runs a Python project's tests with pytest, which runs those of unittest as well. */
export const pythonTests: StageKind = {
  kind: "unit",
  scope: "python",
  applies(project) {
    const { python } = project
    if (python === null) return { applies: false, reason: "no Python project" }
    const tests = project.files.filter((file) => TEST_FILE.test(file))
    if (tests.length === 0) return { applies: false, reason: "no file that pytest takes for tests" }
    const where = project.path === "" ? "" : ` in ${project.path}`
    return {
      applies: true,
      stages: [
        {
          name: stageName("test:unit", project.root),
          kind: "unit",
          needs: [installStage(project)],
          lacksLines: settingsOf(project.config, "coverage").enabled
            ? null
            : "slipway.yaml turns coverage off",
          because: `pytest${where}: ${tests[0]}${tests.length > 1 ? ` and ${tests.length - 1} more` : ""}`,
          inputs: { include: pythonFiles(project), exclude: [] },
          run: (given) => run(given, project, python),
        },
      ],
    }
  },
}

async function run(given: Given, project: Project, python: Python): Promise<StageResult> {
  const { timeout, env } = settingsOf(project.config, "unit")
  const needsDatabase = python.dependencies.some((name) => DATABASE.includes(name))
  const services = backing(given, {
    database: needsDatabase,
    services: Object.fromEntries(Object.entries(servicesOf(project)).filter(([, { unit }]) => unit)),
  })
  const ran = await given.command({
    container: withEnvironment(bind(pythonPlace(given), services), env),
    steps: [...projectStep(project), { name: "tests", run: command(python), timeout: timeout ?? TIMEOUT }],
    reports: HOOK_REPORTS,
  })
  const result = judge(ran, { reports: true, hasTests: true })
  if (ran.failed?.name === "tests" && ran.failed.exitCode === NO_TESTS)
    return { ...result, verdict: "failed", cause: "failed", summary: "no test ran: pytest collected none" }
  const report = ran.reports[OWN_COVERAGE]
  return {
    ...result,
    ...lineHitsOf(
      report === undefined ? [] : [report],
      { root: WORKDIR, folder: project.path },
      OWN_COVERAGE,
    ),
  }
}

/** JUnit of the family that names files. Coverage by the project's own plugin, else by coverage.py around pytest. */
function command({ dependencies }: Python): string {
  const report = `-o junit_family=xunit1 --junitxml=${OWN_REPORT}`
  if (dependencies.includes("pytest-cov"))
    return `${OWN_RUN}; python -m pytest ${report} --cov --cov-report=lcov:${OWN_COVERAGE}`
  return [
    OWN_RUN,
    "export COVERAGE_FILE=/slipway/.coverage",
    `python -m coverage run --source=. -m pytest ${report}`,
    "code=$?",
    `python -m coverage lcov --quiet -i -o ${OWN_COVERAGE}`,
    "exit $code",
  ].join("\n")
}
