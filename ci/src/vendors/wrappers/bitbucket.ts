import {
  approvalsOf,
  CHECK,
  checkAll,
  deployTo,
  MINUTES,
  marked,
  notify,
  parts,
  type Target,
  type Work,
  type Wrapper,
  watch,
} from "./wrapper.js"

/** Renders the one file that Bitbucket reads. A schedule of the repository starts its pipeline `night`. */
export const wrapper: Wrapper = (work) => ({
  "bitbucket-pipelines.yml": marked(
    work,
    parts(
      check(work),
      ...work.targets.map(release),
      work.targets.length > 0 && "  custom:\n    night:\n",
      ...work.targets.map(night),
    ),
  ),
})

/** A self-hosted runner: the engine is a privileged container, and Bitbucket's cloud does not run those. */
const RUNNER = "runs-on: [self.hosted, linux.shell]"

/** The runner's home keeps what people know: Bitbucket saves no cache of a red step. */
const notifications = (work: Work): string =>
  `, '${notify(work)} --state "$HOME/.cache/slipway/notified-$BITBUCKET_REPO_SLUG.json"'`

const check = (work: Work): string => `clone: { depth: full }
definitions:
  steps:
    - step: &check
        name: ${CHECK}
        ${RUNNER}
        max-time: ${MINUTES.check}
        script: [${checkAll}]
        after-script: [cat .slipway/summary.md || true${work.notifies ? notifications(work) : ""}]
        artifacts:
          upload:
            - { name: slipway, paths: [.slipway/**], capture-on: always }
            - { name: tests, type: test-reports, paths: [.slipway/junit.xml], capture-on: always }
pipelines:
  pull-requests:
    "**": [{ step: *check }]
  branches:
    ${work.branch}:
      - step: *check
`

/** The triggerer of a manual step is the person who starts it, so each approval names its approver. */
const gate = (name: string, number: number): string => `      - step:
          name: ${name} approval ${number}
          ${RUNNER}
          trigger: manual
          script: [echo "$BITBUCKET_STEP_TRIGGERER_UUID" >approver-${name}-${number}]
          artifacts: [approver-${name}-${number}]
`

const release = (target: Target): string => {
  const { name } = target
  const gates = approvalsOf(target)
  return parts(
    ...gates.map((number) => gate(name, number)),
    `      - step:
          name: ${name}
          ${RUNNER}
          max-time: ${MINUTES.deploy}
          deployment: ${name}
          concurrency-group: ${name}
          oidc: true
          script:
            - export AWS_TOKEN="$BITBUCKET_STEP_OIDC_TOKEN"${gates.length > 0 ? ` APPROVERS="$(cat approver-${name}-*)"` : ""}
            - ${deployTo(name)}
`,
  )
}

const night = ({ name }: Target): string => `      - step:
          name: watch ${name}
          ${RUNNER}
          oidc: true
          script: [export AWS_TOKEN="$BITBUCKET_STEP_OIDC_TOKEN", ${watch(name)}]
`
