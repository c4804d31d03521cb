import { describe, expect, test } from "vitest"
import { NO_CONTEXT, parseContext } from "../../../ci/src/run/context.js"
import type { Environment } from "../../../ci/src/vendors/vendor.js"
import { contextOf } from "../../../ci/src/vendors/vendors.js"

const COMMIT = "0f3c".repeat(10)

describe("the run context", () => {
  test.each<[string, Environment, object]>([
    [
      "GitHub's pull request",
      {
        GITHUB_ACTIONS: "true",
        GITHUB_SHA: COMMIT,
        GITHUB_REF: "refs/pull/7/merge",
        GITHUB_HEAD_REF: "feature/x",
        GITHUB_BASE_REF: "main",
        GITHUB_ACTOR: "ada",
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_REPOSITORY: "a/b",
        GITHUB_RUN_ID: "12",
        GITHUB_RUN_ATTEMPT: "2",
      },
      {
        vendor: "github",
        commit: COMMIT,
        branch: "feature/x",
        tag: null,
        base: "main",
        change: "7",
        actor: "ada",
        url: "https://github.com/a/b/actions/runs/12",
        attempt: 2,
      },
    ],
    [
      "GitLab's tag",
      { GITLAB_CI: "true", CI_COMMIT_SHA: COMMIT, CI_COMMIT_TAG: "v1" },
      { vendor: "gitlab", commit: COMMIT, branch: null, tag: "v1", change: null },
    ],
    [
      "Azure's branch",
      { TF_BUILD: "True", BUILD_SOURCEBRANCH: "refs/heads/main" },
      { vendor: "azure", branch: "main", tag: null },
    ],
    [
      "CircleCI's pull request",
      { CIRCLECI: "true", CIRCLE_PULL_REQUEST: "https://github.com/a/b/pull/31" },
      { vendor: "circleci", change: "31" },
    ],
    [
      "Buildkite's branch build",
      { BUILDKITE: "true", BUILDKITE_BRANCH: "main", BUILDKITE_PULL_REQUEST: "false" },
      { vendor: "buildkite", branch: "main", change: null },
    ],
    [
      "Bitbucket's pull request",
      { BITBUCKET_BUILD_NUMBER: "4", BITBUCKET_PR_ID: "9" },
      { vendor: "bitbucket", change: "9", run: "4" },
    ],
    [
      "CodeBuild's pull request",
      { CODEBUILD_BUILD_ID: "p:1", CODEBUILD_WEBHOOK_TRIGGER: "pr/5" },
      { vendor: "codebuild", change: "5" },
    ],
    [
      "Jenkins' change",
      { JENKINS_URL: "https://j.example.org/", CHANGE_ID: "3", CHANGE_BRANCH: "x", BRANCH_NAME: "PR-3" },
      { vendor: "jenkins", change: "3", branch: "x" },
    ],
  ])("of %s is read from its environment", (_what, env, expected) => {
    const context = contextOf(env)
    expect(context).toMatchObject(expected)
    expect(parseContext(JSON.stringify(context))).toEqual(context)
  })

  test("is null on a laptop", () => {
    expect(contextOf({ PATH: "/bin", CI: "" })).toBeNull()
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
      /--run holds no run context: .*\n?.*\nTo fix it: .*vendor, commit/s,
    )
  })
})
