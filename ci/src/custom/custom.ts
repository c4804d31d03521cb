import { dag } from "@dagger.io/dagger"
import type { Config } from "../config/config.js"
import { plural } from "../formats/figures.js"
import { globMatcher } from "../formats/glob.js"
import { readJunit } from "../formats/junit.js"
import { named } from "../project/declared/named.js"
import type { Project } from "../project/project.js"
import { backing, bind, lacking } from "../project/services.js"
import { parseImage } from "../run/images.js"
import { lineHitsOf } from "../run/line-hits.js"
import { contradicted, fromCommand } from "../run/outcome.js"
import {
  type Given,
  type Ran,
  type Stage,
  type StageKind,
  type StageResult,
  WORKDIR,
  withEnvironment,
  withVariables,
} from "../run/stage.js"

/** A stage that slipway.yaml describes. */
type CustomStage = Config["custom"][string]

/** Seconds, where slipway.yaml does not say. */
const TIMEOUT = 900

/** Stages that a project describes in slipway.yaml, for any language. */
export const custom: StageKind = {
  kind: "custom",
  applies(project: Project) {
    const stages = Object.entries(project.config.custom)
    if (stages.length === 0) return { applies: false, reason: "no custom stages in slipway.yaml" }
    return { applies: true, stages: stages.map(([name, stage]) => stageFor(name, stage)) }
  },
}

function stageFor(name: string, stage: CustomStage): Stage {
  return {
    name,
    kind: name,
    needs: stage.needs,
    ...(stage.coverage === null ? {} : { lacksLines: null }),
    because: `slipway.yaml, on ${stage.image}`,
    inputs: { include: stage.inputs, exclude: [] },
    run: (given) => runCustom(given, stage),
  }
}

async function runCustom(given: Given, stage: CustomStage): Promise<StageResult> {
  let container = withVariables(given.image(parseImage(stage.image)), given.variables)
    .withDirectory(WORKDIR, given.source)
    .withWorkdir(`${WORKDIR}/${stage.workdir}`)
  for (const [key, path] of Object.entries(stage.caches))
    container = container.withMountedCache(path, dag.cacheVolume(`slipway-custom-${key}`))
  const services = await backing(given, named(stage.services))
  const lack = lacking(services)
  if (lack !== null) return lack
  container = bind(container, { services: services.services, env: {} })
  const ran = await given.command({
    container: withEnvironment(container, { CI: "true", ...stage.env }),
    steps: stage.commands.map((run, i) => ({
      name: `command ${i + 1}`,
      run,
      timeout: stage.timeout ?? TIMEOUT,
    })),
    reports: [stage.coverage, stage.junit].flatMap((path) => (path === null ? [] : [`${WORKDIR}/${path}`])),
  })
  const [coverage, junit] = split(ran.reports, stage.coverage)
  const result = judge({ ...ran, reports: junit }, stage.junit)
  if (stage.coverage === null) return result
  const origin = { root: WORKDIR, folder: stage.workdir }
  return { ...result, ...lineHitsOf(Object.values(coverage), origin, stage.coverage) }
}

type Reports = Ran["reports"]

/** Separates the reports that match a pattern from the others. */
function split(reports: Reports, pattern: string | null): readonly [matching: Reports, others: Reports] {
  const fits = globMatcher(pattern === null ? [] : [pattern])
  const having = (wanted: boolean) =>
    Object.fromEntries(
      Object.entries(reports).filter(([path]) => fits(path.replace(`${WORKDIR}/`, "")) === wanted),
    )
  return [having(true), having(false)]
}

/** Judges the commands by exit code and reports. */
export function judge(ran: Ran, junit: string | null): StageResult {
  try {
    const tests = Object.values(ran.reports).flatMap(readJunit)
    const failed = tests.filter((test) => test.verdict === "failed").length
    const outcome = fromCommand(ran, {
      passed: junit === null ? "exit code 0" : plural(tests.length, "test"),
      failed: failed > 0 ? `${failed} of ${plural(tests.length, "test")} failed` : null,
      findings: [],
      tests,
    })
    if (outcome.verdict === "passed" && failed > 0) return contradicted(outcome, failed)
    if (outcome.verdict !== "passed" || junit === null || tests.some((test) => test.verdict === "passed"))
      return outcome
    return {
      ...outcome,
      verdict: "failed",
      cause: "failed",
      summary: `no test ran: no test cases in ${junit}`,
    }
  } catch (error) {
    const outcome = fromCommand(ran, { passed: "", findings: [], tests: [] })
    if (outcome.verdict !== "passed") return outcome
    const reason = error instanceof Error ? error.message : String(error)
    return {
      ...outcome,
      verdict: "errored",
      cause: "errored",
      summary: `cannot read a report of ${junit}: ${reason}`,
    }
  }
}
