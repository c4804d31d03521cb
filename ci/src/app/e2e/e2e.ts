import { settingsOf } from "../../config/stage-settings.js"
import { plural } from "../../formats/figures.js"
import { END_TO_END } from "../../project/end-to-end.js"
import { hasManifest, ownerOf, workspaceFiles } from "../../project/packages.js"
import { joinPath } from "../../project/paths.js"
import { withManagers, workplace, workplaceNeeds } from "../../project/workplace.js"
import type { CommandStep } from "../../run/command.js"
import { coverageIn, leftCoverage, lineHitsOf } from "../../run/line-hits.js"
import { fromCommand } from "../../run/outcome.js"
import {
  type Given,
  type Ran,
  type StageKind,
  type StageResult,
  WORKDIR,
  withEnvironment,
} from "../../run/stage.js"
import type { App } from "../describe.js"
import { BROWSERS, FORWARD, LOCAL_ORIGIN, type Look, logFiles, lookAt, OWN_NODE, TOOLS } from "../running.js"
import { appStages } from "../stage.js"
import { browsersText, type Projects } from "./projects.js"
import { type E2eReport, readReport } from "./report.js"
import { PLAYWRIGHT, type Suite, suitesOf } from "./suites.js"

const FOUND = "/slipway/found"
const REPORT = "/slipway/e2e.json"
const OUTPUT = "/slipway/e2e"
/** Where the stock image has its browsers. */
const BROWSERS_PATH = "/ms-playwright"

/** Seconds, where slipway.yaml does not say. */
const TIMEOUT = 1200
const LIST_TIMEOUT = 120
/** Files of failed tests that the evidence keeps. */
const KEPT = 200

/** Runs the project's own end-to-end tests against the running app. */
export const e2e: StageKind = {
  kind: "e2e",
  applies(project) {
    if (![project, ...project.parts].some(hasManifest))
      return { applies: false, reason: "there is no package.json" }
    const suites = suitesOf(project)
    if (suites.length === 0)
      return {
        applies: false,
        reason: `no package.json has a script ${END_TO_END.join(" or ")} to run against the app here, or ${PLAYWRIGHT}`,
      }
    return appStages(project, () =>
      suites.map((suite) => ({
        name: suites.length === 1 ? "test:e2e" : `test:e2e:${suite.workspace.name}`,
        kind: "e2e",
        because: suite.because,
        needs: workplaceNeeds(project, suite.workspace),
        inputs: { include: workspaceFiles(ownerOf(project, suite.workspace), suite.workspace), exclude: [] },
        run: (given, app) => runSuite(given, app, suite),
      })),
    )
  },
}

async function runSuite(given: Given, app: App, suite: Suite): Promise<StageResult> {
  const looked = await lookAt(given, app, await lookOf(given, suite))
  if (!looked.up) return looked.result
  const left = coverageIn(looked.ran.reports)
  return {
    ...judge(looked.ran, suite, logFiles("e2e", looked.logs)),
    ...(left.length === 0
      ? {}
      : lineHitsOf(left, { root: WORKDIR, folder: suite.workspace.path }, "coverage/")),
  }
}

async function lookOf(given: Given, suite: Suite): Promise<Look> {
  const { workspace } = suite
  const { timeout, env } = settingsOf(given.project.config, "e2e")
  const project = workplace(given, workspace).directory(WORKDIR)
  return {
    container: withEnvironment(
      withManagers(given, workspace, given.image(BROWSERS, await tagFor(suite, project)))
        .withMountedDirectory(WORKDIR, project)
        .withWorkdir(`${WORKDIR}/${workspace.path}`),
      {
        CI: "true",
        BASE_URL: LOCAL_ORIGIN,
        PLAYWRIGHT_BROWSERS_PATH: BROWSERS_PATH,
        PLAYWRIGHT_JSON_OUTPUT_NAME: REPORT,
        SLIPWAY_PROJECTS: FOUND,
        ...env,
      },
    ),
    steps: stepsOf(suite, timeout ?? TIMEOUT),
    reports: [REPORT, `${FOUND}/projects.json`, ...leftCoverage(workspace.path)],
  }
}

