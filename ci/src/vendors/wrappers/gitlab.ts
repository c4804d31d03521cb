import {
  AUDIENCE,
  CHECK,
  checkOf,
  checkShard,
  collect,
  DAYS,
  deployTo,
  MINUTES,
  marked,
  NOTIFIED,
  notify,
  parts,
  SHARD,
  SHARDS,
  sharded,
  type Target,
  type Work,
  type Wrapper,
  watch,
} from "./wrapper.js"

const DEPLOY = ".gitlab/deploy.yml"

/** Renders the pipeline: the check, and with environments an included file that deploys to them and watches them. */
export const wrapper: Wrapper = (work) => ({
  ".gitlab-ci.yml": marked(work, check(work)),
  ...(work.targets.length > 0 && {
    [DEPLOY]: marked(work, parts(BASE, ...work.targets.map(target), night(work))),
  }),
})

const shards = (work: Work): string => `${SHARD}:
  stage: check
  rules: [{ if: $CI_PIPELINE_SOURCE != "schedule" }]
  timeout: ${MINUTES.check} minutes
  interruptible: true
  parallel: ${work.shards}
  script: [${checkShard("$CI_NODE_INDEX", work)}]
  after_script: [${collect("$CI_NODE_INDEX")}]
  artifacts: { when: always, expire_in: 1 day, paths: [${SHARDS}] }
`

/** The check waits for all shards, whatever they come to. */
const WAIT = `  needs: [${SHARD}]
  rules: [{ if: $CI_PIPELINE_SOURCE != "schedule", when: always }]
`

const RULES = `  rules: [{ if: $CI_PIPELINE_SOURCE != "schedule" }]
`

/** Merge trains and merged results are merge request events. The merge request shows code quality and tests. */
const check = (work: Work): string => `workflow:
  auto_cancel: { on_new_commit: interruptible }
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
      auto_cancel: { on_new_commit: none }
${work.targets.length > 0 ? `include: [{ local: ${DEPLOY} }]\n` : ""}stages: [check, deploy]
variables: { GIT_DEPTH: "0", DOCKER_TLS_CERTDIR: /certs }
default:
  image: docker:28-cli
  services: [docker:28-dind]
  # A runner with tools of its own keeps them.
  before_script:
    - command -v node >/dev/null || apk add --no-cache aws-cli bash curl git jq nodejs npm
${parts(sharded(work) && shards(work))}${CHECK}:
  stage: check
${sharded(work) ? WAIT : RULES}  timeout: ${MINUTES.check} minutes
  interruptible: true
  script: [${checkOf(work)}]
  after_script: [cat .slipway/summary.md || true]
  artifacts:
    when: always
    expire_in: ${DAYS} days
    paths: [.slipway]
    reports: { junit: .slipway/junit.xml, codequality: .slipway/gl-code-quality-report.json }
${work.notifies ? notifications(work) : ""}`

const notifications = (work: Work): string => `notify:
  stage: deploy
  rules: [{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE != "schedule", when: always }]
  needs: [${CHECK}]
  services: []
  cache: { key: notified, paths: [${NOTIFIED}], when: always }
  script: [${notify(work)}]
`

const BASE = `.environment:
  stage: deploy
  rules: [{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE != "schedule" }]
  timeout: ${MINUTES.deploy} minutes
  id_tokens: { AWS_TOKEN: { aud: ${AUDIENCE} } }
  artifacts: { expire_in: ${DAYS} days }
`

/** The user of a manual job is the person who starts it, so each approval names its approver. */
const target = (one: Target): string => {
  const { gates } = one
  const needs = [CHECK, ...gates]
  const all = gates.length === 0 && one.after !== CHECK ? [...needs, one.after] : needs
  return parts(
    ...gates.map(
      (gate, index) => `${gate}:
  stage: deploy
  rules: [{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE != "schedule", when: manual }]
  allow_failure: false
  needs: [${one.after}]
  script: ['echo "APPROVER_${index + 1}=$GITLAB_USER_LOGIN" >approver.env']
  artifacts: { reports: { dotenv: approver.env } }
`,
    ),
    `${one.name}:
  extends: .environment
  needs: [${all.join(", ")}]
  environment: { name: ${one.name} }
  resource_group: ${one.name}
  script:
    - export APPROVERS="${gates.map((_, index) => `$APPROVER_${index + 1}`).join(" ")}"
    - ${deployTo(one.name)}
`,
  )
}

const night = ({ environments }: Work): string => `watch:
  extends: .environment
  rules: [{ if: $CI_PIPELINE_SOURCE == "schedule" }]
  parallel: { matrix: [{ TARGET: [${environments.join(", ")}] }] }
  environment: { name: $TARGET, action: verify }
  script: [${watch("$TARGET")}]
`
