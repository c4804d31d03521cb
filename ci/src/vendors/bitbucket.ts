import type { Vendor } from "./vendor.js"

/** Bitbucket Pipelines. */
export const bitbucket: Vendor = {
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
}
