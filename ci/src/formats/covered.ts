import { count } from "../run/outcome.js"
import type { Looked } from "../run/result.js"
import type { StageResult } from "../run/stage.js"
import { mergeHits, type Origin, readCoverage } from "./coverage-reader.js"

/** By which the stage that merges coverage knows what others say of theirs. */
export const COVERAGE_TOOL = "coverage"

/**
 * What a stage hands on of the coverage reports that its tests left.
 *
 * @param reports their texts.
 * @param wanted the path where one had to be.
 */
export function covered(
  reports: readonly string[],
  origin: Origin,
  wanted: string,
): Pick<StageResult, "lineHits" | "looked"> {
  if (reports.length === 0) return { looked: [looked("errored", `no coverage was written to ${wanted}`)] }
  try {
    const lineHits = mergeHits(reports.map((text) => readCoverage(text, origin)))
    return { lineHits, looked: [looked("passed", `lines of ${count(lineHits.size, "file")}`)] }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { looked: [looked("errored", `the coverage in ${wanted} cannot be read: ${why}`)] }
  }
}

const looked = (verdict: Looked["verdict"], what: string): Looked => ({
  tool: COVERAGE_TOOL,
  version: null,
  verdict,
  what,
  database: null,
})

/** Why a stage that should have given coverage gave none, or null. */
export const blind = ({ looked = [] }: StageResult): string | null =>
  looked.find(({ tool, verdict }) => tool === COVERAGE_TOOL && verdict === "errored")?.what ?? null
