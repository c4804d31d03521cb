import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { createServer } from "node:http"
import * as path from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { RunRecord } from "../../ci/src/run/result.js"
import { render } from "../../cli/wrappers/work.js"
import { commitAll, MEDFLOW, MODULE, temporary, write } from "../engine/support.js"
import { PIN } from "../engine/vendor-apps.js"
import { run as recordOf } from "../unit/metrics/history.js"
import { stage } from "../unit/report/builders.js"
import { ended, fromGo, gitlabCiLocal, run, tools } from "./wrappers/tools.js"

/**
 * The written files from the check to production: the vendor's own lines fetch tokens, read approvals and pass files on.
 * Slipway's checks and deployments are recorded calls; what it says of people, `approvals` and `notify`, is real.
 */
const REQUEST_TOKEN = "token-of-the-request"
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
const IDENTITY = `${part({ alg: "RS256" })}.${part({ sub: "repo:team/app" })}.c2lnbmF0dXJl`

/** What GitHub's API says of the run: who approved, and who did not. */
const APPROVALS = [
  { state: "approved", user: { login: "ada" }, environments: [{ name: "production-approval-1" }] },
  { state: "rejected", user: { login: "eve" }, environments: [{ name: "production-approval-2" }] },
  { state: "approved", user: { login: "bob" }, environments: [{ name: "production-approval-2" }] },
  { state: "approved", user: { login: "cleo" }, environments: [{ name: "staging-approval-1" }] },
]

/** Headlines that reached the channel. */
let told: string[] = []

/** The token's endpoint, the API of approvals, and the channel. */
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://local")
    const bearer = request.headers.authorization?.replace(/^bearer /i, "")
    const answers: Readonly<Record<string, () => unknown>> = {
      "/token": () =>
        bearer === REQUEST_TOKEN &&
        searchParams.get("audience") === "sts.amazonaws.com" && { value: IDENTITY },
      "/repos/team/app/actions/runs/1/approvals": () => APPROVALS,
      "/team": () => told.push(JSON.parse(Buffer.concat(chunks).toString()).headline),
    }
    const answer = answers[pathname]?.()
    response.writeHead(answer ? 200 : 401).end(JSON.stringify(answer ?? null))
  })
})

let url = ""
const bin = temporary("bin")
const calls = path.join(bin, "calls")
const checked = path.join(bin, "result.json")

/** Stands for `.ci/slipway`: writes down its calls, with the token that they have. */
const SLIPWAY = `#!/bin/sh
case $1 in notify | approvals) exec ${MODULE}/slipway "$@" ;; esac
printf '%s|%s\\n' "$*" "\${AWS_TOKEN:-}" >>${calls}
case $* in
ci) mkdir -p .slipway && cp ${checked} .slipway/result.json && echo '# shown' >.slipway/summary.md
	grep -q '"verdict":"passed"' .slipway/result.json ;;
image\\ push*) echo registry.example.org/backend@sha256:1 ;;
deploy* | promote*)
	while [ "$1" != --approvals ]; do shift; done
	jq -r '"approved by \\(map(.by) | join(" "))"' "$2" >>${calls} ;;
esac
`

/** What a runner has: the AWS CLI, and GitHub's, which asks the local server. */
const programs = () => ({
  aws: "#!/bin/sh\necho password\n",
  gh: `#!/bin/sh\ncurl -fsS "${url}/$2" | jq -r "$4"\n`,
})

const record = (day: number, verdict: RunRecord["verdict"], vendor: string) =>
  fs.writeFileSync(
    checked,
    JSON.stringify(recordOf(day, verdict, { vendor, stages: [stage("test:unit", { verdict })] })),
  )

/** An app with the example's environments and a channel, and the files of a vendor. */
function appOf(vendor: string): string {
  const folder = temporary(vendor)
  const settings = fs.readFileSync(path.join(MEDFLOW, "slipway.yaml"), "utf8")
  write(folder, { "slipway.yaml": `${settings}notifications: [{ kind: webhook, name: team }]\n` })
  write(folder, render(folder, { vendor, deploy: true, branch: "main", shards: 1 }, PIN))
  write(folder, { ".ci/slipway": SLIPWAY })
  const git = (...words: readonly string[]) => execFileSync("git", ["-C", folder, ...words])
  git("init", "--quiet", "--initial-branch=main")
  git("remote", "add", "origin", "https://github.com/team/app.git")
  commitAll(folder)
  return folder
}

/** What was called, each in its first words, and who approved. */
const called = () =>
  (fs.existsSync(calls) ? fs.readFileSync(calls, "utf8").trim().split("\n") : []).map(
    (line) =>
      /^(ci|image \w+|approved by.*|\w+ \. (?:--images|--from) \S+(?: --env \w+)?)/.exec(line)?.[0] ?? line,
  )

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
  write(bin, programs())
  for (const name of Object.keys(programs())) fs.chmodSync(path.join(bin, name), 0o755)
  await fromGo("act")
  await gitlabCiLocal()
})
afterAll(() => server.close())
beforeEach(() => {
  told = []
  fs.rmSync(calls, { force: true })
})

const PATH = () => `${bin}:${tools}:${process.env.PATH}`
const CHANNEL = () => JSON.stringify({ team: `${url}/team` })

