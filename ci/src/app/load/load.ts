import { settingsOf } from "../../config/stage-settings.js"
import { escapeGlob, globMatcher } from "../../formats/glob.js"
import type { Project } from "../../project/project.js"
import { quote } from "../../run/command.js"
import { Fault } from "../../run/fault.js"
import { type Image, NODE } from "../../run/images.js"
import { measured } from "../../run/measures.js"
import { fromCommand } from "../../run/outcome.js"
import type { Measure } from "../../run/result.js"
import {
  type Given,
  type Ran,
  type StageKind,
  type StageResult,
  WORKDIR,
  withEnvironment,
} from "../../run/stage.js"
import type { App } from "../describe.js"
import { logFiles, lookAt, ORIGIN, TOOLS } from "../running.js"
import { appStages } from "../stage.js"
import { isProfile, PROFILES, type Profile, type Ramp, ramps, seconds } from "./profiles.js"
import { readSummary } from "./summary.js"

/** Puts an app under load. */
export const K6: Image = { name: "grafana/k6", tag: "1.8.1" }
/** Where the published image has it; one program, that runs on any image. */
const PROGRAM = "/usr/bin/k6"
/** Asks for the paths of slipway.yaml. */
const BUILT_IN = `${TOOLS}/load.js`

/** Seconds beyond those of a profile: users that are still busy, and k6 itself. */
const SLACK = 60
/** What k6 says where a threshold of the script was crossed. */
const CROSSED = /thresholds on metrics '([^']*)' have been crossed/g

/** The name of the stage that runs a profile. */
const loadStage = (profile: Profile): string => `test:load:${profile}`

/**
 * The stages of the profile that a caller names.
 *
 * @throws {Fault} `configuration` for another word.
 */
export function loadStages(profile: string): readonly string[] {
  if (isProfile(profile)) return [loadStage(profile)]
  throw new Fault("configuration", {
    what: `there is no profile ${profile}`,
    where: null,
    fix: `name one of ${PROFILES.join(", ")}`,
  })
}

/** Puts the running app under load. */
export const load: StageKind = {
  kind: "load",
  applies(project) {
    const scripts = scriptsOf(project)
    const { paths } = project.config.load
    const what =
      scripts.length > 0 ? scripts.join(", ") : [...paths, ...(paths.length > 0 ? [] : ["/"])].join(", ")
    return appStages(project, () =>
      PROFILES.map((profile) => ({
        name: loadStage(profile),
        kind: "load",
        because: `k6 on ${what}`,
        // By itself, a check runs the short one, of a project that says what to ask for.
        onlyWhenNamed: profile !== "smoke" || (scripts.length === 0 && paths.length === 0),
        inputs: { include: ["slipway.yaml", ...scripts.map(escapeGlob)], exclude: [] },
        run: (given, app) => run(given, app, profile, scripts),
      })),
    )
  },
}

function scriptsOf({ files, config }: Project): readonly string[] {
  return files.filter(globMatcher(config.load.scripts))
}

async function run(
  given: Given,
  app: App,
  profile: Profile,
  scripts: readonly string[],
): Promise<StageResult> {
  const { load } = given.project.config
  const settings = settingsOf(given.project.config, "load")
  const stretches = ramps(profile, load.vus)
  const programs = scripts.length > 0 ? scripts.map((file) => `${WORKDIR}/${file}`) : [BUILT_IN]
  const container = given
    .image(NODE)
    .withFile(PROGRAM, given.image(K6).file(PROGRAM))
    .withDirectory(WORKDIR, given.source)
    .withWorkdir(WORKDIR)
  const looked = await lookAt(given, app, {
    container: withEnvironment(container, {
      BASE_URL: ORIGIN,
      PROFILE: profile,
      PATHS: JSON.stringify(load.paths.length > 0 ? load.paths : ["/"]),
      K6_NO_USAGE_REPORT: "true",
      ...settings.env,
    }),
    steps: programs.map((program, i) => ({
      name: scripts[i] ?? "k6",
      run: command(program, stretches, summaryFile(i)),
      timeout: settings.timeout ?? seconds(stretches) + SLACK,
    })),
    reports: programs.map((_, i) => summaryFile(i)),
  })
  if (!looked.up) return looked.result
  const outcome = judge(given, looked.ran, profile, scripts)
  return outcome.verdict === "passed"
    ? outcome
    : { ...outcome, files: logFiles(`load/${profile}`, looked.logs) }
}

const summaryFile = (i: number) => `/slipway/k6-${i}.json`

/** The profile's stages outrank those of the script: how long it takes, and how hard, is bounded here. */
const command = (program: string, stretches: readonly Ramp[], summary: string) =>
  [
    "k6 run --quiet --no-color",
    ...stretches.map(({ seconds, users }) => `--stage ${seconds}s:${users}`),
    `--summary-export=${summary} ${quote(program)}`,
  ].join(" ")

/** The outcome of k6: what it measured, held to its limits. It looked only if it asked for something. */
function judge(
  given: Pick<Given, "project" | "base">,
  ran: Ran,
  profile: Profile,
  scripts: readonly string[],
): StageResult {
  const loads = Object.values(ran.reports).map((json, i) => {
    const load = readSummary(json, given.project.config.load)
    const name = (plain: string) => (scripts.length > 1 ? `${plain} of ${scripts[i]}` : plain)
    const measures = load.measures.map((one) =>
      measured(given, loadStage(profile), { ...one, name: name(one.name) }),
    )
    return { ...load, measures }
  })
  const measures = loads.flatMap((load) => load.measures)
  const crossed = [...ran.log.text.matchAll(CROSSED)].map(
    ([, metrics]) => `the script's threshold on ${metrics}`,
  )
  const over = [...loads.flatMap((load) => load.over), ...crossed]
  const requests = loads.reduce((sum, load) => sum + load.requests, 0)
  const outcome: StageResult = {
    ...fromCommand(ran, { passed: `${requests} requests, ${shown(measures)}`, findings: [], tests: [] }),
    measures,
  }
  if (over.length > 0) return { ...outcome, verdict: "failed", cause: "budget", summary: over.join("; ") }
  if (outcome.verdict === "passed" && requests === 0)
    return { ...outcome, verdict: "failed", cause: "failed", summary: "the script sent no request" }
  return outcome
}

const shown = (measures: readonly Measure[]) =>
  measures
    .filter(({ limit }) => limit !== null)
    .map(({ name, value, unit }) => `${name} ${value} ${unit}`)
    .join(", ")
