import { branchOf, type Environment, refOf, type Vendor, webAddress } from "./vendor.js"
import { wrapper } from "./wrappers/codebuild.js"

/** What the build is of: `branch/main`, `pr/5` or `tag/v1` by a webhook; by hand a word of the same kind, or none. */
const triggerOf = (env: Environment, kind: "branch" | "pr" | "tag"): string | undefined =>
  [env.CODEBUILD_WEBHOOK_TRIGGER, env.CODEBUILD_SOURCE_VERSION]
    .find((word) => word?.startsWith(`${kind}/`))
    ?.slice(kind.length + 1)

/** The version that a person started a build of: `refs/heads/main`, also with `^{commit}` behind. */
const versionOf = (env: Environment): string | undefined =>
  env.CODEBUILD_SOURCE_VERSION?.replace(/\^\{.*$/, "")

const refIn = (env: Environment, kind: "heads" | "tags"): string | undefined =>
  refOf(kind, env.CODEBUILD_WEBHOOK_HEAD_REF) ?? refOf(kind, versionOf(env))

/** The build's page in the console, of its ARN: arn:aws:codebuild:REGION:ACCOUNT:build/PROJECT:ID. */
function consoleOf(arn: string | undefined): string | undefined {
  const [, region, account, project, id] =
    /^arn:aws[^:]*:codebuild:([^:]+):(\d+):build\/([^:]+):(.+)$/.exec(arn ?? "") ?? []
  const site = region && `https://${region}.console.aws.amazon.com/codesuite/codebuild`
  return webAddress(site, account, "projects", project, "build", id && `${project}:${id}`)
}

/**
 * AWS CodeBuild.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
 */
export const codebuild: Vendor = {
  name: "codebuild",
  signs: ["CODEBUILD_BUILD_ID"],
  fields: {
    commit: "CODEBUILD_RESOLVED_SOURCE_VERSION",
    branch: (env) => refIn(env, "heads") ?? triggerOf(env, "branch"),
    tag: (env) => refIn(env, "tags") ?? triggerOf(env, "tag"),
    base: (env) => branchOf(env.CODEBUILD_WEBHOOK_BASE_REF),
    change: (env) =>
      /^\d+$/.exec(triggerOf(env, "pr") ?? "")?.[0] ?? /^refs\/pull\/(\d+)\//.exec(versionOf(env) ?? "")?.[1],
    event: "CODEBUILD_WEBHOOK_EVENT",
    actor: (env) => env.CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID ?? env.CODEBUILD_INITIATOR,
    url: (env) => env.CODEBUILD_PUBLIC_BUILD_URL ?? consoleOf(env.CODEBUILD_BUILD_ARN),
    run: "CODEBUILD_BUILD_ID",
  },
  wrapper,
  starters: ["CODEBUILD_INITIATOR", "CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID"],
}
