import { type Vendor, webAddress } from "./vendor.js"
import { wrapper } from "./wrappers/bitbucket.js"

/**
 * Bitbucket Pipelines. In a pull request's pipeline BITBUCKET_COMMIT is what the author wrote; what is checked out is
 * its merge with the destination, made on the machine.
 *
 * @see https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
 */
export const bitbucket: Vendor = {
  name: "bitbucket",
  signs: ["BITBUCKET_BUILD_NUMBER"],
  fields: {
    repository: "BITBUCKET_REPO_FULL_NAME",
    commit: "BITBUCKET_COMMIT",
    head: (env) => env.BITBUCKET_PR_ID && env.BITBUCKET_COMMIT,
    branch: "BITBUCKET_BRANCH",
    tag: "BITBUCKET_TAG",
    base: (env) => env.BITBUCKET_PR_DESTINATION_BRANCH ?? env.BITBUCKET_PR_DESTINATION_COMMIT,
    change: "BITBUCKET_PR_ID",
    event: (env) => (env.BITBUCKET_PR_ID ? "pull-request" : undefined),
    actor: "BITBUCKET_STEP_TRIGGERER_UUID",
    url: ({ BITBUCKET_GIT_HTTP_ORIGIN: origin, BITBUCKET_BUILD_NUMBER: number }) =>
      webAddress(origin, "pipelines/results", number),
    run: "BITBUCKET_BUILD_NUMBER",
  },
  wrapper,
  shards: true,
  starters: ["BITBUCKET_STEP_TRIGGERER_UUID"],
}
