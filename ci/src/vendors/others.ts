import type { Environment, Variables } from "./vendor.js"

/** The variables of a CI vendor that no wrapper is written for. */
interface Other extends Pick<Variables, "name" | "signs"> {
  readonly repository?: string
  readonly commit?: string
  /** The branch of a run of no change. */
  readonly branch?: string
  readonly tag?: string
  /** The number of a change, its own branch, and the branch that it is for. */
  readonly change?: string
  readonly source?: string
  readonly target?: string
  readonly actor?: string
  readonly url?: string
  readonly run?: string
}

type Field = Exclude<keyof Other, "name" | "signs">

const TABLE: readonly Other[] = [
  {
    // https://docs.travis-ci.com/user/environment-variables/
    name: "travis",
    signs: ["TRAVIS"],
    repository: "TRAVIS_REPO_SLUG",
    commit: "TRAVIS_COMMIT",
    branch: "TRAVIS_BRANCH",
    tag: "TRAVIS_TAG",
    change: "TRAVIS_PULL_REQUEST",
    source: "TRAVIS_PULL_REQUEST_BRANCH",
    target: "TRAVIS_BRANCH",
    url: "TRAVIS_BUILD_WEB_URL",
    run: "TRAVIS_BUILD_ID",
  },
  {
    // https://docs.drone.io/pipeline/environment/reference/
    name: "drone",
    signs: ["DRONE"],
    repository: "DRONE_REPO",
    commit: "DRONE_COMMIT_SHA",
    branch: "DRONE_BRANCH",
    tag: "DRONE_TAG",
    change: "DRONE_PULL_REQUEST",
    source: "DRONE_SOURCE_BRANCH",
    target: "DRONE_TARGET_BRANCH",
    actor: "DRONE_BUILD_TRIGGER",
    url: "DRONE_BUILD_LINK",
    run: "DRONE_BUILD_NUMBER",
  },
  {
    // https://woodpecker-ci.org/docs/usage/environment
    name: "woodpecker",
    signs: ["CI_PIPELINE_FORGE_URL", "CI_WORKFLOW_NAME"],
    repository: "CI_REPO",
    commit: "CI_COMMIT_SHA",
    branch: "CI_COMMIT_BRANCH",
    tag: "CI_COMMIT_TAG",
    change: "CI_COMMIT_PULL_REQUEST",
    source: "CI_COMMIT_SOURCE_BRANCH",
    target: "CI_COMMIT_TARGET_BRANCH",
    actor: "CI_COMMIT_AUTHOR",
    url: "CI_PIPELINE_URL",
    run: "CI_PIPELINE_NUMBER",
  },
  {
    // https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html
    name: "teamcity",
    signs: ["TEAMCITY_VERSION"],
    commit: "BUILD_VCS_NUMBER",
    url: "BUILD_URL",
    run: "BUILD_NUMBER",
  },
  {
    // https://www.appveyor.com/docs/environment-variables/
    name: "appveyor",
    signs: ["APPVEYOR"],
    repository: "APPVEYOR_REPO_NAME",
    commit: "APPVEYOR_REPO_COMMIT",
    branch: "APPVEYOR_REPO_BRANCH",
    tag: "APPVEYOR_REPO_TAG_NAME",
    change: "APPVEYOR_PULL_REQUEST_NUMBER",
    source: "APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH",
    target: "APPVEYOR_REPO_BRANCH",
    actor: "APPVEYOR_REPO_COMMIT_AUTHOR",
    run: "APPVEYOR_BUILD_ID",
  },
  {
    // https://cirrus-ci.org/guide/writing-tasks/#environment-variables
    name: "cirrus",
    signs: ["CIRRUS_CI"],
    repository: "CIRRUS_REPO_FULL_NAME",
    commit: "CIRRUS_CHANGE_IN_REPO",
    branch: "CIRRUS_BRANCH",
    tag: "CIRRUS_TAG",
    change: "CIRRUS_PR",
    source: "CIRRUS_BRANCH",
    target: "CIRRUS_BASE_BRANCH",
    run: "CIRRUS_BUILD_ID",
  },
  {
    // https://docs.semaphore.io/reference/env-vars
    name: "semaphore",
    signs: ["SEMAPHORE"],
    repository: "SEMAPHORE_GIT_REPO_SLUG",
    commit: "SEMAPHORE_GIT_SHA",
    branch: "SEMAPHORE_GIT_BRANCH",
    tag: "SEMAPHORE_GIT_TAG_NAME",
    change: "SEMAPHORE_GIT_PR_NUMBER",
    source: "SEMAPHORE_GIT_PR_BRANCH",
    target: "SEMAPHORE_GIT_BRANCH",
    actor: "SEMAPHORE_WORKFLOW_TRIGGERED_BY",
    run: "SEMAPHORE_WORKFLOW_ID",
  },
  {
    // https://codefresh.io/docs/docs/pipelines/variables/
    name: "codefresh",
    signs: ["CF_BUILD_ID"],
    commit: "CF_REVISION",
    branch: "CF_BRANCH",
    change: "CF_PULL_REQUEST_NUMBER",
    source: "CF_BRANCH",
    target: "CF_PULL_REQUEST_TARGET",
    actor: "CF_BUILD_INITIATOR",
    url: "CF_BUILD_URL",
    run: "CF_BUILD_ID",
  },
  {
    // https://devcenter.bitrise.io/en/references/available-environment-variables.html
    name: "bitrise",
    signs: ["BITRISE_IO"],
    commit: "BITRISE_GIT_COMMIT",
    branch: "BITRISE_GIT_BRANCH",
    tag: "BITRISE_GIT_TAG",
    change: "BITRISE_PULL_REQUEST",
    source: "BITRISE_GIT_BRANCH",
    target: "BITRISEIO_GIT_BRANCH_DEST",
    url: "BITRISE_BUILD_URL",
    run: "BITRISE_BUILD_SLUG",
  },
  {
    // https://confluence.atlassian.com/bamboo/bamboo-variables-289277087.html
    name: "bamboo",
    signs: ["bamboo_agentId"],
    commit: "bamboo_planRepository_1_revision",
    branch: "bamboo_planRepository_1_branchName",
    url: "bamboo_buildResultsUrl",
    run: "bamboo_buildResultKey",
  },
]

/** Returns the variables of a vendor by a row of the table. */
function variablesOf(other: Other): Variables {
  const { name, signs, actor } = other
  const named = (field: Field) => (env: Environment) => env[other[field] ?? ""]
  const isChange = (env: Environment) => Boolean(named("change")(env))
  return {
    name,
    signs,
    fields: {
      repository: named("repository"),
      commit: named("commit"),
      branch: (env, host) => {
        if (isChange(env)) return named("source")(env)
        return named("tag")(env) ? null : (named("branch")(env) ?? host.branch)
      },
      tag: named("tag"),
      base: (env) => (isChange(env) ? named("target")(env) : null),
      change: named("change"),
      actor: named("actor"),
      url: named("url"),
      run: named("run"),
    },
    starters: actor === undefined ? [] : [actor],
  }
}

/** CI vendors that Slipway reads the run context of, and writes no wrapper for. */
export const OTHERS: readonly Variables[] = TABLE.map(variablesOf)

/** Any other vendor: nearly all of them set `CI`. What the run is for is read from git. */
export const UNKNOWN: Variables = {
  name: "ci",
  signs: ["CI", "CONTINUOUS_INTEGRATION"],
  fields: { branch: (_, host) => host.branch },
  starters: [],
}
