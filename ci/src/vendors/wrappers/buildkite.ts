import {
  AUDIENCE,
  CHECK,
  checkOf,
  checkShard,
  collect,
  deployTo,
  KEY,
  MINUTES,
  marked,
  notify,
  parts,
  SHARD,
  SHARDS,
  SUMMARY,
  sharded,
  type Target,
  type Work,
  type Wrapper,
  watch,
} from "./wrapper.js"

const DEPLOY = ".buildkite/deploy.yml"
const WATCH = ".buildkite/night.yml"

/** Renders the pipeline. With environments, also the steps that it uploads on the branch and in scheduled builds. */
export const wrapper: Wrapper = (work) => ({
  ".buildkite/pipeline.yml": marked(
    work,
    parts(
      "steps:\n",
      sharded(work) && shards(work),
      check(work),
      work.notifies && notifications(work),
      work.targets.length > 0 && uploads(work),
    ),
  ),
  ...(work.targets.length > 0 && {
    [DEPLOY]: marked(work, parts("steps:\n", ...work.targets.map(release))),
    [WATCH]: marked(work, parts("steps:\n", ...work.environments.map(night))),
  }),
})

/** The policy of a secret says which branches may read it. */
const secrets = ({ results, branch }: Work): string => {
  const read = (name: string) => `export ${name}="$$(buildkite-agent secret get ${name})"\n`
  const lines = results.map((name) =>
    name === KEY
      ? `[ "$$BUILDKITE_BRANCH $$BUILDKITE_PULL_REQUEST" != "${branch} false" ] || ${read(name)}`
      : read(name),
  )
  return parts(...lines.map((line) => `      ${line}`))
}

/** `$$` is a `$` that the upload leaves alone. */
const shards = (work: Work): string => `  - label: ${SHARD}
    key: ${SHARD}
    if: build.source != "schedule"
    timeout_in_minutes: ${MINUTES.check}
    parallelism: ${work.shards}
    artifact_paths: ${SHARDS}/**/*
    command: |
      number=$$((BUILDKITE_PARALLEL_JOB + 1))
      trap '${collect("$$number")}' EXIT
${secrets(work)}      ${checkShard("$$number", work)}
`

/** The check waits for all shards, whatever they come to. */
const WAIT = `    depends_on: ${SHARD}
    allow_dependency_failure: true
`

const COLLECT = `      buildkite-agent artifact download "${SHARDS}/**/*" . --step ${SHARD} || true
`

const check = (work: Work): string => `  - label: ${CHECK}
    key: ${CHECK}
${parts(sharded(work) && WAIT)}    if: build.source != "schedule"
    timeout_in_minutes: ${MINUTES.check}
    artifact_paths: .slipway/**/*
    command: |
${parts(sharded(work) && COLLECT)}      trap 'head -c ${SUMMARY} .slipway/summary.md | buildkite-agent annotate --context slipway || true' EXIT
${parts(!sharded(work) && secrets(work))}      ${checkOf(work)}
`

const onBranch = ({ branch }: Work): string =>
  `if: build.source != "schedule" && build.pull_request.id == null && build.branch == "${branch}"`

/** The agent's home keeps what people know. */
const notifications = (work: Work): string => `  - label: notify
    ${onBranch(work)}
    depends_on: [{ step: ${CHECK}, allow_failure: true }]
    command: |
      buildkite-agent artifact download .slipway/result.json . --step ${CHECK}
      ${notify(work)} --state "$$HOME/.cache/slipway/notified-$$BUILDKITE_PIPELINE_SLUG.json"
`

const uploads = (work: Work): string => `  - label: release
    ${onBranch(work)}
    depends_on: ${CHECK}
    command: buildkite-agent pipeline upload ${DEPLOY}
  - label: night
    if: build.source == "schedule"
    command: buildkite-agent pipeline upload ${WATCH}
`

const TOKEN = `export AWS_TOKEN=$$(buildkite-agent oidc request-token --audience ${AUDIENCE})`

/** The step after a block knows who unblocked it, and keeps the name in the build's meta-data. */
const asked = (
  gate: string,
  before: string,
): string => `  - { block: ${gate}, key: ${gate}, depends_on: ${before} }
  - label: ${gate} by
    key: ${gate}-by
    depends_on: ${gate}
    command: buildkite-agent meta-data set ${gate} "$$BUILDKITE_UNBLOCKER_EMAIL"
`

const release = ({ name, after, gates }: Target): string => {
  const people = gates.map((gate) => `$$(buildkite-agent meta-data get ${gate})`)
  const before = [after, ...gates.map((gate) => `${gate}-by`)]
  return parts(
    ...gates.map((gate, index) => asked(gate, before[index] ?? after)),
    `  - label: ${name}
    key: ${name}
    depends_on: ${before.at(-1)}
    timeout_in_minutes: ${MINUTES.deploy}
    concurrency: 1
    concurrency_group: ${name}
    command: |
      buildkite-agent artifact download ".slipway/**/*" . --step ${CHECK}
      ${TOKEN} APPROVERS="${people.join(" ")}"
      ${deployTo(name)}
`,
  )
}

const night = (name: string): string => `  - label: watch ${name}
    timeout_in_minutes: ${MINUTES.check}
    command: |
      ${TOKEN}
      ${watch(name)}
`
