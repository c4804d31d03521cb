import { settingsOf } from "../config/stage-settings.js"
import { mergeHits } from "../formats/coverage-reader.js"
import type { Project, Workspace } from "../project/project.js"
import { backing, bind, type ServiceSettings, servicesOf } from "../project/services.js"
import { scriptCommand, scriptCommandWith, workplace } from "../project/workplace.js"
import type { CommandStep } from "../run/command.js"
import { lineHitsOf } from "../run/line-hits.js"
import { type Given, type Ran, type StageResult, WORKDIR, withEnvironment } from "../run/stage.js"
import { judge, MIGRATE } from "./judge.js"
import {
  BIN,
  COVERAGE_REPORT,
  fileWords,
  join,
  NODE_SHIM,
  NODE_TEST,
  REPORT,
  type Runner,
  type Words,
} from "./runners.js"
import { failedFiles, settle, worthAnotherTry } from "./tries.js"

export type SuiteKind = "unit" | "integration"

/** The tests of one package and kind. */
export interface Suite {
  /** The name of its stage. */
  readonly name: string
  readonly kind: SuiteKind
  readonly workspace: Workspace
  /** The name of the package.json script, and what it says. */
  readonly script: string
  readonly words: string
  /** The script that brings the database to the app's schema. */
  readonly migrate: string | null
  readonly runner: Runner | null
  /** How it gives line coverage, or why it does not. */
  readonly coverage: { readonly words: Words } | { readonly reason: string }
}

/** Seconds, where slipway.yaml does not say. */
const TIMEOUT: Readonly<Record<SuiteKind, number>> = { unit: 900, integration: 1200 }
const MIGRATE_TIMEOUT = 300

/** Returns the services of a kind of suite: integration tests get all, unit tests those with `unit: true`. */
export const servicesFor = (project: Project, kind: SuiteKind): Readonly<Record<string, ServiceSettings>> =>
  Object.fromEntries(
    Object.entries(servicesOf(project)).filter(([, { unit }]) => unit || kind === "integration"),
  )

/** Runs a suite or a shard of it, and retries failed tests as often as slipway.yaml says. */
export async function runPart(given: Given, suite: Suite, part: string, words: Words): Promise<StageResult> {
  let result = await runOnce(given, suite, part, words)
  const { retries } = given.project.config.tests
  for (let number = 1; number <= retries && worthAnotherTry(result); number++) {
    const files = suite.runner?.takesFiles ? failedFiles(result) : null
    const only = files === null ? words : fileWords(files, WORKDIR)
    const again = await runOnce(given, suite, [part, `again ${number}`].filter(Boolean).join(" "), only)
    const hits = [result.lineHits, again.lineHits].flatMap((one) => one ?? [])
    result = { ...settle(result, again), ...(hits.length > 0 ? { lineHits: mergeHits(hits) } : {}) }
  }
  return result
}

/** The project with its dependencies, in the folder of a suite's package. */
export const atHome = (given: Given, { workspace }: Suite) => workplace(given, workspace)

/** @param instance distinguishes runs of one suite: each has its own database and services. */
async function runOnce(given: Given, suite: Suite, instance: string, more: Words): Promise<StageResult> {
  const { runner, coverage, kind, workspace } = suite
  const collected = "words" in coverage ? [coverage.words, ...ungated(suite)] : []
  const words = join([...(runner ? [runner.report] : []), ...collected, more])
  const services = backing(given, {
    database: kind === "integration",
    services: servicesFor(given.project, kind),
    instance,
  })
  const container = withEnvironment(bind(atHome(given, suite), services), {
    NODE_ENV: "test",
    ...words.env,
    ...settingsOf(given.project.config, kind).env,
    ...(instance === "" ? {} : { SLIPWAY_INSTANCE: instance }),
  })
  const ran = await given.command({
    container: shimmed(words)
      ? container.withNewFile(`${BIN}/node`, NODE_SHIM, { permissions: 0o755 })
      : container,
    steps: stepsOf(given, suite, instance.includes("again") ? "tests again" : "tests", words),
    reports: [REPORT, ...coveragePaths(suite)],
  })
  return { ...judge(ran, runner !== null, workspace.path), ...lines(ran, suite) }
}

const shimmed = ({ env }: Words): boolean => NODE_TEST in env

function stepsOf(
  given: Given,
  { kind, migrate, script, workspace }: Suite,
  name: string,
  words: Words,
): readonly CommandStep[] {
  const { project } = given
  return [
    ...(migrate ? [{ name: MIGRATE, run: scriptCommand(project, migrate), timeout: MIGRATE_TIMEOUT }] : []),
    {
      name,
      run: shimmed(words)
        ? scriptCommandWith(BIN, project, workspace, script, words.args)
        : scriptCommand(project, script, words.args),
      timeout: settingsOf(project.config, kind).timeout ?? TIMEOUT[kind],
    },
  ]
}

/** A script that requests coverage itself keeps its runner's gates. */
const ungated = ({ runner, words }: Suite): readonly Words[] =>
  runner && !/--coverage\b/.test(words) ? [{ args: runner.ungated, env: {} }] : []

/** Where c8 and nyc write coverage, for runners without their own. */
const LEFT = ["lcov.info", "cobertura-coverage.xml", "coverage-final.json"]

const coveragePaths = ({ coverage, workspace }: Suite): readonly string[] =>
  "words" in coverage
    ? [COVERAGE_REPORT]
    : LEFT.map((file) => [WORKDIR, workspace.path, "coverage", file].filter(Boolean).join("/"))

/** Returns the lines that a run's tests ran. A runner without support may have written them all the same. */
function lines({ reports }: Ran, suite: Suite): Pick<StageResult, "lineHits" | "looked"> {
  const found = coveragePaths(suite).flatMap((path) => reports[path] ?? [])
  if (found.length === 0 && "reason" in suite.coverage) return {}
  return lineHitsOf(found.slice(0, 1), { root: WORKDIR, folder: suite.workspace.path }, COVERAGE_REPORT)
}
