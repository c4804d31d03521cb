import {
  CHECK,
  checkOf,
  checkShard,
  deployTo,
  KEY,
  MINUTES,
  marked,
  NIGHT,
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

const DEPLOY = "azure-pipelines-environment.yml"

/** Renders the pipeline. With environments, also the template of their jobs, which wait for approvals and checks. */
export const wrapper: Wrapper = (work) => ({
  "azure-pipelines.yml": marked(
    work,
    parts(
      check(work),
      ...work.targets.map((target) => release(target, work)),
      ...work.environments.map(night),
    ),
  ),
  ...(work.targets.length > 0 && { [DEPLOY]: marked(work, JOB) }),
})

const CHECKOUT = '{ checkout: self, fetchDepth: "0", persistCredentials: "false" }'

const POSITION = "$(System.JobPositionInPhase)"

const shards = (work: Work): string => `      - job: ${SHARD}
        timeoutInMinutes: "${MINUTES.check}"
        strategy: { parallel: "${work.shards}" }
        steps:
          - ${CHECKOUT}
          - bash: exec ${checkShard(POSITION, work)}
            displayName: slipway ci
${secrets(work)}          - { publish: .slipway, artifact: shard-${POSITION}-$(System.JobAttempt), condition: always() }
`

/** The check waits for all shards, whatever they come to. */
const WAIT = `        dependsOn: ${SHARD}
        condition: not(canceled())
`

const COLLECT = `          - { download: current, patterns: shard-*/** }
          - bash: mkdir -p ${SHARDS} && mv "$PIPELINE_WORKSPACE"/shard-* ${SHARDS}/
`

/** Azure fills in secrets only where a step names them. */
const secrets = ({ results, branch }: Work): string => {
  if (results.length === 0) return ""
  const line = (name: string) => `${name}: $(${name})\n`
  const lines = results.map((name) =>
    name === KEY
      ? `              \${{ if eq(variables['Build.SourceBranch'], 'refs/heads/${branch}') }}:\n                ${line(name)}`
      : `              ${line(name)}`,
  )
  return parts("            env:\n", ...lines)
}

/** An artifact's name must be unique in a run, so a red check names its artifact by the attempt. */
const check = (work: Work): string => `trigger: [${work.branch}]
pr: { branches: { include: ["*"] }, autoCancel: "true" }
${work.targets.length > 0 ? schedule(work) : ""}pool: { vmImage: ubuntu-latest }
stages:
  - stage: ${CHECK}
    condition: ne(variables['Build.Reason'], 'Schedule')
    jobs:
${parts(sharded(work) && shards(work))}      - job: ${CHECK}
${parts(sharded(work) && WAIT)}        timeoutInMinutes: "${MINUTES.check}"
        steps:
          - ${CHECKOUT}
${parts(sharded(work) && COLLECT)}          - bash: exec ${checkOf(work)}
            displayName: slipway ci
${parts(!sharded(work) && secrets(work))}          - bash: |
              cat .slipway/annotations.txt || true
              echo "##vso[task.uploadsummary]$PWD/.slipway/summary.md"
            condition: always()
          - task: PublishTestResults@2
            condition: always()
            inputs: { testResultsFormat: JUnit, testResultsFiles: .slipway/junit.xml }
          - publish: .slipway/findings.sarif
            artifact: CodeAnalysisLogs
            condition: always()
            continueOnError: "true"
          - { publish: .slipway, artifact: slipway, condition: succeeded() }
          - { publish: .slipway, artifact: slipway-red-$(System.JobAttempt), condition: not(succeeded()) }
${work.notifies ? notifications(work) : ""}`

const schedule = ({ branch }: Work): string =>
  `schedules: [{ cron: "${NIGHT}", displayName: night, always: "true", branches: { include: [${branch}] } }]\n`

/** A separate job that is always green: Azure saves no cache of a red job. The artifact of a green check sorts after the red ones. */
const notifications = (work: Work): string => `      - job: notify
        dependsOn: ${CHECK}
        condition: and(always(), eq(variables['Build.SourceBranch'], 'refs/heads/${work.branch}'))
        steps:
          - ${CHECKOUT}
          - { download: current, patterns: slipway*/result.json }
          - task: Cache@2
            inputs: { key: '"notified" | "$(Build.BuildId)" | "$(System.JobAttempt)"', restoreKeys: '"notified"', path: $(Pipeline.Workspace)/notified }
          - bash: |
              mkdir -p .slipway && cp "$(printf '%s\\n' "$PIPELINE_WORKSPACE"/slipway*/result.json | LC_ALL=C sort -V | tail -n 1)" .slipway/
              ${notify(work)} --state "$PIPELINE_WORKSPACE/notified/state.json" || echo "##vso[task.logissue type=warning]nobody was notified"
            env: { NOTIFICATIONS: $(NOTIFICATIONS) }
`

/** Names of stages have no hyphens. */
const stage = (name: string): string => name.replaceAll("-", "_")

const release = ({ name, after }: Target, { branch }: Work): string => `  - stage: ${stage(name)}
    dependsOn: ${stage(after)}
    condition: and(succeeded(), eq(variables['Build.SourceBranch'], 'refs/heads/${branch}'))
    lockBehavior: sequential
    jobs:
      - { template: ${DEPLOY}, parameters: { environment: ${name}, evidence: true, run: ${deployTo(name)} } }
`

const night = (name: string): string => `  - stage: watch_${stage(name)}
    dependsOn: []
    condition: eq(variables['Build.Reason'], 'Schedule')
    jobs:
      - { template: ${DEPLOY}, parameters: { environment: ${name}, evidence: false, run: ${watch(name)} } }
`

/** The approvers are those of the environment's approvals. Azure sets the audience of the token itself. */
const JOB = `parameters:
  - { name: environment, type: string }
  - { name: evidence, type: boolean }
  - { name: run, type: string }
jobs:
  - deployment: run
    timeoutInMinutes: "${MINUTES.deploy}"
    environment: \${{ parameters.environment }}
    strategy:
      runOnce:
        deploy:
          steps:
            - ${CHECKOUT}
            - \${{ if parameters.evidence }}:
                - { download: current, artifact: slipway }
                - bash: mv "$PIPELINE_WORKSPACE/slipway" .slipway
            - bash: |
                ask() { curl -fsS -H "Authorization: Bearer $SYSTEM_ACCESSTOKEN" "$@"; }
                site=$SYSTEM_COLLECTIONURI$SYSTEM_TEAMPROJECTID/_apis
                AWS_TOKEN=$(ask -X POST -H "Content-Length: 0" "$SYSTEM_OIDCREQUESTURI?api-version=7.1" | jq -r .oidcToken)
                gates=$(ask "$site/build/builds/$BUILD_BUILDID/timeline?api-version=7.1" | jq -r '.records[] | select(.type == "Checkpoint.Approval").id')
                APPROVERS=$(for gate in $gates; do ask "$site/pipelines/approvals/$gate?\\$expand=steps&api-version=7.1" | jq -r '.steps[] | select(.status == "approved").actualApprover.uniqueName'; done)
                export AWS_TOKEN APPROVERS
                exec \${{ parameters.run }}
              env:
                SYSTEM_ACCESSTOKEN: $(System.AccessToken)
                NOTIFICATIONS: $(NOTIFICATIONS)
                SIGNING_KEY: $(SIGNING_KEY)
                SIGNING_PASSWORD: $(SIGNING_PASSWORD)
`
