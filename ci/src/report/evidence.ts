import { auditLog } from "../audit/audit.js"
import { sha256 } from "../formats/canonical.js"
import { cleanLog } from "../formats/clean.js"
import { thousands } from "../formats/figures.js"
import { sarif } from "../formats/sarif.js"
import type { RunRecord, StageRecord } from "../run/result.js"
import { annotations } from "../vendors/vendors.js"
import { logPaths } from "./evidence-paths.js"
import { byRank } from "./findings.js"
import { junitXml } from "./junit.js"
import { summaryMarkdown } from "./markdown.js"
import { remarks } from "./remarks.js"
import { reportHtml } from "./report.js"

function logFile(stage: StageRecord): string {
  const text = cleanLog(stage.log.text).trimEnd()
  const missing = stage.log.lines - text.split("\n").length
  const note = missing > 0 ? `[${thousands(missing)} earlier lines omitted]\n` : ""
  return `${note}${text}\n`
}

/**
 * The most findings that code scanning shows of an upload.
 *
 * @see https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
const MOST_FINDINGS = 5000

/** Writes the findings of all stages as one run of SARIF: vendors accept a few runs, and one of each category. */
function findingsSarif({ stages, slipway }: RunRecord): string {
  const found = stages.flatMap((stage) => stage.findings.map((finding) => ({ stage, finding })))
  const findings = byRank(found).slice(0, MOST_FINDINGS)
  const looked = stages.flatMap((stage) => stage.looked ?? [])
  return sarif({
    category: "check",
    findings: findings.map(({ finding }) => finding),
    looked,
    version: slipway,
  })
}

/**
 * Returns the evidence of a run, as path → content. The same run gives the same bytes.
 *
 * `result.json` is the unchanged record plus the head of the audit log. In all other files, control characters are
 * replaced.
 *
 * @param left digests of the files that stages left, by path; null if unknown.
 */
export function evidenceFiles(
  run: RunRecord,
  left: Readonly<Record<string, string | null>> = {},
): Record<string, string> {
  const paths = logPaths(run)
  const logs = run.stages.flatMap((stage) => {
    const path = paths.get(stage.name)
    return path === undefined ? [] : [[path, logFile(stage)] as const]
  })
  const shown = annotations(run.context.vendor, remarks(run))
  const plain = {
    "junit.xml": junitXml(run),
    "findings.sarif": findingsSarif(run),
    ...shown,
    ...Object.fromEntries(logs),
  }
  // The other files hold the head of the log, so the log cannot hold their digests: it has the record's instead.
  const digests = Object.entries(plain).map(([path, text]) => [path, `sha256:${sha256(text)}`] as const)
  const log = auditLog(run, { ...left, ...Object.fromEntries(digests) })
  const sealed: RunRecord = { ...run, audit: log.end }
  return {
    "report.html": reportHtml(sealed, [...Object.keys(shown), ...Object.keys(left)]),
    "result.json": `${JSON.stringify(sealed, null, 2)}\n`,
    "summary.md": summaryMarkdown(sealed),
    "audit.jsonl": log.text,
    ...plain,
  }
}
