import type { Vendor } from "./vendor.js"

/** Jenkins. */
export const jenkins: Vendor = {
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
}
