import { type Environment, type Vendor, webAddress } from "./vendor.js"
import { wrapper } from "./wrappers/circleci.js"

/** The last number of the first change's address, on GitHub and Bitbucket alike; a fork's change may be in the branch alone. */
const changeOf = (env: Environment) =>
  env.CIRCLE_PR_NUMBER ??
  /\/(\d+)(?:\/?$|,)/.exec(env.CIRCLE_PULL_REQUEST ?? env.CIRCLE_PULL_REQUESTS ?? "")?.[1] ??
  FORK.exec(env.CIRCLE_BRANCH ?? "")?.[1]

/** CIRCLE_BRANCH of a fork's pull request, which is no branch. */
const FORK = /^pull\/(\d+)(?:\/head)?$/

/**
 * CircleCI. It names no base.
 *
 * @see https://circleci.com/docs/reference/variables/
 */
export const circleci: Vendor = {
  name: "circleci",
  signs: ["CIRCLECI"],
  fields: {
    repository: ({ CIRCLE_PROJECT_USERNAME: owner, CIRCLE_PROJECT_REPONAME: name }) =>
      webAddress(owner, name),
    commit: "CIRCLE_SHA1",
    branch: (env) => (FORK.test(env.CIRCLE_BRANCH ?? "") ? undefined : env.CIRCLE_BRANCH),
    tag: "CIRCLE_TAG",
    change: changeOf,
    actor: "CIRCLE_USERNAME",
    url: "CIRCLE_BUILD_URL",
    run: "CIRCLE_WORKFLOW_ID",
  },
  wrapper,
  shards: true,
  starters: ["CIRCLE_USERNAME"],
}
