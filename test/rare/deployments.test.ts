import * as fs from "node:fs"
import * as path from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { temporary, write } from "../engine/support.js"
import {
  address,
  appOf,
  called,
  calls,
  headlines,
  IDENTITY,
  REQUEST_TOKEN,
  record,
  runner,
} from "./wrappers/bench.js"
import { shells } from "./wrappers/shells.js"
import { ended, fromGo, gitlabCiLocal, run, tools } from "./wrappers/tools.js"

/**
 * The written files from the check to production: the vendor's own lines fetch tokens, read approvals and pass files on.
 * Slipway's checks and deployments are recorded calls; what it says of people, `approvals` and `notify`, is real.
 */

beforeAll(async () => {
  await fromGo("act")
  await gitlabCiLocal()
})

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
      ...["--env", `ACTIONS_ID_TOKEN_REQUEST_URL=${address()}/token?api-version=2`],
      ...["--env", `ACTIONS_ID_TOKEN_REQUEST_TOKEN=${REQUEST_TOKEN}`, "--env", `PATH=${runner().PATH}`],
      ...[
        "-s",
        `NOTIFICATIONS=${runner().NOTIFICATIONS}`,
        "-s",
        "SIGNING_KEY=key",
        "-s",
        "SIGNING_PASSWORD=word",
      ],
      ...local("actions/upload-artifact", "upload"),
      ...local("actions/download-artifact", "download"),
      ...local("actions/cache", "cache"),
      ...local("github/codeql-action", "codeql"),
    ]
    return ended(path.join(tools, "act"), words, app, { PATH: runner().PATH })
  }

  test("deploys nothing after a red check, and people are told", async () => {
    record(1, "failed", "github")
    const { code, output } = await push()
    expect(code, output).toBe(1)
    expect(called(), output).toEqual(["ci"])
    expect(headlines(), output).toEqual(["failed: medflow main: 1 new cause"])
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
    expect(headlines()).toEqual([expect.stringContaining("fixed: medflow main is green again")])
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
        ...["--variable", `NOTIFICATIONS=${runner().NOTIFICATIONS}`, "--variable", `AWS_TOKEN=${IDENTITY}`],
        ...["--manual", "production-approval-1", "--manual", "production-approval-2"],
      ],
      app,
      { PATH: runner().PATH },
    )

  test("deploys nothing after a red check, and people are told", async () => {
    record(1, "failed", "gitlab")
    const { code, output } = await pipeline()
    expect(code, output).not.toBe(0)
    expect(called(), output).toEqual(["ci"])
    expect(headlines(), output).toEqual(["failed: medflow main: 1 new cause"])
  })

  test("takes a green check to production, with both approvals", async () => {
    record(2, "passed", "gitlab")
    const { code, output } = await pipeline()
    expect(code, output).toBe(0)
    const user = (await run("git", ["-C", app, "config", "user.email"])).trim().replace(/@.*/, "")
    expect(called(), output).toEqual(wayOf("", user))
    expect(headlines()).toEqual([expect.stringContaining("fixed: medflow main is green again")])
  })
})

describe.each(Object.entries(shells))("the lines of %s, run as its machine does", (vendor, shell) => {
  const app = appOf(vendor)
  /** A fresh checkout, with what the vendor brings. */
  const checkout = () => {
    const folder = temporary(vendor)
    fs.cpSync(app, folder, { recursive: true })
    return folder
  }
  const lines = (folder: string, text: string, home: string) => {
    const file = path.join(folder, ".git/lines.sh")
    fs.writeFileSync(file, text)
    return ended(shell.program, ["-e", file], folder, {
      ...runner(),
      ...shell.variables(address(), folder, home),
    })
  }

  test("deploy by the job's identity, with both approvals", async () => {
    record(1, "passed", vendor)
    const folder = checkout()
    const { code, output } = await lines(folder, shell.deploy(folder), temporary("home"))
    expect(code, output).toBe(0)
    expect(called(), output).toEqual(["promote . --from staging --env production", "approved by ada bob"])
    expect(fs.readFileSync(calls, "utf8")).toContain(shell.identity === "token" ? `|${IDENTITY}` : "|\n")
  })

  test("tell people of a red run and of its end, from one fresh checkout to the next", async () => {
    const home = temporary("home")
    const notify = async (before: string | null, verdict: "failed" | "passed", day: number) => {
      record(day, verdict, vendor)
      const folder = checkout()
      shell.bring(folder, verdict)
      const [from, to] = [before === null ? null : shell.state(before, home), shell.state(folder, home)]
      if (from !== null && from !== to) fs.cpSync(from, to, { recursive: true })
      const { code, output } = await lines(folder, shell.notify(folder), home)
      expect(code, output).toBe(0)
      return folder
    }
    const red = await notify(null, "failed", 1)
    expect(headlines()).toEqual(["failed: medflow main: 1 new cause"])
    const again = await notify(red, "failed", 2)
    expect(headlines()).toEqual([])
    await notify(again, "passed", 3)
    expect(headlines()).toEqual([expect.stringContaining("fixed: medflow main is green again")])
  })
})
