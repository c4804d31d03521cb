import {
  CHECK,
  checkOf,
  checkShardGreen,
  collect,
  deployTo,
  MINUTES,
  marked,
  notify,
  numbers,
  parts,
  SHARD,
  SHARDS,
  sharded,
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
      ...work.environments.map(night),
    ),
  ),
})

/** A self-hosted runner: the engine is a privileged container, and Bitbucket's cloud does not run those. */
const RUNNER = "runs-on: [self.hosted, linux.shell]"

/** The runner's home keeps what people know: Bitbucket saves no cache of a red step. */
const notifications = (work: Work): string =>
  `, '${notify(work)} --state "$HOME/.cache/slipway/notified-$BITBUCKET_REPO_SLUG.json"'`

/** A red shard is a green step: the steps after a red one do not run, and the check has the verdict of all. */
const shards = (work: Work): string => `    - step: &shard
        name: ${SHARD}
        ${RUNNER}
        max-time: ${MINUTES.check}
        script:
          - ${checkShardGreen("$((BITBUCKET_PARALLEL_STEP + 1))", work)}
          - ${collect("$BITBUCKET_PARALLEL_STEP")}
        artifacts: [${SHARDS}/**]
`

/** The steps of the shards, before the check. */
const parallel = (work: Work): string =>
  `{ parallel: { fail-fast: false, steps: [${numbers(work)
    .map(() => "{ step: *shard }")
    .join(", ")}] } }`

/** Variables of a deployment reach its step alone, and Bitbucket limits a deployment to branches. */
const withKey = ({ results }: Work): string =>
  results.length > 0 ? "{ step: { <<: *check, deployment: slipway-results } }" : "{ step: *check }"

const check = (work: Work): string => `clone: { depth: full }
definitions:
  steps:
${parts(sharded(work) && shards(work))}    - step: &check
        name: ${CHECK}
        ${RUNNER}
        max-time: ${MINUTES.check}
        script: [${checkOf(work)}]
        after-script: [cat .slipway/summary.md || true${work.notifies ? notifications(work) : ""}]
        artifacts:
          upload:
            - { name: slipway, paths: [.slipway/**], capture-on: always }
            - { name: tests, type: test-reports, paths: [.slipway/junit.xml], capture-on: always }
pipelines:
  pull-requests:
    "**": [${parts(sharded(work) && `${parallel(work)}, `)}{ step: *check }]
  branches:
    ${work.branch}:
${parts(sharded(work) && `      - ${parallel(work)}\n`)}      - ${sharded(work) ? "{ step: *check }" : withKey(work)}
`

/** The triggerer of a manual step is the person who starts it, so each approval names its approver. */
const asked = (gate: string): string => `      - step:
          name: ${gate}
          ${RUNNER}
          trigger: manual
          script: [echo "$BITBUCKET_STEP_TRIGGERER_UUID" >${gate}]
          artifacts: [${gate}]
`

const release = ({ name, gates }: Target): string =>
  parts(
    ...gates.map(asked),
    `      - step:
          name: ${name}
          ${RUNNER}
          max-time: ${MINUTES.deploy}
          deployment: ${name}
          concurrency-group: ${name}
          oidc: true
          script:
            - export AWS_TOKEN="$BITBUCKET_STEP_OIDC_TOKEN"${gates.length > 0 ? ` APPROVERS="$(cat ${gates.join(" ")})"` : ""}
            - ${deployTo(name)}
`,
  )

const night = (name: string): string => `      - step:
          name: watch ${name}
          ${RUNNER}
          oidc: true
          script: [export AWS_TOKEN="$BITBUCKET_STEP_OIDC_TOKEN", ${watch(name)}]
`
