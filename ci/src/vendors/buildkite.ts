import type { Vendor } from "./vendor.js"

/** Buildkite. */
export const buildkite: Vendor = {
  name: "buildkite",
  sign: "BUILDKITE",
  fields: {
    commit: "BUILDKITE_COMMIT",
    branch: "BUILDKITE_BRANCH",
    tag: "BUILDKITE_TAG",
    base: "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
    // "false" outside a pull request.
    change: (env) => /^\d+$/.exec(env.BUILDKITE_PULL_REQUEST ?? "")?.[0],
    actor: "BUILDKITE_BUILD_CREATOR",
    url: "BUILDKITE_BUILD_URL",
    run: "BUILDKITE_BUILD_ID",
  },
}
