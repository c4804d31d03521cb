import type { RunContext } from "../run/context.js"

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where one vendor's environment holds a field of the run context: a variable, or what is made of several. */
type Source = string | ((env: Environment) => string | undefined)

interface Vendor {
  readonly name: string
  /** The variable that only this vendor sets. */
  readonly sign: string
  readonly fields: Readonly<Partial<Record<Exclude<keyof RunContext, "vendor" | "attempt">, Source>>>
  readonly attempt?: string
}

/** The part of a ref behind its kind: `main` of `refs/heads/main`, or undefined for a ref of another kind. */
const refOf = (kind: "heads" | "tags", ref: string | undefined): string | undefined =>
  ref?.startsWith(`refs/${kind}/`) ? ref.slice(`refs/${kind}/`.length) : undefined

/** Each vendor's predefined variables, from its own reference of them. */
const VENDORS: readonly Vendor[] = [
  {
    name: "github",
    sign: "GITHUB_ACTIONS",
    fields: {
      commit: "GITHUB_SHA",
      branch: (env) => env.GITHUB_HEAD_REF || refOf("heads", env.GITHUB_REF),
      tag: (env) => refOf("tags", env.GITHUB_REF),
      base: "GITHUB_BASE_REF",
      change: (env) => /^refs\/pull\/(\d+)\//.exec(env.GITHUB_REF ?? "")?.[1],
      actor: "GITHUB_ACTOR",
      url: (env) => `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`,
      run: "GITHUB_RUN_ID",
    },
    attempt: "GITHUB_RUN_ATTEMPT",
  },
  {
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
  },
  {
    name: "azure",
    sign: "TF_BUILD",
    fields: {
      commit: "BUILD_SOURCEVERSION",
      branch: (env) => refOf("heads", env.SYSTEM_PULLREQUEST_SOURCEBRANCH || env.BUILD_SOURCEBRANCH),
      tag: (env) => refOf("tags", env.BUILD_SOURCEBRANCH),
      base: (env) => refOf("heads", env.SYSTEM_PULLREQUEST_TARGETBRANCH),
      change: "SYSTEM_PULLREQUEST_PULLREQUESTID",
      actor: "BUILD_REQUESTEDFOR",
      url: (env) =>
        `${env.SYSTEM_COLLECTIONURI}${env.SYSTEM_TEAMPROJECT}/_build/results?buildId=${env.BUILD_BUILDID}`,
      run: "BUILD_BUILDID",
    },
    attempt: "SYSTEM_JOBATTEMPT",
  },
  {
    name: "circleci",
    sign: "CIRCLECI",
    fields: {
      commit: "CIRCLE_SHA1",
      branch: "CIRCLE_BRANCH",
      tag: "CIRCLE_TAG",
      change: (env) => /\/(\d+)$/.exec(env.CIRCLE_PULL_REQUEST ?? "")?.[1],
      actor: "CIRCLE_USERNAME",
      url: "CIRCLE_BUILD_URL",
      run: "CIRCLE_WORKFLOW_ID",
    },
  },
  {
    name: "buildkite",
    sign: "BUILDKITE",
    fields: {
      commit: "BUILDKITE_COMMIT",
      branch: "BUILDKITE_BRANCH",
      tag: "BUILDKITE_TAG",
      base: "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
      // "false" where it is none.
      change: (env) => /^\d+$/.exec(env.BUILDKITE_PULL_REQUEST ?? "")?.[0],
      actor: "BUILDKITE_BUILD_CREATOR",
      url: "BUILDKITE_BUILD_URL",
      run: "BUILDKITE_BUILD_ID",
    },
  },
  {
    name: "bitbucket",
    sign: "BITBUCKET_BUILD_NUMBER",
    fields: {
      commit: "BITBUCKET_COMMIT",
      branch: "BITBUCKET_BRANCH",
      tag: "BITBUCKET_TAG",
      base: "BITBUCKET_PR_DESTINATION_COMMIT",
      change: "BITBUCKET_PR_ID",
      actor: "BITBUCKET_STEP_TRIGGERER_UUID",
      url: (env) => `${env.BITBUCKET_GIT_HTTP_ORIGIN}/pipelines/results/${env.BITBUCKET_BUILD_NUMBER}`,
      run: "BITBUCKET_BUILD_NUMBER",
    },
  },
  {
    name: "codebuild",
    sign: "CODEBUILD_BUILD_ID",
    fields: {
      commit: "CODEBUILD_RESOLVED_SOURCE_VERSION",
      branch: (env) => refOf("heads", env.CODEBUILD_WEBHOOK_HEAD_REF),
      tag: (env) => refOf("tags", env.CODEBUILD_WEBHOOK_HEAD_REF),
      base: (env) => refOf("heads", env.CODEBUILD_WEBHOOK_BASE_REF),
      change: (env) => /^pr\/(\d+)$/.exec(env.CODEBUILD_WEBHOOK_TRIGGER ?? "")?.[1],
      actor: "CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID",
      url: "CODEBUILD_PUBLIC_BUILD_URL",
      run: "CODEBUILD_BUILD_ID",
    },
  },
  {
    name: "jenkins",
    sign: "JENKINS_URL",
    fields: {
      commit: "GIT_COMMIT",
      branch: (env) => env.CHANGE_BRANCH || env.BRANCH_NAME,
      tag: "TAG_NAME",
      base: "CHANGE_TARGET",
      change: "CHANGE_ID",
      actor: "CHANGE_AUTHOR",
      url: "BUILD_URL",
      run: "BUILD_TAG",
    },
  },
]

/** The run context that a CI vendor's environment tells; null where there is none, as on a laptop. */
export function contextOf(env: Environment): RunContext | null {
  const vendor = VENDORS.find(({ sign }) => env[sign])
  if (!vendor) return null
  const { fields } = vendor
  const read = (source: Source | undefined): string | null => {
    if (source === undefined) return null
    return (typeof source === "function" ? source(env) : env[source]) || null
  }
  return {
    vendor: vendor.name,
    commit: read(fields.commit),
    branch: read(fields.branch),
    tag: read(fields.tag),
    base: read(fields.base),
    change: read(fields.change),
    actor: read(fields.actor),
    url: read(fields.url),
    run: read(fields.run),
    attempt: Number(env[vendor.attempt ?? ""] || 1),
  }
}
