import { checkAll, marked, NOTIFIED, notify, type Work, type Wrapper } from "./wrapper.js"

/**
 * Renders the buildspecs: one of the check, and with environments one for builds that a CodePipeline starts. It names the
 * environment and what to do as variables (`TARGET`, `ACTION`), and its own execution (`EXECUTION`).
 */
export const wrapper: Wrapper = (work) => ({
  "buildspec.yml": marked(work, check(work)),
  ...(work.targets.length > 0 && { "buildspec-environment.yml": marked(work, environment(work)) }),
})

const check = (work: Work): string => `version: 0.2
${work.notifies ? 'env: { secrets-manager: { NOTIFICATIONS: "slipway:notifications" } }\n' : ""}phases:
  build:
    commands: [${checkAll}]
  post_build:
    commands:
      - cat .slipway/summary.md || true
${work.notifies ? notifications(work) : ""}reports:
  slipway: { files: [junit.xml], base-directory: .slipway, file-format: JUNITXML }
artifacts:
  name: evidence
  base-directory: .slipway
  files: ["**/*"]
`

/** NOTIFIED is an address in S3. It does not change how the check ends. */
const notifications = (work: Work): string => `      - aws s3 cp "$NOTIFIED" ${NOTIFIED} || true
      - ${notify(work)} || true
      - aws s3 cp ${NOTIFIED} "$NOTIFIED" || true
`

/** Needs no token: the build's own role may assume the roles of the environments. */
const environment = ({
  environments,
}: Work): string => `# TARGET is one of: ${environments.join(", ")}. ACTION is deploy or watch.
version: 0.2
env:
  secrets-manager: { SIGNING_KEY: "slipway:key", SIGNING_PASSWORD: "slipway:password" }
phases:
  build:
    commands:
      - '[ "$ACTION" != deploy ] || cp -r "$CODEBUILD_SRC_DIR_evidence" .slipway'
      - |
        APPROVERS=$(aws codepipeline list-action-executions --pipeline-name "\${CODEBUILD_INITIATOR#codepipeline/}" \\
          --filter "pipelineExecutionId=$EXECUTION" --output text --query \\
          "actionExecutionDetails[?input.actionTypeId.category=='Approval' && status=='Succeeded'].updatedBy")
      - export APPROVERS; sh .ci/environment "$ACTION" "$TARGET"
`
