import {
  CHECK,
  checkOf,
  checkShardGreen,
  collect,
  deployTo,
  KEY,
  MINUTES,
  marked,
  NOTIFIED,
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

/** Renders the Jenkinsfile of a multibranch pipeline. A job without a branch's name, as a plain pipeline's, only checks. */
export const wrapper: Wrapper = (work) => ({ Jenkinsfile: marked(work, jenkinsfile(work), "//") })

const SCHEDULED = "triggeredBy 'TimerTrigger'"

const unscheduled = ({ targets }: Work): string =>
  targets.length > 0 ? `      when { not { ${SCHEDULED} } }\n` : ""

/** A red shard is a green stage: the stages after a red one do not run, and the check has the verdict of all. */
const shards = (work: Work): string => `    stage('${SHARD}') {
${unscheduled(work)}      matrix {
        agent { label 'linux' }
        axes { axis { name 'SHARD'; values ${numbers(work)
          .map((number) => `'${number}'`)
          .join(", ")} } }
        stages {
          stage('share') {
            options { timeout(time: ${MINUTES.check}, unit: 'MINUTES') }
            steps {
              ${withSecrets(work, checkShardGreen("$SHARD", work))}
              sh '${collect("$SHARD")}'
              stash name: "shard-\${SHARD}", includes: '${SHARDS}/**'
            }
          }
        }
      }
    }
`

/** A workspace may have the shards of an earlier build. */
const collected = (work: Work): string =>
  parts(
    `        sh 'rm -rf ${SHARDS}'\n`,
    ...numbers(work).map((number) => `        unstash 'shard-${number}'\n`),
  )

/** A newer push replaces the check of a change; a deployment is never aborted for one. */
const jenkinsfile = (
  work: Work,
): string => `properties([disableConcurrentBuilds(abortPrevious: env.CHANGE_ID != null)])
pipeline {
  agent none
${work.targets.length > 0 ? `  triggers { cron(env.BRANCH_NAME == '${work.branch}' ? 'H 3 * * *' : '') }\n` : ""}  stages {
${parts(sharded(work) && shards(work))}    stage('${CHECK}') {
      agent { label 'linux' }
      options { timeout(time: ${MINUTES.check}, unit: 'MINUTES') }
${unscheduled(work)}      steps {
${parts(sharded(work) && collected(work))}        ${sharded(work) ? `sh '${checkOf(work)}'` : withSecrets(work, checkOf(work))}
      }
      post {
        always {
${work.notifies ? notifications(work) : ""}          junit allowEmptyResults: true, testResults: '.slipway/junit.xml'
          archiveArtifacts allowEmptyArchive: true, artifacts: '.slipway/**', excludes: '.slipway/previous/**'
          recordIssues tools: [sarif(id: 'slipway', name: 'Slipway', pattern: '.slipway/findings.sarif')]
        }
        success { stash name: 'evidence', includes: '.slipway/**' }
      }
    }
${parts(...work.targets.map((target) => release(target, work)), ...work.environments.map(night))}  }
}
`

const credentials = (...names: readonly (readonly [id: string, variable: string])[]): string =>
  names.map(([id, variable]) => `string(credentialsId: '${id}', variable: '${variable}')`).join(", ")

/** Runs a command with the secrets of the store of results: the key on the branch that is released alone. */
const withSecrets = ({ results, branch }: Work, command: string): string => {
  if (results.length === 0) return `sh '${command}'`
  const all = results.map((name) => [name.toLowerCase().replaceAll("_", "-"), name] as const)
  const readers = all.filter(([, name]) => name !== KEY)
  return `script { withCredentials(env.BRANCH_NAME == '${branch}' ? [${credentials(...all)}] : [${credentials(...readers)}]) { sh '${command}' } }`
}

/** The newest build that kept evidence has what people were told, red or green. It does not change how the check ends. */
const notifications = (work: Work): string => `          script {
            if (env.BRANCH_NAME == '${work.branch}') {
              copyArtifacts projectName: env.JOB_NAME, selector: lastWithArtifacts(), filter: '${NOTIFIED}', optional: true
              withCredentials([${credentials(["notifications", "NOTIFICATIONS"])}]) { sh script: '${notify(work)}', returnStatus: true }
            }
          }
`

const inputsOf = ({ name, gates }: Target): string =>
  gates
    .map((_, index) => `Deploy to ${name}? (${index + 1} of ${gates.length})`)
    .map((message) => `input(message: '${message}', submitterParameter: 'by')`)
    .join(", ")

/** The token is a credential of the plugin OpenID Connect Provider. The input steps name the approvers. */
const release = (target: Target, { branch }: Work): string => `    stage('${target.name}') {
      when { branch '${branch}'; not { ${SCHEDULED} } }
      steps {
        script {
          def people = [${inputsOf(target)}]
          node('linux') {
            timeout(time: ${MINUTES.deploy}, unit: 'MINUTES') {
              checkout scm
              unstash 'evidence'
              withCredentials([${credentials(["aws-oidc", "AWS_TOKEN"], ...(target.after === CHECK ? SIGNING : []))}]) {
                withEnv(["APPROVERS=\${people.join(' ')}"]) { sh '${deployTo(target.name)}' }
              }
            }
          }
        }
      }
    }
`

const SIGNING = [
  ["signing-key", "SIGNING_KEY"],
  ["signing-password", "SIGNING_PASSWORD"],
] as const

const night = (name: string): string => `    stage('watch ${name}') {
      agent { label 'linux' }
      when { ${SCHEDULED} }
      steps { withCredentials([${credentials(["aws-oidc", "AWS_TOKEN"])}]) { sh '${watch(name)}' } }
    }
`
