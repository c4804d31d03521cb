import type { Vendor } from "./vendor.js"
import { wrapper } from "./wrappers/buildkite.js"

/**
 * Buildkite. BUILDKITE_COMMIT is the word `HEAD` for a build that nobody gave a commit, BUILDKITE_PULL_REQUEST the
 * word `false` outside a pull request, and BUILDKITE_BRANCH the tag's name in a tag's build.
 *
 * @see https://buildkite.com/docs/pipelines/configure/environment-variables
 */
export const buildkite: Vendor = {
  name: "buildkite",
  signs: ["BUILDKITE"],
  fields: {
    repository: "BUILDKITE_PIPELINE_SLUG",
    commit: "BUILDKITE_COMMIT",
    branch: (env) => (env.BUILDKITE_TAG ? undefined : env.BUILDKITE_BRANCH),
    tag: "BUILDKITE_TAG",
    base: (env) => env.BUILDKITE_PULL_REQUEST_BASE_BRANCH ?? env.BUILDKITE_MERGE_QUEUE_BASE_BRANCH,
    change: (env) =>
      /^\d+$/.exec(env.BUILDKITE_PULL_REQUEST ?? "")?.[0] ??
      /^gh-readonly-queue\/.+\/pr-(\d+)-/.exec(env.BUILDKITE_BRANCH ?? "")?.[1],
    event: "BUILDKITE_SOURCE",
    actor: "BUILDKITE_BUILD_CREATOR",
    url: "BUILDKITE_BUILD_URL",
    run: "BUILDKITE_BUILD_ID",
  },
  starters: [
    "BUILDKITE_BUILD_CREATOR",
    "BUILDKITE_BUILD_CREATOR_EMAIL",
    "BUILDKITE_UNBLOCKER",
    "BUILDKITE_UNBLOCKER_EMAIL",
  ],
  attempt: (env) => Number(env.BUILDKITE_RETRY_COUNT) + 1,
  wrapper,
  shards: true,
}
