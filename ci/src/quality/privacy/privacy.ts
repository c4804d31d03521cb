import { settingsOf } from "../../config/stage-settings.js"
import { plural } from "../../formats/figures.js"
import type { Given, StageKind, StageResult } from "../../run/stage.js"
import { ownFolder } from "../../tools/npm-tool.js"
import { semgrep } from "../../tools/semgrep.js"
import { judged } from "../looked.js"
import { texts } from "../sources.js"

const KIND = "privacy"
const TIMEOUT = 900

/** Personal and health data where it outlives its purpose: Slipway's own rules in `rules/`, run by Semgrep. */
export const privacy: StageKind = {
  kind: KIND,
  applies(project) {
    const { any, ...inputs } = texts(project)
    if (!any) return { applies: false, reason: "there is no file of code or data" }
    const stage = {
      name: KIND,
      kind: KIND,
      needs: [],
      because: "Slipway's rules for personal and health data (Semgrep)",
      inputs: { ...inputs, include: [...inputs.include, ".semgrepignore"] },
      run,
    }
    return { applies: true, stages: [stage] }
  },
}

async function run(given: Given): Promise<StageResult> {
  const { timeout, env } = settingsOf(given.project.config, KIND)
  const scan = await semgrep(given, ownFolder("quality/privacy/rules"), timeout ?? TIMEOUT, env)
  if (!scan.looked) return scan.result
  const { findings } = scan.report
  return judged(scan.ran, {
    passed: findings.length === 0,
    summary:
      findings.length === 0 ? `nothing found in ${scan.proof.what}` : plural(findings.length, "finding"),
    findings,
    looked: [scan.proof],
  })
}
