import { describe, expect, test } from "vitest"
import { NO_CONTEXT, parseContext } from "../../../ci/src/run/context.js"
import type { Environment } from "../../../ci/src/vendors/vendor.js"
import { type Checkout, contextOf } from "../../../ci/src/vendors/vendors.js"

/** The merge that is checked out, the author's commit, the base's, and one of elsewhere. */
const [MERGE, AUTHORS] = ["0f3c".repeat(10), "a11a".repeat(10)]
const [BASE, OTHER] = ["ba5e".repeat(10), "cafe".repeat(10)]

const checkout = (event: object = {}, commit = MERGE): Checkout => ({
  commit,
  branch: "checked-out",
  read: (path) => (path === "/event.json" ? JSON.stringify(event) : undefined),
})

const read = (env: Environment, event?: object, commit?: string) => contextOf(env, checkout(event, commit))

const GITHUB = {
  GITHUB_ACTIONS: "true",
  GITHUB_EVENT_PATH: "/event.json",
  GITHUB_SHA: MERGE,
  GITHUB_BASE_REF: "",
  GITHUB_HEAD_REF: "",
  GITHUB_ACTOR: "ada",
  GITHUB_TRIGGERING_ACTOR: "grace",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "a/b",
  GITHUB_RUN_ID: "12",
  GITHUB_RUN_ATTEMPT: "2",
}
const pull = { number: 7, head: { ref: "feature/x", sha: AUTHORS }, base: { ref: "main", sha: BASE } }
const followed = { head_branch: "feature/x", head_sha: AUTHORS, event: "pull_request", pull_requests: [pull] }

const AZURE = {
  TF_BUILD: "True",
  BUILD_REASON: "PullRequest",
  BUILD_REPOSITORY_NAME: "a/b",
  BUILD_SOURCEVERSION: MERGE,
  SYSTEM_PULLREQUEST_SOURCECOMMITID: AUTHORS,
  BUILD_REQUESTEDFOR: "Ann Example",
  SYSTEM_COLLECTIONURI: "https://dev.azure.com/example/",
  SYSTEM_TEAMPROJECT: "C# Team",
  BUILD_BUILDID: "4711",
  SYSTEM_JOBATTEMPT: "1",
}

const GITLAB = {
  GITLAB_CI: "true",
  CI_COMMIT_SHA: MERGE,
  CI_PROJECT_PATH: "group/sub/app",
  CI_PIPELINE_URL: "https://gitlab.example.org/group/sub/app/-/pipelines/9",
  CI_PIPELINE_ID: "9",
  CI_MERGE_REQUEST_IID: "4",
  CI_MERGE_REQUEST_ID: "88001",
  CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: "feature/x",
  CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main",
}

const JENKINS = {
  JENKINS_URL: "https://j.example.org/",
  GIT_COMMIT: OTHER,
  BUILD_URL: "https://j.example.org/job/a/3/",
  BUILD_TAG: "jenkins-a-3",
}
const CHANGE = { CHANGE_ID: "3", CHANGE_TARGET: "main", BRANCH_NAME: "PR-3", CHANGE_AUTHOR: "ada" }

const BUILDKITE = {
  BUILDKITE: "true",
  BUILDKITE_COMMIT: "HEAD",
  BUILDKITE_BRANCH: "feature/x",
  BUILDKITE_TAG: "",
  BUILDKITE_PULL_REQUEST: "false",
  BUILDKITE_PULL_REQUEST_BASE_BRANCH: "",
  BUILDKITE_RETRY_COUNT: "0",
}

const CODEBUILD = {
  CODEBUILD_BUILD_ID: "app:1f-2",
  CODEBUILD_BUILD_ARN: "arn:aws:codebuild:eu-central-1:123456789012:build/app:1f-2",
  CODEBUILD_INITIATOR: "GitHub-Hookshot/3d1f",
  CODEBUILD_RESOLVED_SOURCE_VERSION: MERGE,
}

type Row = [what: string, env: Environment, expected: object, event?: object, commit?: string]

