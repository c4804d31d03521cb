import { mergeHits, type Origin, readCoverage } from "../formats/coverage-reader.js"
import { plural } from "../formats/figures.js"
import type { Looked } from "./result.js"
import { type StageResult, WORKDIR } from "./stage.js"

/** Names the coverage reports of a stage among the tools that looked. */
const COVERAGE_TOOL = "coverage"

/** Where tools that collect coverage leave it, in the folder of a package, the fullest first. */
const LEFT = [
  ".nyc_output/*.json",
  "coverage/lcov.info",
  "coverage/cobertura-coverage.xml",
  "coverage/coverage-final.json",
]

/** Patterns of the coverage reports that a package's tests may leave. */
export const leftCoverage = (folder: string): readonly string[] =>
  LEFT.map((file) => [WORKDIR, folder, file].filter(Boolean).join("/"))

/**
 * Returns the coverage that a package's tests left, among the reports of a command: the fullest report, or those of all
 * processes where each writes its own, as under nyc. Empty without any.
 */
export function coverageIn(reports: Readonly<Record<string, string>>): readonly string[] {
  const left = Object.entries(reports).filter(([path]) => path.startsWith(`${WORKDIR}/`))
  const ofProcesses = left.filter(([path]) => path.includes("/.nyc_output/"))
  return (ofProcesses.length > 0 ? ofProcesses : left.slice(0, 1)).map(([, text]) => text)
}

/**
 * Reads the coverage reports that a stage's tests left, as the part of its result that the coverage stage uses.
 *
 * @param reports their texts.
 * @param expected the path where a report was expected.
 */
export function lineHitsOf(
  reports: readonly string[],
  origin: Origin,
  expected: string,
): Pick<StageResult, "lineHits" | "looked"> {
  if (reports.length === 0) return { looked: [looked("errored", `no coverage was written to ${expected}`)] }
  try {
    const lineHits = mergeHits(reports.map((text) => readCoverage(text, origin)))
    return { lineHits, looked: [looked("passed", `lines of ${plural(lineHits.size, "file")}`)] }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { looked: [looked("errored", `cannot read the coverage in ${expected}: ${why}`)] }
  }
}

const looked = (verdict: Looked["verdict"], what: string): Looked => ({
  tool: COVERAGE_TOOL,
  version: null,
  verdict,
  what,
  database: null,
})

/** Returns why a stage left no readable coverage; null where it left some, or none was expected. */
export const whyNoLineHits = ({ looked = [] }: StageResult): string | null =>
  looked.find(({ tool, verdict }) => tool === COVERAGE_TOOL && verdict === "errored")?.what ?? null
