import { cleanLog } from "../formats/clean.js"
import type { Ran, StageResult } from "../run/stage.js"
import { toolRuns } from "../tools/hook.js"

/** What lint-staged, Biome, ruff and black say where no file is theirs to check. */
const NO_FILES =
  /^.*\b(?:No staged files (?:found|match)|Checked 0 files|No Python files (?:found|are present)).*$/m

/**
 * Skips a check of no file, which the exit code tells nobody: `lint-staged` outside of a commit, or a pattern that
 * matches nothing where the tool is told to let that pass.
 *
 * @param programs how many there were: another one may have looked.
 */
export function withoutFiles(result: StageResult, ran: Ran, programs: number): StageResult {
  const lists = toolRuns(ran.reports).flatMap(({ files }) => files["eslint.json"] ?? [])
  const line =
    lists.length > 0 && lists.every((text) => text.trim() === "[]")
      ? "ESLint finds none"
      : NO_FILES.exec(cleanLog(ran.log.text))?.[0].trim()
  if (result.verdict !== "passed" || result.findings.length > 0 || programs > 1 || line === undefined)
    return result
  return { ...result, verdict: "skipped", cause: null, summary: `no file to check: ${line}` }
}
