import { type Environment, refOf, type Vendor } from "./vendor.js"
import { wrapper } from "./wrappers/jenkins.js"

/** The branch of a freestyle job: `origin/main`, `refs/remotes/origin/main`, `refs/heads/main`, or `detached`. */
const freestyle = (branch: string | undefined): string | undefined =>
  branch === "detached"
    ? undefined
    : (refOf("heads", branch) ?? branch?.replace(/^(?:refs\/)?(?:remotes\/)?origin\//, ""))

/**
 * Jenkins. A multibranch job has BRANCH_NAME, which is `PR-3` for a change and the tag's name for a tag; a freestyle or
 * plain pipeline job has what the Git plugin says. Widespread plugins build changes with names of their own.
 *
 * @see https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables
 * @see https://plugins.jenkins.io/ghprb/
 * @see https://plugins.jenkins.io/gitlab-plugin/
 * @see https://plugins.jenkins.io/gerrit-trigger/
 * @see https://plugins.jenkins.io/bitbucket-push-and-pull-request/
 */
export const jenkins: Vendor = {
  name: "jenkins",
  // JENKINS_URL is missing where the administrator has not set it.
  signs: ["JENKINS_URL", "HUDSON_URL", "JENKINS_HOME"],
  fields: {
    commit: "GIT_COMMIT",
    head: (env) => env.ghprbActualCommit ?? env.gitlabMergeRequestLastCommit ?? env.GERRIT_PATCHSET_REVISION,
    branch: (env) =>
      env.CHANGE_BRANCH ??
      env.ghprbSourceBranch ??
      env.gitlabSourceBranch ??
      env.BITBUCKET_SOURCE_BRANCH ??
      jobBranch(env),
    tag: "TAG_NAME",
    base: (env) =>
      env.CHANGE_TARGET ??
      env.ghprbTargetBranch ??
      env.gitlabTargetBranch ??
      env.BITBUCKET_TARGET_BRANCH ??
      (env.GERRIT_CHANGE_NUMBER && env.GERRIT_BRANCH),
    change: (env) =>
      env.CHANGE_ID ??
      env.ghprbPullId ??
      env.gitlabMergeRequestIid ??
      env.BITBUCKET_PULL_REQUEST_ID ??
      env.GERRIT_CHANGE_NUMBER,
    actor: (env) => env.BUILD_USER_ID ?? env.CHANGE_AUTHOR ?? env.gitlabUserName,
    url: "BUILD_URL",
    run: "BUILD_TAG",
  },
  wrapper,
  shards: true,
  starters: ["BUILD_USER_ID", "BUILD_USER_EMAIL", "BUILD_USER", "gitlabUserName", "gitlabUserEmail"],
}

function jobBranch(env: Environment): string | undefined {
  if (env.TAG_NAME || env.CHANGE_ID || env.GERRIT_CHANGE_NUMBER) return undefined
  return env.BRANCH_NAME ?? env.GIT_LOCAL_BRANCH ?? freestyle(env.GIT_BRANCH)
}
