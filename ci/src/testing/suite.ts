import { settingsOf } from "../config/stage-settings.js"
import { mergeHits } from "../formats/coverage-reader.js"
import { type Surroundings, withEnvFiles } from "../project/declared/environment.js"
import type { Environment } from "../project/declared/environments.js"
import type { Wanted } from "../project/declared/found.js"
import { PULLS, pullsIn } from "../project/docker-daemon.js"
import { generating, UNMADE, withoutGenerated } from "../project/generated.js"
import type { Workspace } from "../project/project.js"
import { type Backing, backing, bind, forwardSteps, lacking, withForward } from "../project/services.js"
import { withSystemPackages } from "../project/system-install.js"
import type { SystemPackage } from "../project/system-packages.js"
import { scriptCommand, workplace } from "../project/workplace.js"
import type { CommandStep } from "../run/command.js"
import { coverageIn, leftCoverage, lineHitsOf } from "../run/line-hits.js"
import { type Given, type Ran, type StageResult, WORKDIR, withEnvironment } from "../run/stage.js"
import { HOOK_REPORTS, type HookSettings, hooked, NO_CHANGES, toolRuns, withHook } from "../tools/hook.js"
import { withoutBrowser } from "./browsers.js"
import { TESTS_AGAIN } from "./config.js"
import { type DockerOf, dockerSteps, inDocker, withDocker } from "./docker.js"
import { unlessHere } from "./environments.js"
import { judge, MIGRATE, withUncounted } from "./judge.js"
import { notGiven, withoutServices } from "./lacking.js"
import { focused } from "./only.js"
import { type Bound, commandOf, withPermissions } from "./permissions.js"
import { type SuiteRun, withPrograms } from "./programs.js"
import type { Runner } from "./runners.js"
import { withoutSibling } from "./siblings.js"
import { failedFiles, settle, worthAnotherTry } from "./tries.js"

/** Unit tests need no service; integration tests run with the services that the project declares. */
export type SuiteKind = "unit" | "integration"

/** The tests of one package and kind. */
export interface Suite {
  /** The name of its stage. */
  readonly name: string
  /** The environment of the team's CI that it runs in; null for the usual one. */
  readonly environment: Environment | null
  readonly kind: SuiteKind
  readonly workspace: Workspace
  /** The name of the package.json script. */
  readonly script: string
  /** The commands that write the code that its tests need. */
  readonly generators: readonly string[]
  /** What brings the services to the state that the tests expect, such as migrations, in its order. */
  readonly prepare: readonly Preparing[]
  /** What it has of Docker. */
  readonly docker: DockerOf
  /** The services that it gets, or may get. */
  readonly services: readonly Wanted[]
  /** The variables and env files that it expects. */
  readonly surroundings: Surroundings
  /** The runners that the script starts; empty where none is known. */
  readonly runners: readonly Runner[]
  /** Whether nothing is to run after its tests, and no failed test ends them. */
  readonly endsWithTests: boolean
  /** The programs of a script that runs no test, as `eslint`; null where it may run some. */
  readonly withoutTests: string | null
  /** Whether its package has files that look like tests. */
  readonly hasTests: boolean
  /** Why it gives no line coverage; null where it does. */
  readonly noCoverage: string | null
  /** Why it does not run at all; null where it does. */
  readonly refused: Refusal | null
}

/** A script, or a command of the team's CI, that runs before tests. */
export interface Preparing {
  /** For `plan`: `db:migrate`, `prisma migrate deploy`. */
  readonly text: string
  /** The command line, in the folder of the suite's package. */
  readonly run: string
}

/** A script that is not run: it never ends (`failed`), or is no test (`skipped`). */
export interface Refusal {
  readonly verdict: "failed" | "skipped"
  readonly reason: string
}

/** Seconds, where slipway.yaml does not say. */
export const TIMEOUT: Readonly<Record<SuiteKind, number>> = { unit: 900, integration: 1200 }
/** Seconds that the project's migrations may take before its tests run. */
export const MIGRATE_TIMEOUT = 300
const GENERATE_TIMEOUT = 300

/** Runs a suite or a shard of it, and retries failed tests as often as slipway.yaml says. */
export async function runPart(
  given: Given,
  suite: Suite,
  part: string,
  settings: HookSettings,
): Promise<StageResult> {
  let result = await runOnce(given, suite, part, settings)
  const { retries } = given.project.config.tests
  for (let number = 1; number <= retries && worthAnotherTry(result); number++) {
    const files = failedFiles(result)
    const only = files === null ? {} : { files: inContainer(files) }
    // Coverage slows tests down. The last try runs without it, so that no test times out because of it.
    const again = await runOnce(given, suite, [part, `again ${number}`].filter(Boolean).join(" "), {
      ...settings,
      ...only,
      coverage: settings.coverage && number < retries,
    })
    const hits = [result.lineHits, again.lineHits].flatMap((one) => one ?? [])
    result = { ...settle(result, again), ...(hits.length > 0 ? { lineHits: mergeHits(hits) } : {}) }
  }
  return result
}

/** Paths of the project, as the hook wants them. */
export const inContainer = (files: readonly string[]): readonly string[] =>
  files.map((file) => `${WORKDIR}/${file}`)

/** The project with its dependencies, in the folder of a suite's package. */
export const atHome = (given: Given, { workspace }: Suite) => workplace(given, workspace)

