import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { createServer } from "node:http"
import * as path from "node:path"
import { afterAll, beforeAll, beforeEach } from "vitest"
import type { RunRecord } from "../../../ci/src/run/result.js"
import { render } from "../../../cli/wrappers/work.js"
import { listen } from "../../engine/network.js"
import { PASSWORD } from "../../engine/registry.js"
import { commitAll, MEDFLOW, MODULE, temporary, write } from "../../engine/support.js"
import { PIN } from "../../engine/vendor-apps.js"
import { run as recordOf } from "../../unit/metrics/history.js"
import { stage } from "../../unit/report/builders.js"
import { tools } from "./tools.js"

export const REQUEST_TOKEN = "token-of-the-request"
/** What the deployer asks a vendor's API with. */
export const APPROVAL_TOKEN = "token-of-approvals"
/** The repository that runs are of, and the run that GitHub and GitLab know. */
export const RUN = { repository: "team/app", number: "1" } as const
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
/** The identity token that every vendor gives. */
export const IDENTITY = `${part({ alg: "RS256" })}.${part({ sub: "repo:team/app" })}.c2lnbmF0dXJl`

/** What GitHub's API says of the run: who approved, and who did not. */
const APPROVALS = [
  { state: "approved", user: { login: "ada" }, environments: [{ name: "production-approval-1" }] },
  { state: "rejected", user: { login: "eve" }, environments: [{ name: "production-approval-2" }] },
  { state: "approved", user: { login: "bob" }, environments: [{ name: "production-approval-2" }] },
  { state: "approved", user: { login: "cleo" }, environments: [{ name: "staging-approval-1" }] },
]

/** The same in GitLab's words. */
const JOBS = ["ada", "bob"].map((username, index) => ({
  name: `production-approval-${index + 1}`,
  status: "success",
  started_at: new Date().toISOString(),
  user: { username },
  web_url: "https://gitlab.example.org/team/app/-/jobs/1",
}))

/** The commit of the run that GitHub and GitLab know. */
const head = { commit: "" }

/** Sets the commit of the run. */
export const runs = (commit: string): void => {
  head.commit = commit
}

/** What Azure and CircleCI say of the people who approved. */
const AZURE = {
  timeline: {
    records: [
      { type: "Checkpoint.Approval", id: "gate" },
      { type: "Job", id: "job" },
    ],
  },
  gate: {
    steps: [
      { status: "approved", actualApprover: { uniqueName: "ada" } },
      { status: "rejected", actualApprover: { uniqueName: "eve" } },
      { status: "approved", actualApprover: { uniqueName: "bob" } },
    ],
  },
}
const CIRCLE = { items: [{ name: "check" }, { approved_by: "ada" }, { approved_by: "bob" }] }

/** Headlines that reached the channel, and outcomes of deployments. */
const told: string[] = []

/** What the local server answers to whom: tokens, approvals, and the channel. Anything else is refused. */
const ANSWERS: Readonly<Record<string, (query: URLSearchParams, body: string) => unknown>> = {
  [`GET /token bearer ${REQUEST_TOKEN}`]: (query) =>
    query.get("audience") === "sts.amazonaws.com" && { value: IDENTITY },
  "GET /repos/team/app/actions/runs/1/approvals": () => APPROVALS,
  [`GET /repos/team/app/actions/runs/1/approvals Bearer ${APPROVAL_TOKEN}`]: () => APPROVALS,
  [`GET /repos/team/app/actions/runs/1 Bearer ${APPROVAL_TOKEN}`]: () => ({
    head_sha: head.commit,
    run_started_at: new Date().toISOString(),
    html_url: "https://github.example.org/team/app/actions/runs/1",
    actor: { login: "dan" },
  }),
  [`GET /projects/team%2Fapp/pipelines/1 Bearer ${APPROVAL_TOKEN}`]: () => ({
    sha: head.commit,
    user: { username: "dan" },
    web_url: "https://gitlab.example.org/team/app/-/pipelines/1",
  }),
  [`GET /projects/team%2Fapp/pipelines/1/jobs Bearer ${APPROVAL_TOKEN}`]: () => JOBS,
  [`GET /projects/team%2Fapp/deployments Bearer ${APPROVAL_TOKEN}`]: () => [],
  [`POST /oidc Bearer ${REQUEST_TOKEN}`]: () => ({ oidcToken: IDENTITY }),
  [`GET /project/_apis/build/builds/1/timeline Bearer ${REQUEST_TOKEN}`]: () => AZURE.timeline,
  [`GET /project/_apis/pipelines/approvals/gate Bearer ${REQUEST_TOKEN}`]: (query) =>
    query.get("$expand") === "steps" && AZURE.gate,
  [`GET /api/v2/workflow/12/job ${REQUEST_TOKEN}`]: () => CIRCLE,
  "POST /team": (_, body) => {
    const { headline, outcome, environment } = JSON.parse(body)
    return told.push(headline ?? `${outcome}: ${environment}`)
  },
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://local")
    const secret = request.headers.authorization ?? request.headers["circle-token"] ?? ""
    const answer = ANSWERS[`${request.method} ${pathname} ${secret}`.trim()]?.(
      searchParams,
      Buffer.concat(chunks).toString(),
    )
    response.writeHead(answer ? 200 : 401).end(JSON.stringify(answer ?? null))
  })
})