const ROWS: readonly Row[] = [
  [
    "GitHub's pull request",
    {
      ...GITHUB,
      GITHUB_EVENT_NAME: "pull_request",
      GITHUB_REF: "refs/pull/7/merge",
      GITHUB_HEAD_REF: "feature/x",
      GITHUB_BASE_REF: "main",
    },
    {
      vendor: "github",
      repository: "a/b",
      commit: MERGE,
      head: AUTHORS,
      branch: "feature/x",
      tag: null,
      base: "main",
      change: "7",
      event: "pull_request",
      actor: "grace",
      attempt: 2,
      also: [],
      url: "https://github.com/a/b/actions/runs/12",
    },
    { pull_request: pull },
  ],
  [
    "GitHub's pull_request_target, whose ref is the base's",
    {
      ...GITHUB,
      GITHUB_REF: "refs/heads/main",
      GITHUB_SHA: BASE,
      GITHUB_HEAD_REF: "feature/x",
      GITHUB_BASE_REF: "main",
    },
    { commit: AUTHORS, head: null, branch: "feature/x", base: "main", change: "7" },
    { pull_request: pull },
    AUTHORS,
  ],
  [
    "GitHub's merge queue",
    { ...GITHUB, GITHUB_REF: `refs/heads/gh-readonly-queue/release/1/pr-7-${BASE}` },
    { commit: MERGE, base: "release/1", change: "7", branch: `gh-readonly-queue/release/1/pr-7-${BASE}` },
    { merge_group: { head_sha: MERGE, base_ref: "refs/heads/release/1" } },
  ],
  [
    "GitHub's workflow_run that checks out the other run's commit",
    { ...GITHUB, GITHUB_REF: "refs/heads/main", GITHUB_SHA: BASE },
    { commit: AUTHORS, branch: "feature/x", base: "main", change: "7" },
    { workflow_run: followed },
    AUTHORS,
  ],
  [
    "GitHub's workflow_run of a fork, which names no pull request",
    { ...GITHUB, GITHUB_REF: "refs/heads/main", GITHUB_SHA: BASE },
    { commit: AUTHORS, branch: "eve:main", base: null, change: null },
    {
      workflow_run: {
        ...followed,
        head_branch: "main",
        head_repository: { full_name: "eve/b" },
        repository: { full_name: "a/b" },
        pull_requests: [],
      },
    },
    AUTHORS,
  ],
  [
    "GitHub's workflow_run that stays on the default branch",
    { ...GITHUB, GITHUB_REF: "refs/heads/main", GITHUB_SHA: BASE },
    { commit: BASE, head: null, branch: "main", base: null, change: null },
    { workflow_run: followed },
    BASE,
  ],
  [
    "GitHub's review of a pull request",
    { ...GITHUB, GITHUB_REF: "refs/pull/7/merge" },
    { commit: MERGE, head: AUTHORS, branch: "feature/x", base: "main", change: "7" },
    { pull_request: pull },
  ],
  [
    "GitHub's comment on a pull request",
    { ...GITHUB, GITHUB_REF: "refs/heads/main", GITHUB_SHA: BASE },
    { change: "7" },
    { issue: { number: 7, pull_request: { url: "https://api.github.com/repos/a/b/pulls/7" } } },
  ],
  [
    "GitHub's comment on an issue",
    { ...GITHUB, GITHUB_REF: "refs/heads/main", GITHUB_SHA: BASE },
    { change: null },
    { issue: { number: 7 } },
  ],
  [
    "GitHub's tag",
    { ...GITHUB, GITHUB_REF: "refs/tags/v1" },
    { branch: null, tag: "v1", base: null, change: null },
  ],
  [
    "Azure's pull request on GitHub",
    {
      ...AZURE,
      BUILD_SOURCEBRANCH: "refs/pull/1234/merge",
      SYSTEM_PULLREQUEST_PULLREQUESTID: "987654321",
      SYSTEM_PULLREQUEST_PULLREQUESTNUMBER: "1234",
      SYSTEM_PULLREQUEST_SOURCEBRANCH: "feature",
      SYSTEM_PULLREQUEST_TARGETBRANCH: "main",
    },
    {
      vendor: "azure",
      commit: MERGE,
      head: AUTHORS,
      branch: "feature",
      base: "main",
      change: "1234",
      url: "https://dev.azure.com/example/C%23%20Team/_build/results?buildId=4711",
    },
  ],
  [
    "Azure's pull request on GitHub without its number",
    {
      ...AZURE,
      BUILD_SOURCEBRANCH: "refs/pull/1234/merge",
      SYSTEM_PULLREQUEST_PULLREQUESTID: "987654321",
      SYSTEM_PULLREQUEST_SOURCEBRANCH: "feature",
    },
    { change: "1234" },
  ],
  [
    "Azure's pull request in a repository of its own",
    {
      ...AZURE,
      BUILD_SOURCEBRANCH: "refs/pull/17/merge",
      SYSTEM_PULLREQUEST_PULLREQUESTID: "17",
      SYSTEM_PULLREQUEST_SOURCEBRANCH: "refs/heads/users/ann/feature",
      SYSTEM_PULLREQUEST_TARGETBRANCH: "refs/heads/main",
    },
    { branch: "users/ann/feature", base: "main", change: "17" },
  ],
  [
    "Azure's branch, with macros that have no value",
    {
      ...AZURE,
      BUILD_SOURCEBRANCH: "refs/heads/main",
      SYSTEM_PULLREQUEST_SOURCECOMMITID: "$(System.PullRequest.SourceCommitId)",
      SYSTEM_PULLREQUEST_SOURCEBRANCH: "$(System.PullRequest.SourceBranch)",
      SYSTEM_PULLREQUEST_TARGETBRANCH: "$(System.PullRequest.TargetBranch)",
    },
    { branch: "main", tag: null, base: null, change: null, head: null },
  ],
  ["Azure's tag", { ...AZURE, BUILD_SOURCEBRANCH: "refs/tags/v1" }, { branch: null, tag: "v1" }],
  [
    "GitLab's tag",
    { GITLAB_CI: "true", CI_COMMIT_SHA: MERGE, CI_COMMIT_TAG: "v1" },
    { vendor: "gitlab", commit: MERGE, branch: null, tag: "v1", change: null },
  ],
  [
    "GitLab's detached merge request",
    { ...GITLAB, CI_MERGE_REQUEST_EVENT_TYPE: "detached", CI_MERGE_REQUEST_DIFF_BASE_SHA: BASE },
    {
      repository: "group/sub/app",
      head: null,
      branch: "feature/x",
      base: BASE,
      change: "4",
      event: "detached",
    },
  ],
  [
    "GitLab's merged results",
    {
      ...GITLAB,
      CI_MERGE_REQUEST_EVENT_TYPE: "merged_result",
      CI_MERGE_REQUEST_DIFF_BASE_SHA: OTHER,
      CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: AUTHORS,
      CI_MERGE_REQUEST_TARGET_BRANCH_SHA: BASE,
    },
    { commit: MERGE, head: AUTHORS, branch: "feature/x", base: BASE, change: "4", event: "merged_result" },
  ],
  [
    "GitLab's merge train without the target's commit",
    { ...GITLAB, CI_MERGE_REQUEST_EVENT_TYPE: "merge_train", CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: AUTHORS },
    { head: AUTHORS, base: "main", event: "merge_train" },
  ],
  [
    "GitLab's pull request of a repository on GitHub",
    {
      GITLAB_CI: "true",
      CI_COMMIT_SHA: AUTHORS,
      CI_PIPELINE_SOURCE: "external_pull_request_event",
      CI_COMMIT_BRANCH: "feature/x",
      CI_EXTERNAL_PULL_REQUEST_IID: "31",
      CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME: "feature/x",
      CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME: "main",
      CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA: AUTHORS,
    },
    { branch: "feature/x", base: "main", change: "31", head: AUTHORS },
  ],
  [
    "CircleCI's pull requests of a branch",
    {
      CIRCLECI: "true",
      CIRCLE_BRANCH: "x",
      CIRCLE_PULL_REQUESTS: "https://github.com/a/b/pull/31,https://github.com/a/b/pull/32",
    },
    { branch: "x", change: "31" },
  ],
  [
    "CircleCI's pull request",
    { CIRCLECI: "true", CIRCLE_BRANCH: "x", CIRCLE_PULL_REQUEST: "https://github.com/a/b/pull/31" },
    { vendor: "circleci", branch: "x", change: "31" },
  ],
  [
    "CircleCI's pull request of a fork",
    { CIRCLECI: "true", CIRCLE_BRANCH: "pull/31", CIRCLE_PR_NUMBER: "31" },
    { branch: null, change: "31" },
  ],
  [
    "Buildkite's branch build of HEAD",
    { ...BUILDKITE, BUILDKITE_RETRY_COUNT: "2" },
    { vendor: "buildkite", commit: MERGE, branch: "feature/x", base: null, change: null, attempt: 3 },
  ],
  [
    "Buildkite's pull request",
    { ...BUILDKITE, BUILDKITE_PULL_REQUEST: "5", BUILDKITE_PULL_REQUEST_BASE_BRANCH: "main" },
    { branch: "feature/x", base: "main", change: "5", attempt: 1 },
  ],
  [
    "Buildkite's tag",
    { ...BUILDKITE, BUILDKITE_TAG: "v1", BUILDKITE_BRANCH: "v1" },
    { branch: null, tag: "v1" },
  ],
  [
    "Bitbucket's pull request",
    {
      BITBUCKET_BUILD_NUMBER: "4",
      BITBUCKET_PR_ID: "9",
      BITBUCKET_COMMIT: AUTHORS,
      BITBUCKET_BRANCH: "feature/x",
      BITBUCKET_PR_DESTINATION_BRANCH: "main",
      BITBUCKET_GIT_HTTP_ORIGIN: "http://bitbucket.org/a/b",
    },
    {
      vendor: "bitbucket",
      commit: MERGE,
      head: AUTHORS,
      change: "9",
      branch: "feature/x",
      base: "main",
      run: "4",
      url: "http://bitbucket.org/a/b/pipelines/results/4",
    },
  ],
  [
    "CodeBuild's pull request",
    {
      ...CODEBUILD,
      CODEBUILD_WEBHOOK_TRIGGER: "pr/5",
      CODEBUILD_SOURCE_VERSION: "pr/5",
      CODEBUILD_WEBHOOK_HEAD_REF: "refs/heads/feature/x",
      CODEBUILD_WEBHOOK_BASE_REF: "refs/heads/main",
    },
    {
      vendor: "codebuild",
      branch: "feature/x",
      base: "main",
      change: "5",
      url: "https://eu-central-1.console.aws.amazon.com/codesuite/codebuild/123456789012/projects/app/build/app%3A1f-2",
    },
  ],
  [
    "CodeBuild's branch, started by hand",
    { ...CODEBUILD, CODEBUILD_SOURCE_VERSION: `refs/heads/main^{${MERGE}}` },
    { branch: "main", tag: null, base: null, change: null, actor: "GitHub-Hookshot/3d1f" },
  ],
  [
    "CodeBuild's pull request, started by hand",
    { ...CODEBUILD, CODEBUILD_SOURCE_VERSION: `refs/pull/5/head^{${MERGE}}` },
    { branch: null, change: "5" },
  ],
  ["CodeBuild's tag", { ...CODEBUILD, CODEBUILD_WEBHOOK_TRIGGER: "tag/v1" }, { branch: null, tag: "v1" }],
  [
    "Jenkins' multibranch change",
    { ...JENKINS, ...CHANGE, CHANGE_BRANCH: "feature/x" },
    { vendor: "jenkins", commit: MERGE, change: "3", branch: "feature/x", base: "main", actor: "ada" },
  ],
  ["Jenkins' change without a branch", { ...JENKINS, ...CHANGE }, { change: "3", branch: null }],
  [
    "Jenkins' multibranch branch",
    { ...JENKINS, BRANCH_NAME: "origin/x" },
    { branch: "origin/x", change: null },
  ],
  [
    "Jenkins' change of Gerrit",
    {
      ...JENKINS,
      GERRIT_CHANGE_NUMBER: "77",
      GERRIT_BRANCH: "main",
      GIT_BRANCH: "main",
      GERRIT_PATCHSET_REVISION: AUTHORS,
    },
    { change: "77", base: "main", branch: null, head: AUTHORS },
  ],
  [
    "Jenkins' change of Bitbucket's plugin",
    {
      ...JENKINS,
      BITBUCKET_SOURCE_BRANCH: "feature/x",
      BITBUCKET_TARGET_BRANCH: "main",
      BITBUCKET_PULL_REQUEST_ID: "4",
    },
    { change: "4", base: "main", branch: "feature/x" },
  ],
  ["Jenkins' tag", { ...JENKINS, BRANCH_NAME: "v1", TAG_NAME: "v1" }, { branch: null, tag: "v1" }],
  ["Jenkins' freestyle job", { ...JENKINS, GIT_BRANCH: "origin/feature/x" }, { branch: "feature/x" }],
  [
    "Jenkins without its address",
    { JENKINS_HOME: "/var/jenkins_home", GIT_BRANCH: "detached" },
    { vendor: "jenkins", commit: MERGE, branch: null, url: null },
  ],
  [
    "Jenkins' agent on CodeBuild",
    { ...CODEBUILD, ...JENKINS, BRANCH_NAME: "main" },
    { vendor: "jenkins", branch: "main", also: ["codebuild"] },
  ],
  ["GitHub's runner on CodeBuild", { ...CODEBUILD, ...GITHUB }, { vendor: "github", also: ["codebuild"] }],
  [
    "Travis on a branch",
    { CI: "true", TRAVIS: "true", TRAVIS_BRANCH: "main", TRAVIS_PULL_REQUEST: "false" },
    { vendor: "travis", branch: "main", base: null, change: null, also: [] },
  ],
  [
    "Travis on a change",
    {
      TRAVIS: "true",
      TRAVIS_BRANCH: "main",
      TRAVIS_PULL_REQUEST: "7",
      TRAVIS_PULL_REQUEST_BRANCH: "feature",
    },
    { vendor: "travis", branch: "feature", base: "main", change: "7" },
  ],
  [
    "Drone on a tag",
    { DRONE: "true", DRONE_BRANCH: "main", DRONE_TAG: "v1" },
    { vendor: "drone", branch: null, tag: "v1" },
  ],
  [
    "Cirrus on a change",
    { CIRRUS_CI: "true", CIRRUS_PR: "3", CIRRUS_BRANCH: "pull/3", CIRRUS_BASE_BRANCH: "main" },
    { vendor: "cirrus", branch: "pull/3", base: "main", change: "3" },
  ],
  [
    "TeamCity, which names no branch",
    { TEAMCITY_VERSION: "2025.03", BUILD_NUMBER: "12" },
    { vendor: "teamcity", branch: "checked-out", run: "12" },
  ],
  [
    "Forgejo, which has GitHub's variables",
    { ...GITHUB, FORGEJO_ACTIONS: "true", CI: "true" },
    { vendor: "github", also: [] },
  ],
  [
    "a vendor that nobody knows",
    { CI: "true" },
    { vendor: "ci", branch: "checked-out", base: null, change: null, also: [] },
  ],
]