/** What the hook does for a suite that runs as a whole. */
export const wholeSuite = ({ noCoverage }: Suite): HookSettings => ({
  ...NO_CHANGES,
  coverage: noCoverage !== COVERAGE_OFF,
})

/** Why a suite has no coverage. */
export const COVERAGE_OFF = "slipway.yaml turns coverage off"

/** @param instance distinguishes runs of one suite: each has its own database and services. */
async function runOnce(
  given: Given,
  suite: Suite,
  instance: string,
  settings: HookSettings,
): Promise<StageResult> {
  const result = await withPermissions(given, (bound) =>
    withPrograms(given, (packages, again) =>
      runWith(given, suite, {
        instance: [instance, again, bound].filter(Boolean).join(" "),
        settings,
        packages,
        bound,
      }),
    ),
  )
  const tests = `the tests of the script ${suite.script}`
  const counted = suite.hasTests ? withUncounted(result, tests) : result
  const found = withoutBrowser(counted, tests)
  return unlessHere(found, `the script ${suite.script}`, suite.environment)
}

/** One run of a suite: its name, what the hook does in it, and the packages of Debian that it gets. */
interface Run {
  readonly instance: string
  readonly settings: HookSettings
  readonly packages: readonly SystemPackage[]
  /** Whether the permissions of files bind it. */
  readonly bound: Bound
}

async function runWith(given: Given, suite: Suite, run: Run): Promise<SuiteRun> {
  const { instance, settings, packages } = run
  const { kind, workspace } = suite
  const services = await backing(given, suite.services, instance)
  const lack = lacking(services)
  const place = atHome(given, suite)
  if (lack !== null) return { result: lack, container: place }
  const { container: equipped } = await withSystemPackages(given, place, packages)
  const placed = await withEnvFiles(given, equipped, suite.surroundings)
  const home = withForward(given, bind(placed, services), services)
  const container = withEnvironment(withDocker(given, home, suite.docker, instance), {
    NODE_ENV: "test",
    ...suite.surroundings.env,
    ...settingsOf(given.project.config, kind).env,
    ...(instance === "" ? {} : { SLIPWAY_INSTANCE: instance }),
  })
  const ran = await given.command({
    container: withHook(container, settings),
    steps: stepsOf(given, suite, run, services),
    reports: [...HOOK_REPORTS, PULLS, UNMADE, ...leftCoverage(workspace.path)],
  })
  const judged = judgedSuite(given, ran, suite, services)
  const only = focused(ran.reports)
  const result = {
    ...judged,
    ...(only.length > 0 ? { unchecked: [...(judged.unchecked ?? []), ...only] } : {}),
    onlyTests: suite.endsWithTests,
    ...(settings.coverage ? lines(ran, suite) : {}),
  }
  return { result, container: ran.container }
}

/** Judges a suite that ran; one that lacks a service here is errored. */
function judgedSuite({ project }: Given, ran: Ran, suite: Suite, services: Backing): StageResult {
  const { runners, hasTests, withoutTests, script, docker, workspace } = suite
  const outcome = withoutGenerated(judge(ran, { reports: runners.length > 0, hasTests, withoutTests }), ran)
  const absent = notGiven(project, suite.services)
  const around = { ...services, docker, pulls: pullsIn(ran.reports), absent }
  return withoutSibling(withoutServices(outcome, script, around), project, workspace)
}

const stepsOf = (
  given: Given,
  { kind, workspace, generators, prepare, script, docker }: Suite,
  { instance, bound }: Run,
  services: Backing,
): readonly CommandStep[] => [
  ...generating(given.project, workspace, generators, GENERATE_TIMEOUT),
  ...forwardSteps(services),
  ...dockerSteps(docker),
  ...(prepare.length > 0
    ? [
        {
          name: MIGRATE,
          run: prepare.map(({ run }) => run).join(" && "),
          timeout: MIGRATE_TIMEOUT,
        },
      ]
    : []),
  {
    name: instance.includes("again") ? TESTS_AGAIN : "tests",
    run: commandOf(inDocker(docker, hooked(scriptCommand(given.project, workspace, script))), bound),
    timeout: settingsOf(given.project.config, kind).timeout ?? TIMEOUT[kind],
  },
]

/** What an empty lcov.info says: jest leaves one where its tests load none of the project's files. */
const NO_LINES = "TN:\n"

/** Returns the lines that a run's tests ran: as the hook had them written, else as the script left them. */
function lines({ reports }: Ran, { workspace, noCoverage }: Suite): Pick<StageResult, "lineHits" | "looked"> {
  const written = toolRuns(reports).flatMap(({ folder, files }) => {
    const text = files["coverage/lcov.info"]
    return text === undefined ? [] : [lineHitsOf([text || NO_LINES], { root: WORKDIR, folder }, "lcov.info")]
  })
  const full = written.filter(({ lineHits }) => lineHits && lineHits.size > 0)
  if (full.length > 0)
    return { ...full[0], lineHits: mergeHits(full.flatMap(({ lineHits }) => lineHits ?? [])) }
  const left = coverageIn(reports)
  const origin = { root: WORKDIR, folder: workspace.path }
  if (left.length > 0) return lineHitsOf(left, origin, "coverage/")
  if (written[0] !== undefined) return written[0]
  return noCoverage === null ? lineHitsOf([], origin, "/slipway/runs") : {}
}
