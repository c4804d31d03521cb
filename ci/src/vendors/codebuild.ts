import { refOf, type Vendor } from "./vendor.js"

/** AWS CodeBuild. */
export const codebuild: Vendor = {
  name: "codebuild",
  sign: "CODEBUILD_BUILD_ID",
  fields: {
    commit: "CODEBUILD_RESOLVED_SOURCE_VERSION",
    branch: (env) => refOf("heads", env.CODEBUILD_WEBHOOK_HEAD_REF),
    tag: (env) => refOf("tags", env.CODEBUILD_WEBHOOK_HEAD_REF),
    base: (env) => refOf("heads", env.CODEBUILD_WEBHOOK_BASE_REF),
    change: (env) => /^pr\/(\d+)$/.exec(env.CODEBUILD_WEBHOOK_TRIGGER ?? "")?.[1],
    actor: "CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID",
    url: "CODEBUILD_PUBLIC_BUILD_URL",
    run: "CODEBUILD_BUILD_ID",
  },
}
