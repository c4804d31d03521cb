import {
  CHECK,
  checkOf,
  checkShardGreen,
  collect,
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

/** Renders the one file that CircleCI reads. A schedule trigger of the project starts the night's workflow. */
export const wrapper: Wrapper = (work) => ({
  ".circleci/config.yml": marked(
    work,
    parts(
      check(work),
      work.targets.length > 0 && environment(),
      workflow(work),
      work.targets.length > 0 && night(work),
    ),
  ),
})

const MACHINE = "machine: { image: ubuntu-2404:current }"

/** A red shard is a green job: workspaces are kept of green jobs alone, and the check has the verdict of all. */
const shards = (work: Work): string => `  ${SHARD}:
    ${MACHINE}
    parallelism: ${work.shards}
    steps:
      - checkout
      - run: { name: slipway ci, command: "${checkShardGreen("$((CIRCLE_NODE_INDEX + 1))", work)}", no_output_timeout: ${MINUTES.check}m }
      - run: ${collect("$CIRCLE_NODE_INDEX")}
      - persist_to_workspace: { root: ., paths: [${SHARDS}] }
`

const check = (work: Work): string => `version: 2.1
jobs:
${parts(sharded(work) && shards(work))}  ${CHECK}:
    ${MACHINE}
    steps:
      - checkout
${parts(sharded(work) && "      - attach_workspace: { at: . }\n", work.notifies && "      - restore_cache: { key: notified- }\n")}      - run: { name: slipway ci, command: ${checkOf(work)}, no_output_timeout: ${MINUTES.check}m }
      - run: { name: summary, when: always, command: cat .slipway/summary.md }
      - store_test_results: { path: .slipway/junit.xml }
      - store_artifacts: { path: .slipway }
      - persist_to_workspace: { root: ., paths: [.slipway] }
${work.notifies ? notifications(work) : ""}`

/** A step of the check: what follows a red job gets no workspace. It does not change how the check ends. */
const notifications = (work: Work): string => `      - when:
          condition: { equal: [${work.branch}, << pipeline.git.branch >>] }
          steps:
            - run: { name: notify, when: always, command: ${notify(work)} || true }
            - save_cache: { key: "notified-{{ epoch }}", paths: [${NOTIFIED}], when: always }
`

/** The approvers are the users of the workflow's approvals. CircleCI's API names them to a token of the context. */
const environment = (): string => `  environment:
    ${MACHINE}
    parameters: { run: { type: string } }
    steps:
      - checkout
      - attach_workspace: { at: . }
      - run:
          no_output_timeout: ${MINUTES.deploy}m
          command: |
            jobs="https://circleci.com/api/v2/workflow/$CIRCLE_WORKFLOW_ID/job"
            [ -z "\${CIRCLE_TOKEN:-}" ] || APPROVERS=$(curl -fsS -H "Circle-Token: $CIRCLE_TOKEN" "$jobs" | jq -r '.items[].approved_by // empty')
            export AWS_TOKEN="$CIRCLE_OIDC_TOKEN_V2" APPROVERS
            << parameters.run >>
`

const SCHEDULED = "{ equal: [scheduled_pipeline, << pipeline.trigger_source >>] }"

const workflow = (work: Work): string => `workflows:
  ci:
    unless: ${SCHEDULED}
    jobs:
${parts(...checks(work))}${parts(...work.targets.map((target) => release(target, work)))}`

/** A job of the workflow. */
const job = (name: string, ...keys: readonly string[]): string => {
  const settings = keys.length > 0 ? `: { ${keys.join(", ")} }` : ""
  return `      - ${name}${settings}\n`
}

/**
 * The jobs of the check. With a key for results there is one for the branch that is released, with the context that has
 * the key, and another one for changes.
 */
function checks(work: Work): readonly string[] {
  const { branch, results } = work
  const first = sharded(work) ? SHARD : CHECK
  const requires = (suffix: string) => (sharded(work) ? [`requires: [${SHARD}${suffix}]`] : [])
  if (results.length === 0) return [...(sharded(work) ? [job(SHARD)] : []), job(CHECK, ...requires(""))]
  const kinds = [
    {
      suffix: "",
      filter: `filters: { branches: { only: [${branch}] } }`,
      context: ["context: [slipway-results]"],
    },
    { suffix: "-change", filter: `filters: { branches: { ignore: [${branch}] } }`, context: [] },
  ]
  return kinds.flatMap(({ suffix, filter, context }) => [
    job(first, `name: ${first}${suffix}`, filter, ...context),
    ...(sharded(work) ? [job(CHECK, `name: ${CHECK}${suffix}`, filter, ...requires(suffix))] : []),
  ])
}

const release = (target: Target, { branch }: Work): string => {
  const { gates } = target
  const only = `filters: { branches: { only: [${branch}] } }`
  return parts(
    ...gates.map((gate) => `      - ${gate}: { type: approval, requires: [${target.after}], ${only} }\n`),
    `      - environment:
          name: ${target.name}
          run: ${deployTo(target.name)}
          requires: [${gates.length > 0 ? gates.join(", ") : target.after}]
          context: [${target.name}]
          serial-group: << pipeline.project.slug >>/${target.name}
          ${only}
`,
  )
}

const night = ({ environments }: Work): string => `  night:
    when: ${SCHEDULED}
    jobs:
${parts(
  ...environments.map(
    (name) => `      - environment: { name: watch-${name}, run: ${watch(name)}, context: [${name}] }\n`,
  ),
)}`
