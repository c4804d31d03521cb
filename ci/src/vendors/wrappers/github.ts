import {
  AUDIENCE,
  CHECK,
  checkOf,
  checkShard,
  DAYS,
  deployTo,
  KEY,
  MINUTES,
  marked,
  NIGHT,
  NOTIFIED,
  notify,
  numbers,
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

/** By commit: a tag can be moved. The commits are those of the tags in the actions' own repositories. */
const ACTIONS = {
  checkout: "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
  upload: "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
  download: "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
  restore: "actions/cache/restore@27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5",
  save: "actions/cache/save@27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5",
  sarif: "github/codeql-action/upload-sarif@8aad20d150bbac5944a9f9d289da16a4b0d87c1e # v4.36.2",
} as const

/** Renders the workflows: the check, its notifications, and with environments their deployment and the scans of the night. */
export const wrapper: Wrapper = (work) => ({
  ".github/workflows/ci.yml": marked(
    work,
    parts(check(work), work.notifies && NOTIFIES, ...work.targets.map(release)),
  ),
  ...(work.notifies && { ".github/workflows/notify.yml": marked(work, notifications(work)) }),
  ...(work.targets.length > 0 && {
    ".github/workflows/deploy.yml": marked(work, DEPLOY),
    ".github/workflows/night.yml": marked(work, night(work)),
  }),
})

const CHECKOUT = `- uses: ${ACTIONS.checkout}
        with: { persist-credentials: false, fetch-depth: 0 }`

/** A token of a fork's change cannot write findings. */
const MAY_WRITE = "github.event.pull_request.head.repo.fork != true"

/** A push is one of the branch that is released. */
const secrets = ({ results }: Work): string => {
  const value = (name: string) =>
    name === KEY ? `github.event_name == 'push' && secrets.${name} || ''` : `secrets.${name}`
  const all = results.map((name) => `          ${name}: \${{ ${value(name)} }}\n`)
  return all.length === 0 ? "" : parts("        env:\n", ...all)
}

const NUMBER = `\${{ matrix.shard }}`

const shards = (work: Work): string => `  ${SHARD}:
    runs-on: ubuntu-latest
    timeout-minutes: ${MINUTES.check}
    strategy: { fail-fast: false, matrix: { shard: [${numbers(work).join(", ")}] } }
    steps:
      ${CHECKOUT}
      - run: exec ${checkShard(NUMBER, work)}
${secrets(work)}      - if: always()
        uses: ${ACTIONS.upload}
        with: { name: "slipway-shard-${NUMBER}", path: .slipway, include-hidden-files: true, overwrite: true, retention-days: 1 }
`

/** The check waits for all shards, whatever they come to. */
const WAIT = `    needs: ${SHARD}
    if: \${{ !cancelled() }}
`

const COLLECT = `- uses: ${ACTIONS.download}
        with: { pattern: slipway-shard-*, path: ${SHARDS} }
      `

const check = (work: Work): string => `name: ci
on:
  push: { branches: [${work.branch}] }
  pull_request:
  merge_group:
permissions: { contents: read }
concurrency:
  group: ci-\${{ github.event_name == 'pull_request' && github.ref || github.run_id }}
  cancel-in-progress: true
jobs:
${parts(sharded(work) && shards(work))}  ${CHECK}:
${parts(sharded(work) && WAIT)}    runs-on: ubuntu-latest
    timeout-minutes: ${MINUTES.check}
    permissions: { contents: read, actions: read, security-events: write }
    steps:
      ${CHECKOUT}
      ${parts(sharded(work) && COLLECT)}- run: exec ${checkOf(work)}
${parts(!sharded(work) && secrets(work))}      - if: always()
        run: |
          cat .slipway/annotations.txt || true
          head -c ${SUMMARY} .slipway/summary.md >>"$GITHUB_STEP_SUMMARY" || true
      - if: always() && ${MAY_WRITE} && hashFiles('.slipway/findings.sarif') != ''
        continue-on-error: true
        uses: ${ACTIONS.sarif}
        with: { sarif_file: .slipway/findings.sarif }
      - if: always()
        uses: ${ACTIONS.upload}
        with: { name: slipway, path: ${evidence(work)}, include-hidden-files: true, overwrite: true, retention-days: ${DAYS} }
`

const NOTIFIES = `  notify:
    needs: ${CHECK}
    if: \${{ !cancelled() && github.event_name == 'push' }}
    uses: ./.github/workflows/notify.yml
    secrets: inherit
`

/** A cache cannot be changed, so each run has one, and the newest counts. */
const notifications = (work: Work): string => `name: notify
on: { workflow_call: }
permissions: { contents: read }
jobs:
  notify:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      ${CHECKOUT}
      - uses: ${ACTIONS.download}
        with: { name: slipway, path: .slipway }
      - uses: ${ACTIONS.restore}
        with: { path: ${NOTIFIED}, key: "notified-\${{ github.run_id }}", restore-keys: notified- }
      - env: { NOTIFICATIONS: "\${{ secrets.NOTIFICATIONS }}" }
        run: exec ${notify(work)}
      - if: always()
        uses: ${ACTIONS.save}
        with: { path: ${NOTIFIED}, key: "notified-\${{ github.run_id }}-\${{ github.run_attempt }}" }
`

/** What is uploaded: the shards have artifacts of their own. */
const evidence = (work: Work): string => (sharded(work) ? `".slipway\\n!${SHARDS}"` : ".slipway")

const release = (target: Target): string => `  ${target.name}:
    needs: ${target.after}
    if: github.event_name == 'push'
    permissions: { contents: read, actions: read, id-token: write }
    uses: ./.github/workflows/deploy.yml
    with: { environment: ${target.name}, approvals: '${JSON.stringify(target.gates)}' }
    secrets: inherit
`

const TOKEN = `AWS_TOKEN=$(curl -fsS -H "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=${AUDIENCE}" | jq -r .value)
          echo "::add-mask::$AWS_TOKEN"`

const DEPLOY = `name: deploy
on:
  workflow_call:
    inputs:
      environment: { type: string, required: true }
      approvals: { type: string, required: true }
permissions: { contents: read }
jobs:
  approval:
    if: inputs.approvals != '[]'
    strategy: { matrix: { gate: "\${{ fromJSON(inputs.approvals) }}" } }
    runs-on: ubuntu-latest
    timeout-minutes: 5
    environment: \${{ matrix.gate }}
    steps: [{ run: echo approved }]
  deploy:
    needs: approval
    if: \${{ !failure() && !cancelled() }}
    runs-on: ubuntu-latest
    timeout-minutes: ${MINUTES.deploy}
    environment: \${{ inputs.environment }}
    concurrency: { group: "deploy-\${{ inputs.environment }}" }
    permissions: { contents: read, actions: read, id-token: write }
    steps:
      ${CHECKOUT}
      - uses: ${ACTIONS.download}
        with: { name: slipway, path: .slipway }
      - env:
          ENVIRONMENT: \${{ inputs.environment }}
          GATES: \${{ inputs.approvals }}
          GH_TOKEN: \${{ github.token }}
          APPROVAL_TOKEN: \${{ github.token }}
          NOTIFICATIONS: \${{ secrets.NOTIFICATIONS }}
          SIGNING_KEY: \${{ secrets.SIGNING_KEY }}
          SIGNING_PASSWORD: \${{ secrets.SIGNING_PASSWORD }}
        run: |
          ${TOKEN}
          APPROVERS=$(gh api "repos/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID/approvals" --jq '.[] | select(.state == "approved") | select(any(.environments[].name; IN(env.GATES | fromjson | .[]))).user.login')
          export AWS_TOKEN APPROVERS
          exec ${deployTo('"$ENVIRONMENT"')}
`

const night = ({ environments }: Work): string => `name: night
on:
  schedule: [{ cron: "${NIGHT}" }]
  workflow_dispatch:
permissions: { contents: read }
jobs:
  watch:
    strategy: { fail-fast: false, matrix: { environment: [${environments.join(", ")}] } }
    runs-on: ubuntu-latest
    timeout-minutes: ${MINUTES.check}
    environment: \${{ matrix.environment }}
    permissions: { contents: read, id-token: write }
    steps:
      ${CHECKOUT}
      - env: { ENVIRONMENT: "\${{ matrix.environment }}" }
        run: |
          ${TOKEN}
          export AWS_TOKEN
          exec ${watch('"$ENVIRONMENT"')}
`