describe("the run context", () => {
  test.each<Row>(ROWS)("of %s is read from its environment", (_what, env, expected, event, commit) => {
    const context = read(env, event, commit)
    expect(context).toMatchObject(expected)
    expect(parseContext(JSON.stringify(context))).toEqual(context)
  })

  test("takes the vendor's commit without git, and no word such as HEAD", () => {
    const bare: Checkout = { commit: null, branch: null, read: () => undefined }
    expect(contextOf(GITHUB, bare)?.commit).toBe(MERGE)
    expect(contextOf({ GITLAB_CI: "true", CI_COMMIT_SHA: "ab".repeat(32) }, bare)?.commit).toBe(
      "ab".repeat(32),
    )
    expect(contextOf(BUILDKITE, bare)?.commit).toBeNull()
  })

  test("is null on a laptop", () => {
    expect(read({ PATH: "/bin", CI: "", GITHUB_ACTIONS: "false" })).toBeNull()
    expect(read({ CI: "false", TRAVIS: "false" })).toBeNull()
    expect(parseContext("")).toEqual(NO_CONTEXT)
    expect(parseContext('{"branch":"main"}')).toEqual({ ...NO_CONTEXT, branch: "main" })
  })

  test.each([
    "{",
    "[]",
    '{"brnch":"main"}',
    '{"attempt":"two"}',
  ])("%s is refused with what is known", (text) => {
    expect(() => parseContext(text)).toThrow(
      /--run holds no run context: .*\n?.*\nTo fix it: .*vendor, repository, commit/s,
    )
  })
})
