import { settingsOf } from "../config/stage-settings.js"
import { installStage } from "../project/install.js"
import { stageName } from "../project/packages.js"
import type { Project, Python } from "../project/project.js"
import { projectStep, pythonFiles, pythonPlace } from "../project/python-install.js"
import { backing, bind, servicesOf } from "../project/services.js"
import { lineHitsOf } from "../run/line-hits.js"
import { type Given, type StageKind, type StageResult, WORKDIR, withEnvironment } from "../run/stage.js"
import { judge } from "./judge.js"
import { COVERAGE_REPORT, REPORT } from "./runners.js"

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
    reports: [REPORT, COVERAGE_REPORT],
  })
  const result = judge(ran, true, project.path)
  if (ran.failed?.name === "tests" && ran.failed.exitCode === NO_TESTS)
    return { ...result, verdict: "failed", cause: "failed", summary: "no test ran: pytest collected none" }
  const report = ran.reports[COVERAGE_REPORT]
  return {
    ...result,
    ...lineHitsOf(
      report === undefined ? [] : [report],
      { root: WORKDIR, folder: project.path },
      COVERAGE_REPORT,
    ),
  }
}

/** JUnit of the family that names files. Coverage by the project's own plugin, else by coverage.py around pytest. */
function command({ dependencies }: Python): string {
  const report = `-o junit_family=xunit1 --junitxml=${REPORT}`
  if (dependencies.includes("pytest-cov"))
    return `python -m pytest ${report} --cov --cov-report=lcov:${COVERAGE_REPORT}`
  return [
    "export COVERAGE_FILE=/slipway/.coverage",
    `python -m coverage run --source=. -m pytest ${report}`,
    "code=$?",
    `mkdir -p ${COVERAGE_REPORT.replace(/\/[^/]*$/, "")}`,
    `python -m coverage lcov --quiet -i -o ${COVERAGE_REPORT}`,
    "exit $code",
  ].join("\n")
}
