import type { Config } from "../config/config.js"
import { mergeHits } from "../formats/coverage-reader.js"
import { coberturaXml, lcovText } from "../formats/coverage-writer.js"
import { whyNoLineHits } from "../run/line-hits.js"
import { NO_WORK } from "../run/outcome.js"
import type { Verdict } from "../run/result.js"
import type { Given, Stage, StageKind, StageResult } from "../run/stage.js"
import { COVERAGE, type Covered, judgeCoverage } from "./coverage-gates.js"

/** Other tests that may have line hits: waits for them if they run. */
const OTHERS = ["e2e"]

/** A stage whose tests may have coverage, and why it has none. */
export interface Source {
  readonly stage: string
  readonly kind: string
  readonly reason: string | null
}

/** Merges the coverage of all tests, and checks it against its gates. */
export const coverage: StageKind = {
  kind: COVERAGE,
  applies(project, others = []) {
    const sources = sourcesOf(others)
    if (sources.length === 0) return { applies: false, reason: "no tests" }
    const able = sources.filter(({ reason }) => reason === null)
    return {
      applies: true,
      stages: [
        {
          name: COVERAGE,
          kind: COVERAGE,
          // Coverage of some tests would be wrong. A runner without support may have written a report all the same.
          needs: sources.map(({ stage }) => stage),
          after: OTHERS,
          because: able.length === 0 ? "there are tests" : gatesText(project.config.coverage),
          inputs: { include: ["slipway.yaml"], exclude: [] },
          run: async (given) => runCoverage(given, sources),
        },
      ],
    }
  },
}

const gatesText = ({ lines, ...more }: Config["coverage"]): string =>
  [
    `at least ${lines} % of lines`,
    ...Object.entries(more).flatMap(([name, gate]) => (gate === null ? [] : [`${name} ${gate}`])),
  ].join(", ")

/** The stages among others whose tests may have coverage. */
export const sourcesOf = (stages: readonly Stage[]): readonly Source[] =>
  stages.flatMap(({ name, kind, lacksLines }) =>
    lacksLines === undefined ? [] : [{ stage: name, kind, reason: lacksLines }],
  )

/** Judges the coverage of all tests, or tells why there is none. */
export function runCoverage(
  given: Pick<Given, "project" | "base" | "results">,
  sources: readonly Source[],
): StageResult {
  const others = OTHERS.flatMap((kind) =>
    [...given.results(kind)].map(([stage, result]) => ({ stage, kind, reason: null, result })),
  )
  const failed = others.filter(({ result }) => result.verdict === "failed" || result.verdict === "errored")
  if (failed.length > 0)
    return without(
      "skipped",
      `${failed.map(({ stage }) => stage).join(", ")} did not pass: the coverage would be incomplete`,
    )
  const own = sources.flatMap((source) => {
    const result = given.results(source.stage).get(source.stage)
    return result === undefined ? [] : [{ ...source, result }]
  })
  const all = [...own, ...others]
  const unseen = all.flatMap(({ stage, reason, result }) => {
    const why = reason === null ? whyNoLineHits(result) : null
    return why === null ? [] : [`${stage}: ${why}`]
  })
  if (unseen.length > 0) return without("errored", unseen.join("; "))
  const covered: readonly Covered[] = all.flatMap(({ kind, result }) =>
    result.lineHits && result.lineHits.size > 0 ? [{ kind, hits: result.lineHits }] : [],
  )
  if (covered.length === 0) return without("skipped", whyNone(sources))
  const hits = mergeHits(covered.map((one) => one.hits))
  return {
    ...NO_WORK,
    ...judgeCoverage(covered, given.project.config.coverage, given.base),
    files: { "coverage/lcov.info": lcovText(hits), "coverage/cobertura.xml": coberturaXml(hits) },
  }
}

const without = (verdict: Verdict, summary: string): StageResult => ({
  ...NO_WORK,
  verdict,
  cause: verdict === "errored" ? "errored" : null,
  summary,
})

function whyNone(sources: readonly Source[]): string {
  const reasons = sources.flatMap(({ stage, reason }) => (reason === null ? [] : [`${stage}: ${reason}`]))
  return reasons.length > 0
    ? `no coverage: ${reasons.join("; ")}`
    : "no coverage: the tests ran no file of the project besides their own"
}