let url = ""
const bin = temporary("bin")
/** The file of the calls that were recorded. */
export const calls = path.join(bin, "calls")
/** The record of the last check. */
export const checked = path.join(bin, "result.json")

/** Stands for `.ci/slipway`: writes down its calls, with the token that they have. */
const SLIPWAY = `#!/bin/sh
case $1 in notify | approvals) exec ${MODULE}/slipway "$@" ;; esac
printf '%s|%s\\n' "$*" "\${AWS_TOKEN:-}" >>${calls}
case $* in
merge*) echo "$(find .slipway/shards -name result.json | wc -l) shards" >>${calls} ;;
esac
case $* in
ci* | merge*) mkdir -p .slipway && cp ${checked} .slipway/result.json && echo '# shown' >.slipway/summary.md
	grep -q '"verdict":"passed"' .slipway/result.json ;;
image\\ push*) echo registry.example.org/backend@sha256:1 ;;
deploy* | promote*)
	while [ "$1" != --approvals ]; do shift; done
	jq -r '"approved by \\(map(.by) | join(" "))"' "$2" >>${calls} ;;
esac
`

/** The AWS CLI: logs in, assumes a role, copies files, and names who approved in a CodePipeline. */
const AWS = `#!/bin/sh
case "$1 $2" in
"s3 cp") cp "$3" "$4" ;;
"sts assume-role") echo key secret session ;;
"codepipeline list-action-executions") printf 'ada\\tbob\\n' ;;
*) echo ${PASSWORD} ;;
esac
`

/** Buildkite's agent: tokens, names of those who unblocked a step, and the artifacts of the check. */
const AGENT = `#!/bin/sh
case "$1 $2 $3" in
"oidc request-token --audience") [ "$4" = sts.amazonaws.com ] && echo ${IDENTITY} ;;
"meta-data get production-approval-1") echo ada ;;
"meta-data get production-approval-2") echo bob ;;
"artifact download "*) mkdir -p .slipway && cp ${checked} .slipway/result.json ;;
*) exit 1 ;;
esac
`

/** What a runner has, without Docker. GitHub's command and requests to CircleCI go to the local server. */
const programs = () => ({
  docker: "#!/bin/sh\nexit 1\n",
  aws: AWS,
  curl: `#!/bin/bash\nexec /usr/bin/curl "\${@/https:\\/\\/circleci.com/${url}}"\n`,
  "buildkite-agent": AGENT,
  gh: `#!/bin/sh\ncurl -fsS "${url}/$2" | jq -r "$4"\n`,
})

/** Sets what the next check finds. */
export const record = (day: number, verdict: RunRecord["verdict"], vendor: string) =>
  fs.writeFileSync(
    checked,
    JSON.stringify(recordOf(day, verdict, { vendor, stages: [stage("test:unit", { verdict })] })),
  )

/** An app with the example's environments and a channel, and the files of a vendor. @param shards how many machines share the check. */
export function appOf(vendor: string, shards = 1): string {
  const folder = temporary(vendor)
  const settings = fs.readFileSync(path.join(MEDFLOW, "slipway.yaml"), "utf8")
  const required = settings.replaceAll("phase: expand", "phase: expand\n      compatible: required")
  write(folder, { "slipway.yaml": `${required}notifications: [{ kind: webhook, name: team }]\n` })
  write(folder, render(folder, { vendor, deploy: true, branch: "main", shards }, PIN))
  write(folder, { ".ci/slipway": SLIPWAY })
  const git = (...words: readonly string[]) => execFileSync("git", ["-C", folder, ...words])
  git("init", "--quiet", "--initial-branch=main")
  git("remote", "add", "origin", "https://github.com/team/app.git")
  commitAll(folder)
  return folder
}

/** What was called, each in its first words, and who approved. */
export const called = () =>
  (fs.existsSync(calls) ? fs.readFileSync(calls, "utf8").trim().split("\n") : []).map(
    (line) =>
      /^(ci|merge|image \w+|approved by.*|\w+ \. (?:--images|--from) \S+(?: --env \w+)?)/.exec(line)?.[0] ??
      line,
  )

/** Returns what reached the channel since the last call. */
export const headlines = (): readonly string[] => told.splice(0)

beforeAll(async () => {
  url = await listen(server)
  const all = programs()
  write(bin, all)
  for (const name of Object.keys(all)) fs.chmodSync(path.join(bin, name), 0o755)
})
afterAll(() => server.close())
beforeEach(() => {
  headlines()
  fs.rmSync(calls, { force: true })
})

/** The address of the local server. */
export const address = (): string => url

/** Variables of every runner: where its programs are, and the secret of the channel. */
export const runner = () => ({
  PATH: `${bin}:${tools}:${process.env.PATH}`,
  NOTIFICATIONS: JSON.stringify({ team: `${url}/team` }),
})