/** The whole way, as `.ci/environment` calls it. */
const wayOf = (staging: string, production: string) => [
  "ci",
  "image push",
  "image sign",
  "deploy . --images registry.example.org/backend@sha256:1 --env staging",
  `approved by ${staging}`,
  "promote . --from staging --env production",
  `approved by ${production}`,
]

describe("GitHub's workflow under act", () => {
  const app = appOf("github")
  const kept = temporary("kept")
  const actions = temporary("actions")
  /** Stands for an action: copies from one place to another. */
  const action = (from: string, to: string) =>
    `name: stand-in\ninputs: { path: {}, sarif_file: {}, name: {}, key: {} }\nruns:\n  using: composite\n  steps: [{ shell: bash, run: 'mkdir -p "$(dirname ${to})" && { cp -r ${from} ${to} || true; }' }]\n`
  const input = `"\${{ inputs.path }}"`
  write(actions, {
    "upload/action.yml": action(`${input}/.`, `${kept}/slipway`),
    "download/action.yml": action(`${kept}/slipway/.`, input),
    "cache/restore/action.yml": action(`${kept}/notified`, input),
    "cache/save/action.yml": action(input, `${kept}/notified`),
    "codeql/upload-sarif/action.yml": action("/dev/null", `${kept}/none`),
  })
  const texts = fs
    .readdirSync(path.join(app, ".github/workflows"))
    .map((file) => fs.readFileSync(path.join(app, ".github/workflows", file), "utf8"))
    .join("")
  const local = (name: string, folder: string) => {
    const commit = new RegExp(`uses: ${name}(?:/[\\w-]+)?@(\\w+)`).exec(texts)?.[1]
    return ["--local-repository", `${name}@${commit}=${actions}/${folder}`]
  }
  const push = () => {
    fs.mkdirSync(path.join(kept, "slipway"), { recursive: true })
    const words = [
      ...["push", "-P", "ubuntu-latest=-self-hosted"],
      ...["--env", `ACTIONS_ID_TOKEN_REQUEST_URL=${url}/token?api-version=2`],
      ...["--env", `ACTIONS_ID_TOKEN_REQUEST_TOKEN=${REQUEST_TOKEN}`, "--env", `PATH=${PATH()}`],
      ...["-s", `NOTIFICATIONS=${CHANNEL()}`, "-s", "SIGNING_KEY=key", "-s", "SIGNING_PASSWORD=word"],
      ...local("actions/upload-artifact", "upload"),
      ...local("actions/download-artifact", "download"),
      ...local("actions/cache", "cache"),
      ...local("github/codeql-action", "codeql"),
    ]
    return ended(path.join(tools, "act"), words, app, { PATH: PATH() })
  }

  test("deploys nothing after a red check, and people are told", async () => {
    record(1, "failed", "github")
    const { code, output } = await push()
    expect(code, output).toBe(1)
    expect(called(), output).toEqual(["ci"])
    expect(told, output).toEqual(["failed: medflow main: 1 new cause"])
  })

  test("takes a green check to production, by the job's identity and with both approvals", async () => {
    record(2, "passed", "github")
    const { code, output } = await push()
    expect(code, output).toBe(0)
    expect(called(), output).toEqual(wayOf("cleo", "ada bob"))
    const lines = fs.readFileSync(calls, "utf8").split("\n")
    for (const line of lines.filter((one) => /^(image|deploy|promote)/.test(one)))
      expect(line).toContain(`|${IDENTITY}`)
    expect(output).not.toContain(IDENTITY)
    expect(told).toEqual([expect.stringContaining("fixed: medflow main is green again")])
  })
})

describe("GitLab's pipeline under gitlab-ci-local", () => {
  const app = appOf("gitlab")
  write(app, {
    // It has no Docker for services, and its after_script empties the folder of an isolated job.
    ".gitlab-ci-local.yml": "default: { services: [] }\ncheck: { after_script: [] }\n",
    ".git/info/exclude": ".gitlab-ci-local*\n",
  })
  const pipeline = () =>
    ended(
      path.join(tools, "node_modules/.bin/gitlab-ci-local"),
      [
        ...["--force-shell-executor", "--shell-isolation=true", "--variable", "GITLAB_CI=true"],
        ...["--variable", `NOTIFICATIONS=${CHANNEL()}`, "--variable", `AWS_TOKEN=${IDENTITY}`],
        ...["--manual", "production-approval-1", "--manual", "production-approval-2"],
      ],
      app,
      { PATH: PATH() },
    )

  test("deploys nothing after a red check, and people are told", async () => {
    record(1, "failed", "gitlab")
    const { code, output } = await pipeline()
    expect(code, output).not.toBe(0)
    expect(called(), output).toEqual(["ci"])
    expect(told, output).toEqual(["failed: medflow main: 1 new cause"])
  })

  test("takes a green check to production, with both approvals", async () => {
    record(2, "passed", "gitlab")
    const { code, output } = await pipeline()
    expect(code, output).toBe(0)
    const user = (await run("git", ["-C", app, "config", "user.email"])).trim().replace(/@.*/, "")
    expect(called(), output).toEqual(wayOf("", user))
    expect(told).toEqual([expect.stringContaining("fixed: medflow main is green again")])
  })
})
