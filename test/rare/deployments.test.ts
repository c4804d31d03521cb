import * as fs from "node:fs"
import * as path from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import type { Environment } from "../../ci/src/vendors/vendor.js"
import { temporary } from "../engine/support.js"
import { copyOf, own } from "../engine/vendor-apps.js"
import { MACHINES, start } from "../engine/vendor-machines.js"
import { address, appOf, called, calls, headlines, IDENTITY, record, runner } from "./wrappers/bench.js"
import { actOf, gitlabOf } from "./wrappers/runners.js"
import { bring, shares } from "./wrappers/shares.js"
import { shells } from "./wrappers/shells.js"
import { ended, fromGo, gitlabCiLocal, run } from "./wrappers/tools.js"

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
  "image check",
  "image sign",
  "compatible . --images registry.example.org/backend@sha256:1 --env staging",
  "deploy . --images registry.example.org/backend@sha256:1 --env staging",
  `approved by ${staging}`,
  "compatible . --from staging --env production",
  "promote . --from staging --env production",
  `approved by ${production}`,
]

describe("GitHub's workflow under act", () => {
  const app = appOf("github")
  const { push: act } = actOf(app)
  const push = () => act({ SIGNING_KEY: "key", SIGNING_PASSWORD: "word" })

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
    expect(called(), output).toEqual(wayOf("", "ada bob"))
    const lines = fs.readFileSync(calls, "utf8").split("\n")
    for (const line of lines.filter((one) => /^(image|compatible|deploy|promote)/.test(one)))
      expect(line).toContain(`|${IDENTITY}`)
    expect(output).not.toContain(IDENTITY)
    expect(headlines()).toEqual([expect.stringContaining("fixed: medflow main is green again")])
  })
})

describe("GitLab's pipeline under gitlab-ci-local", () => {
  const app = appOf("gitlab")
  const gitlab = gitlabOf(app)
  const pipeline = () => gitlab({ AWS_TOKEN: IDENTITY })

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

const MACHINE_COUNT = 2

describe.each(
  Object.entries(shares),
)("a check that two machines share, by the lines of %s", (vendor, share) => {
  const app = appOf(vendor, MACHINE_COUNT)
  const machine = MACHINES[vendor]
  const text = fs.readFileSync(path.join(app, share.file), "utf8")
  const run = async (folder: string, line: string, more: Environment) => {
    if (machine === undefined) throw new Error(`no machine of ${vendor}`)
    const variables = { ...machine.variables("0".repeat(40), folder), ...more }
    const env = { ...own(), ...runner(), ...variables, PIPELINE_WORKSPACE: `${folder}/.git/workspace` }
    return start(machine, { text: line, always: false }, folder, env).ended
  }

  test.each([
    "passed",
    "failed",
  ] as const)("has %s as its verdict, and the evidence of both", async (verdict) => {
    record(1, verdict, vendor)
    const checkout = copyOf(app)
    for (let number = 1; number <= MACHINE_COUNT; number += 1) {
      const folder = copyOf(app)
      for (const line of share.shard(text, number)) await run(folder, line, share.variables(number))
      bring(vendor, number, folder, checkout)
    }
    const { code, output } = await run(checkout, share.check(text), {})
    expect(code === 0, output).toBe(verdict === "passed")
    expect(called(), output).toEqual(["ci", "ci", "merge", "2 shards"])
    const lines = fs.readFileSync(calls, "utf8")
    for (const number of ["1/2", "2/2"]) expect(lines).toContain(`ci --shard ${number}|`)
  })
})

test("a check that two machines share goes to production by GitHub's workflow under act", async () => {
  const { push } = actOf(appOf("github", MACHINE_COUNT))
  record(1, "passed", "github")
  const { code, output } = await push({ SIGNING_KEY: "key", SIGNING_PASSWORD: "word" })
  expect(code, output).toBe(0)
  const [, ...way] = wayOf("", "ada bob")
  expect(called(), output).toEqual(["ci", "ci", "merge", "2 shards", ...way])
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
    expect(called(), output).toEqual([
      "compatible . --from staging --env production",
      ...["promote . --from staging --env production", "approved by ada bob"],
    ])
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
