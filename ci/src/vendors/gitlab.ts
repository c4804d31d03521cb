import type { Severity } from "../run/result.js"
import type { Remark, Vendor } from "./vendor.js"

/** Severities of Code Climate, which GitLab's reports use: https://docs.gitlab.com/ci/testing/code_quality/ */
const SEVERITIES: Readonly<Record<Severity, string>> = {
  info: "info",
  low: "minor",
  medium: "major",
  high: "critical",
  critical: "blocker",
}

/** Writes a Code Quality report: GitLab needs a place for each issue, and each fingerprint once. */
function codeQuality(remarks: readonly Remark[]): string {
  const once = new Map(remarks.map((remark) => [remark.fingerprint, remark]))
  const issues = [...once.values()].map(({ title, message, rule, fingerprint, severity, file, line }) => ({
    description: file === null ? `${title}: ${message}` : message,
    check_name: rule,
    fingerprint,
    severity: SEVERITIES[severity],
    location: { path: file ?? "slipway.yaml", lines: { begin: line ?? 1 } },
  }))
  return `${JSON.stringify(issues, null, 2)}\n`
}

/** GitLab CI. */
export const gitlab: Vendor = {
  name: "gitlab",
  sign: "GITLAB_CI",
  fields: {
    commit: "CI_COMMIT_SHA",
    branch: (env) => env.CI_MERGE_REQUEST_SOURCE_BRANCH_NAME || env.CI_COMMIT_BRANCH,
    tag: "CI_COMMIT_TAG",
    base: (env) => env.CI_MERGE_REQUEST_DIFF_BASE_SHA || env.CI_MERGE_REQUEST_TARGET_BRANCH_NAME,
    change: "CI_MERGE_REQUEST_IID",
    actor: "GITLAB_USER_LOGIN",
    url: "CI_PIPELINE_URL",
    run: "CI_PIPELINE_ID",
  },
  annotations: { path: "gl-code-quality-report.json", write: codeQuality },
}
