import type { FileCoverage, RunRecord } from "../run/result.js"

/** Coverage of all files together, as a share of lines; null where there is none. */
export function covered(files: readonly FileCoverage[]): number | null {
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  return lines === 0 ? null : files.reduce((sum, file) => sum + file.covered, 0) / lines
}

/** The run's coverage by file, of the stages that have one. */
export const coverageOf = (run: RunRecord): readonly FileCoverage[] =>
  run.stages.flatMap((stage) => stage.coverage ?? [])
