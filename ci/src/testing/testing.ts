import { readJunit } from "../evidence/junit-reader.js"
import { INSTALL } from "../install/install.js"
import { type CommandStep, quote } from "../plan/command.js"
import { contradicted, count, fromCommand } from "../plan/outcome.js"
import { type ScriptStage, scriptFor, scriptStages } from "../plan/packages.js"
import type { Project, Workspace } from "../plan/project.js"
import type { TestCase } from "../plan/result.js"
import { backing, bind, type Needs, servicesOf } from "../plan/services.js"
import {
  type Given,
  type Ran,
  type Stage,
  type StageKind,
  type StageResult,
  WORKDIR,
  withEnvironment,
} from "../plan/stage.js"
import { REPORT, runnerOf } from "./runners.js"

type Kind = "unit" | "integration"

const SCRIPTS: Readonly<Record<Kind, readonly string[]>> = {
  unit: ["test:unit", "unit", "test"],
  integration: ["test:integration", "integration", "test:int"],
}

const PURPOSES: Readonly<Record<Kind, string>> = {
  unit: "runs the unit tests",
  integration: "runs the integration tests against PostgreSQL, migrated by the app's own migrations",
}

/** Scripts that bring a database to the app's schema. */
const MIGRATE = ["db:migrate", "migrate", "migrate:up", "migration:run", "migrations:run", "db:migrate:up"]

/** Seconds, where slipway.yaml does not say. */
const TIMEOUT: Readonly<Record<Kind, number>> = { unit: 900, integration: 1200 }
const MIGRATE_TIMEOUT = 300

export const testing: readonly StageKind[] = [kindOf("unit"), kindOf("integration")]

function kindOf(kind: Kind): StageKind {
  return {
    kind,
    purpose: PURPOSES[kind],
    applies: (project) =>
      scriptStages(project, `test:${kind}`, project.config.stages[kind].script, SCRIPTS[kind], (one) =>
        stageFor(kind, one),
      ),
  }
}

function stageFor(kind: Kind, { name, workspace, script, because, include }: ScriptStage): Stage {
  const migrate = kind === "integration" ? scriptFor(workspace, null, MIGRATE) : null
  return {
    name,
    kind,
    needs: [INSTALL],
    because: `${because}${migrate ? `, after ${migrate}` : ""}`,
    inputs: { include, exclude: [] },
    run: (given) => runTests(given, kind, workspace, script, migrate),
  }
}

async function runTests(
  given: Given,
  kind: Kind,
  workspace: Workspace,
  script: string,
  migrate: string | null,
): Promise<StageResult> {
  const { timeout, env } = given.project.config.stages[kind]
  const runner = runnerOf(workspace.scripts[script] ?? "", [
    ...workspace.dependencies,
    ...given.project.root.dependencies,
  ])
  const base = given
    .from(INSTALL)
    .withDirectory(WORKDIR, given.source)
    .withWorkdir(`${WORKDIR}/${workspace.path}`)
  const container = bind(base, backing(given, needsOf(given.project, kind)))
  const steps: CommandStep[] = [
    ...(migrate
      ? [{ name: "migrate", run: `npm run --silent ${quote(migrate)}`, timeout: MIGRATE_TIMEOUT }]
      : []),
    {
      name: "tests",
      run: `npm run --silent ${quote(script)}${runner?.args ? ` -- ${runner.args}` : ""}`,
      timeout: timeout ?? TIMEOUT[kind],
    },
  ]
  const settings = {
    NODE_ENV: "test",
    ...runner?.env,
    ...env,
  }
  const ran = await given.command({
    container: withEnvironment(container, settings),
    steps,
    reports: [REPORT],
  })
  return judge(ran, runner !== null, workspace)
}

/** What a suite needs around it: integration tests all that the project has, unit tests what slipway.yaml says. */
const needsOf = (project: Project, kind: Kind): Needs => ({
  database: kind === "integration",
  services: Object.fromEntries(
    Object.entries(servicesOf(project)).filter(([, { unit }]) => unit || kind === "integration"),
  ),
})

/** The outcome of a test command: by its exit code and its report, which must agree that something was tested. */
export function judge(ran: Ran, reports: boolean, workspace: Workspace): StageResult {
  const read = readReport(ran.reports[REPORT])
  const tests = read.tests.map((test) => ({
    ...test,
    file: test.file === null ? null : inProject(test.file, workspace.path),
  }))
  const failed = tests.filter((test) => test.verdict === "failed").length
  const outcome = fromCommand(ran, {
    passed: summary(tests),
    failed: failed > 0 ? `${failed} of ${count(tests.length, "test")} failed` : null,
    findings: [],
    tests,
  })
  if (ran.failed?.name === "migrate")
    return {
      ...outcome,
      verdict: "failed",
      cause: ran.failed.timedOut ? "timed-out" : "migration",
      summary: `a migration failed: ${firstError(ran.log.text)}`,
    }
  if (outcome.verdict !== "passed" || !reports) return outcome
  if (read.problem)
    return {
      ...outcome,
      verdict: "errored",
      cause: "errored",
      summary: `the tests passed, but their report cannot be read: ${read.problem}`,
    }
  if (failed > 0) return contradicted(outcome, failed)
  const looked = tests.some((test) => test.verdict === "passed")
  return looked ? outcome : { ...outcome, verdict: "failed", cause: "failed", summary: "no test ran" }
}

/** Some runners name files as they lie in the container, others from the folder that they run in. */
function inProject(file: string, folder: string): string {
  if (file.startsWith(`${WORKDIR}/`)) return file.slice(WORKDIR.length + 1)
  return folder === "" ? file : `${folder}/${file}`
}

function readReport(xml: string | undefined): {
  readonly tests: readonly TestCase[]
  readonly problem: string | null
} {
  if (xml === undefined) return { tests: [], problem: "the runner wrote none" }
  try {
    return { tests: readJunit(xml), problem: null }
  } catch (error) {
    return { tests: [], problem: error instanceof Error ? error.message : String(error) }
  }
}

function summary(tests: readonly TestCase[]): string {
  if (tests.length === 0) return "exit code 0 (the runner is not known, so its tests are not counted)"
  const skipped = tests.filter((test) => test.verdict === "skipped").length
  return `${count(tests.length - skipped, "test")}${skipped > 0 ? `, ${skipped} skipped` : ""}`
}

/** What a line of a log looks like that names a cause, the clearest first. */
const CAUSES = [/\berror: \S|ERROR: {1,2}\S/, /\S.*error|error.*\S/i]

/** The line of a log that best names its cause. */
function firstError(log: string): string {
  const lines = log
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
  for (const pattern of CAUSES) {
    const line = lines.find((each) => pattern.test(each))
    if (line) return line
  }
  return lines.at(-1) ?? "no output"
}
