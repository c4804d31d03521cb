import type { RunRecord, StageRecord } from "../plan/result.js"
import { cleanLog } from "./clean.js"
import { thousands } from "./format.js"
import { junitXml } from "./junit.js"
import { summaryMarkdown } from "./markdown.js"
import { logPaths } from "./paths.js"
import { reportHtml } from "./report.js"

function logFile(stage: StageRecord): string {
  const text = cleanLog(stage.log.text).trimEnd()
  const missing = stage.log.lines - text.split("\n").length
  return `${missing > 0 ? `[${thousands(missing)} earlier lines were not kept]\n` : ""}${text}\n`
}

/**
 * Everything that a run leaves behind, as path → content. The same run gives the same bytes.
 *
 * `result.json` is the record as it is; all else is made for reading and has control characters replaced.
 */
export function evidenceFiles(run: RunRecord): Record<string, string> {
  const paths = logPaths(run)
  const logs = run.stages.flatMap((stage) => {
    const path = paths.get(stage.name)
    return path === undefined ? [] : [[path, logFile(stage)] as const]
  })
  return {
    "report.html": reportHtml(run),
    "result.json": `${JSON.stringify(run, null, 2)}\n`,
    "summary.md": summaryMarkdown(run),
    "junit.xml": junitXml(run),
    ...Object.fromEntries(logs),
  }
}
