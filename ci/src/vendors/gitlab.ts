import type { Severity } from "../run/result.js"
import type { Remark, Vendor } from "./vendor.js"
import { wrapper } from "./wrappers/gitlab.js"

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

/**
 * GitLab CI. A merge request's pipeline runs on its commit (detached), on its merge into the target (merged results),
 * or on its merge behind others (merge train). The target's own commit is known for the last two: the clone, which is
 * shallow and of one ref, holds it and not the target branch. For a repository on GitHub, it names its pull requests.
 *
 * @see https://docs.gitlab.com/ci/variables/predefined_variables/
 */
export const gitlab: Vendor = {
  name: "gitlab",
  signs: ["GITLAB_CI"],
  fields: {
    repository: "CI_PROJECT_PATH",
    commit: "CI_COMMIT_SHA",
    head: (env) => env.CI_MERGE_REQUEST_SOURCE_BRANCH_SHA ?? env.CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA,
    branch: (env) =>
      env.CI_MERGE_REQUEST_SOURCE_BRANCH_NAME ??
      env.CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME ??
      env.CI_COMMIT_BRANCH,
    tag: "CI_COMMIT_TAG",
    base: (env) =>
      env.CI_MERGE_REQUEST_TARGET_BRANCH_SHA ??
      env.CI_MERGE_REQUEST_DIFF_BASE_SHA ??
      env.CI_MERGE_REQUEST_TARGET_BRANCH_NAME ??
      env.CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME,
    change: (env) => env.CI_MERGE_REQUEST_IID ?? env.CI_EXTERNAL_PULL_REQUEST_IID,
    event: (env) => env.CI_MERGE_REQUEST_EVENT_TYPE ?? env.CI_PIPELINE_SOURCE,
    actor: "GITLAB_USER_LOGIN",
    url: "CI_PIPELINE_URL",
    run: "CI_PIPELINE_ID",
  },
  starters: ["GITLAB_USER_LOGIN", "GITLAB_USER_EMAIL", "GITLAB_USER_NAME"],
  annotations: { path: "gl-code-quality-report.json", write: codeQuality },
  wrapper,
  shards: true,
}
