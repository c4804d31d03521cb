import type { Vendor } from "./vendor.js"

/** CircleCI. */
export const circleci: Vendor = {
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
}
