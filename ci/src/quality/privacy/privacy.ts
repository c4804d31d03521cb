import { settingsOf } from "../../config/stage-settings.js"
import { plural } from "../../formats/figures.js"
import { skipped } from "../../run/outcome.js"
import type { Given, Ran, StageKind, StageResult } from "../../run/stage.js"
import { ownFolder } from "../../tools/npm-tool.js"
import {
  readSemgrep,
  SEMGREP_REPORT,
  SEMGREP_SARIF,
  SEMGREP_SETTINGS,
  semgrepCommand,
  semgrepLooked,
} from "../../tools/semgrep.js"
import { judged, lookedAt, noReport, notLooked } from "../looked.js"
import { ENDINGS, texts } from "../sources.js"

const KIND = "privacy"
const TIMEOUT = 900

/** Looks for personal and health data where it outlives its purpose, with Slipway's own rules in `rules/`. */
export const privacy: StageKind = {
  kind: KIND,
  applies(project) {
    const { any, include, exclude } = texts(project)
    if (!any) return { applies: false, reason: "no file of code or data" }
    const stage = {
      name: KIND,
      kind: KIND,
      needs: [],
      because: "Slipway's rules for personal and health data (Semgrep)",
      inputs: { include: [...include, ...SEMGREP_SETTINGS], exclude },
      run,
    }
    return { applies: true, stages: [stage] }
  },
}

/** Files that are nobody's source. Semgrep's own list has tests, where personal data is first of all. */
const LEAVE_OUT = [
  "node_modules/",
  "dist/",
  "build/",
  "vendor/",
  "*.min.js",
  "package-lock.json",
  "yarn.lock",
]

async function run(given: Given): Promise<StageResult> {
  const { timeout, env } = settingsOf(given.project.config, KIND)
  const rules = ownFolder("quality/privacy/rules")
  const options = { rules, timeout: timeout ?? TIMEOUT, env, leaveOut: LEAVE_OUT }
  return judge(await given.command(semgrepCommand(given, options)), given.project.files)
}

/**
 * Returns the outcome by Semgrep's report, which names the files that it read.
 *
 * @param files those of the project.
 */
export function judge(ran: Ran, files: readonly string[] = []): StageResult {
  const report = readSemgrep(ran.reports[SEMGREP_REPORT], ran.reports[SEMGREP_SARIF])
  if (report === null) return noReport(ran, "semgrep")
  const { version, read, findings, accepted, broken, unread } = report
  if (broken[0] !== undefined) return notLooked(ran, `semgrep could not use a rule: ${broken[0]}`)
  if (ran.failed) return noReport(ran, "semgrep", `exited with code ${ran.failed.exitCode}`)
  if (read.length === 0 && unread.length === 0 && files.length > 0 && !files.some(isScript))
    return skipped("no file that the rules look at: they read JavaScript, TypeScript and test data")
  if (read.length === 0) return notLooked(ran, `semgrep read no file: ${unread[0]?.reason ?? NO_FILE}`)
  const what = semgrepLooked(report, files)
  const result = findings.length === 0 ? `nothing found in ${what}` : plural(findings.length, "finding")
  const waived = accepted.length > 0 ? `, ${accepted.length} accepted` : ""
  return judged(ran, {
    passed: findings.length === 0,
    summary: `${result}${waived}`,
    findings: [...findings, ...accepted],
    looked: [lookedAt("semgrep", version, what)],
    unread,
  })
}

const isScript = (file: string): boolean => ENDINGS.scripts.some((ending) => file.endsWith(`.${ending}`))

const NO_FILE = "check .semgrepignore, and `ignore` in slipway.yaml"
