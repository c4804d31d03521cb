import type { FileCoverage, RunRecord } from "../run/result.js"

/** Returns the share of lines covered in all files together; null without lines. */
export function covered(files: readonly FileCoverage[]): number | null {
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  return lines === 0 ? null : files.reduce((sum, file) => sum + file.covered, 0) / lines
}

/** Returns the run's coverage by file. */
export const coverageOf = (run: RunRecord): readonly FileCoverage[] =>
  run.stages.flatMap((stage) => stage.coverage ?? [])