/** Returns the steps of a suite. Those of Playwright run in the browsers that the image has, of those that its projects name. */
function stepsOf({ command, playwright }: Suite, timeout: number): readonly CommandStep[] {
  if (!playwright) return [{ name: "tests", run: FORWARD + command(""), timeout }]
  const listing = command(`--list --reporter=${TOOLS}/projects.ts`)
  const chosen = `"$@" --reporter=list,json --output=${OUTPUT} --trace=retain-on-failure`
  return [
    {
      name: "browsers",
      run: `mkdir -p ${FOUND} ${BROWSERS_PATH} && ${OWN_NODE} ${TOOLS}/browsers.ts && ${listing} && ! grep -q '"run":\\[\\]' ${FOUND}/projects.json`,
      timeout: LIST_TIMEOUT,
    },
    { name: "tests", run: `${FORWARD}eval "set -- $(cat ${FOUND}/args)"; ${command(chosen)}`, timeout },
  ]
}

/** Returns the tag of the image whose browsers are of the installed Playwright's version. */
async function tagFor({ workspace, playwright }: Suite, project: Folder): Promise<string | undefined> {
  const places = [workspace.path, ""].map((path) => joinPath(path, `node_modules/${PLAYWRIGHT}/package.json`))
  const version = playwright ? await versionAt(project, places) : null
  return version === null ? undefined : `v${version}-noble`
}

type Folder = ReturnType<ReturnType<Given["from"]>["directory"]>

/** The version that is installed: the image's browsers must be of the same. */
async function versionAt(folder: Folder, places: readonly string[]): Promise<string | null> {
  for (const place of places) {
    if (!(await folder.exists(place))) continue
    const { version }: { version: string } = JSON.parse(await folder.file(place).contents())
    return version
  }
  return null
}

/** The outcome of the tests, by exit code and report, with what the failed ones left behind. */
function judge(ran: Ran, suite: Suite, logs: NonNullable<StageResult["files"]>): StageResult {
  const projects: Projects | null = JSON.parse(ran.reports[`${FOUND}/projects.json`] ?? "null")
  if (projects && projects.run.length === 0)
    return {
      ...fromCommand(ran, { passed: "", findings: [], tests: [] }),
      verdict: "errored",
      cause: "errored",
      summary: `no browser of the configuration's projects is here: ${projects.left.map(({ browser }) => browser).join(", ")}`,
    }
  const json = ran.reports[REPORT]
  const report: E2eReport =
    json === undefined ? { tests: [], errors: [], left: [] } : readReport(json, WORKDIR)
  const { tests, errors, left } = report
  const outcome = fromCommand(ran, { ...summaries(report, suite, projects), findings: [], tests })
  const onlyTests = suite.playwright && errors.length === 0
  if (outcome.verdict !== "passed")
    return { ...outcome, onlyTests, files: { ...logs, ...evidence(ran, left) } }
  if (!suite.playwright || tests.some(({ verdict }) => verdict === "passed"))
    return { ...outcome, files: evidence(ran, left) }
  if (json !== undefined) return { ...outcome, verdict: "failed", cause: "failed", summary: "no test ran" }
  const summary = "the tests passed, but Playwright wrote no report"
  return { ...outcome, verdict: "errored", cause: "errored", summary }
}

/** Returns the summary of a green suite, and that of a red one; null where its log alone tells why. */
function summaries({ tests, errors }: E2eReport, { playwright }: Suite, projects: Projects | null) {
  const count = (wanted: string) => tests.filter(({ verdict }) => verdict === wanted).length
  const [failed, skipped] = [count("failed"), count("skipped")]
  const browsers = projects ? ` in ${browsersText(projects)}` : ""
  const ran = plural(tests.length - skipped, "test") + (skipped > 0 ? `, ${skipped} skipped` : "")
  return {
    passed: playwright ? ran + browsers : "exit code 0",
    failed:
      failed > 0
        ? `${failed} of ${plural(tests.length, "test")} failed${browsers}`
        : (errors[0]?.split("\n")[0] ?? null),
  }
}

const evidence = (ran: Ran, left: readonly string[]): NonNullable<StageResult["files"]> =>
  Object.fromEntries(
    left
      .filter((file) => file.startsWith(`${OUTPUT}/`))
      .slice(0, KEPT)
      .map((file) => [file.slice(OUTPUT.length - "e2e".length), ran.container.file(file)]),
  )
