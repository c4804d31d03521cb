import * as fs from "node:fs"
import * as path from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { COSIGN, REGCTL } from "../../ci/src/image/registry.js"
import { quote } from "../../ci/src/run/command.js"
import { OPENTOFU } from "../../ci/src/terraform/version.js"
import { TRIVY } from "../../ci/src/tools/trivy.js"
import { SUCCESS } from "../../modules/aws-simulator/program/scenario.js"
import { startSimulator } from "../../modules/aws-simulator/program/simulator.js"
import { worldFor } from "../../modules/aws-simulator/program/world.js"
import { HOST, makeKeys, onProject, PASSWORD, registryOf, shell } from "../engine/registry.js"
import {
  built,
  commitAll,
  dagger,
  edit,
  MEDFLOW,
  MODULE,
  medflowWith,
  nothingBut,
  report,
  stagesWith,
  temporary,
  write,
} from "../engine/support.js"
import { trivyDatabase } from "./databases.js"

built(TRIVY, COSIGN, REGCTL, OPENTOFU)

/** A vulnerability of a package that the app has. */
const PLANTED = { cve: "CVE-2099-0001", ghsa: "GHSA-aaaa-bbbb-cccc", package: "fastify", fixed: "99.0.0" }
const { dependencies } = JSON.parse(fs.readFileSync(path.join(MEDFLOW, "backend/package.json"), "utf8"))
const INSTALLED: string = dependencies[PLANTED.package]
/** One of a package that its images are built on. */
const IN_DEBIAN = { cve: "CVE-2099-0002", ghsa: "", package: "bash" }

/** What a check of this release looks at: the other stages have tests of their own. */
const SETTINGS = `${nothingBut("unit", "image", "sbom", "dependencies", "image-scan")}security:
  databases: { trivy: { folder: e2e/database } }
`

/** In the shape of a CI vendor's token. */
const CANARY = [{ alg: "none" }, { sub: "repo:medflow" }, {}]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".")
const TOKEN = ["--aws-web-identity-token", "env://CI_TOKEN"]

/** Without a provider: that one of AWS's own can not be had everywhere. */
const INFRASTRUCTURE = `terraform {
  required_version = "~> 1.11"
  backend "s3" {
    use_lockfile = true
  }
}

resource "terraform_data" "network" {
  input = "10.0.0.0/16"
}

output "network" {
  value = terraform_data.network.output
}
`

const ACCOUNT = `import boto3, threading
from moto.server import ThreadedMotoServer
ThreadedMotoServer("0.0.0.0", 4566).start()
keys = dict(aws_access_key_id="a", aws_secret_access_key="b")
s3 = boto3.client("s3", "us-east-1", endpoint_url="http://127.0.0.1:4566", **keys)
s3.create_bucket(Bucket="medflow-state-111111111111")
threading.Event().wait()
`

/** Moto, with the bucket of the state: a second opinion on AWS, beside the simulator's. */
const MOTO = [
  "container",
  "from python:3.11-slim-bookworm",
  "with-exec -- pip install --no-cache-dir --quiet moto[server]==5.2.5",
  `with-new-file /account.py ${quote(ACCOUNT)}`,
  "with-exposed-port 4566",
  "as-service --args python3,/account.py",
].join(" | ")

/** Environments of an account that lasts from call to call: its services, and where it answers. */
const LASTING_WORLD = {
  account: "111111111111",
  region: "eu-central-1",
  cluster: "clinic",
  services: [{ name: "backend", hosts: ["clinic.example"] }, { name: "frontend" }, { name: "next" }],
  taskDefinitions: [{ family: "migration" }],
  database: "clinic",
}
const PLACE = `account: "111111111111"
    region: eu-central-1
    cluster: clinic
    role: deploy
    state: { bucket: clinic-state }`
const LASTING = `  first:
    ${PLACE}
    services:
      - { name: backend, container: backend, image: backend }
      - { name: frontend, container: frontend, image: frontend }
    migration: { family: migration, container: migration, image: backend, phase: expand }
    database: { instance: clinic }
    checks: [{ url: "http://aws:4566/_alb/clinic.example/health", attempts: 10, intervalSeconds: 1 }]
  next:
    ${PLACE}
    services: [{ name: next, container: next, image: backend }]
`

/** The example app with a commit, its infrastructure made small. */
function committed(): { readonly folder: string; readonly commit: string } {
  const folder = medflowWith(SETTINGS)
  const infra = path.join(folder, "infra")
  // The rights of the deployment's role stay: a rehearsal reads them.
  for (const name of fs.readdirSync(infra))
    if (name !== "policies") fs.rmSync(path.join(infra, name), { recursive: true })
  write(folder, { "infra/main.tf": INFRASTRUCTURE })
  edit(folder, "slipway.yaml", (text) =>
    text
      .replace("tags: [project, environment, team, cost-center, data-class]", "program: tofu")
      .replace(/varFiles: \[.*\]\n/g, "variables: {}\n")
      .replace("\nenvironments:\n", `\nenvironments:\n${LASTING}`),
  )
  return { folder, commit: commitAll(folder) }
}

describe("a release of the example app, with all that is real", () => {
  const { folder, commit } = committed()
  const context = ["--run", JSON.stringify({ commit, actor: "ada" })]
  const keys = temporary("keys")
  const plan = path.join(temporary("plan"), "plan")
  const registry = registryOf(`slipway-release-${Date.now()}`)
  let images = ""

  beforeAll(async () => {
    Object.assign(process.env, {
      REGISTRY_PASSWORD: PASSWORD,
      KEY_PASSWORD: "a password of the key",
      PLAN_KEY: "a key for plans, of the tests",
      CI_TOKEN: CANARY,
    })
    await makeKeys(keys, "a password of the key")
  })

  const options = [
    ...context,
    ...["--registry-password", "env://REGISTRY_PASSWORD", "--plan-key", "env://PLAN_KEY"],
    ...["--signing-key", `file://${keys}/cosign.key`, "--signing-password", "env://KEY_PASSWORD"],
  ]
  /** Makes a database that knows in which versions the vulnerabilities are mended. */
  const knows = (fixed: string, inDebian: string) => {
    const one = { ...PLANTED, fixed }
    trivyDatabase(path.join(folder, "e2e/database"), one, new Date(), { ...IN_DEBIAN, fixed: inDebian })
  }
  const checked = (fixed: string, inDebian: string) => {
    knows(fixed, inDebian)
    return report(folder, ...context)
  }
  const sign = (evidence: string) =>
    registry.call(folder, options, ["sign", "--images", images, "--evidence", evidence])
  const rehearse = (...more: readonly string[]) =>
    registry.callModule(folder, options, [
      ...["rehearse", "--env", "staging", "--images", images, "--key", `${keys}/cosign.pub`],
      ...more,
    ])

  test("does not go live with a vulnerability: its check is red, it is not signed, and is refused", async () => {
    const pushed = await registry.call(folder, options, ["push", "--registry", `${HOST}/team`])
    expect(pushed.code, pushed.said).toBe(0)
    images = pushed.said.trim().split("\n").join(",")
    const { record, stage, folder: evidence } = await checked(PLANTED.fixed, "99")
    expect(record.exitCode, JSON.stringify(record.stages.map(({ summary }) => summary))).toBe(22)
    expect(stage("scan:dependencies").findings).toMatchObject([
      { rule: PLANTED.cve, standing: { status: "blocks" } },
    ])
    const inImage = (name: string) => stage(`scan:image:${name}`).findings.map(({ rule }) => rule)
    expect(new Set(inImage("backend"))).toEqual(new Set([PLANTED.cve, IN_DEBIAN.cve]))
    expect(inImage("frontend")).toEqual([IN_DEBIAN.cve])
    expect((await sign(evidence)).code).toBe(27)
    const { code, said } = await rehearse()
    expect(said).toMatch(/REFUSED +staging: .*\ncause +registry:5000\/team\/\w+@sha256:\w+: unsigned/)
    expect(code).toBe(44)
  })

  test("goes live when it is mended: checked, signed, planned, applied, migrated, and answering", async () => {
    const { record, folder: evidence } = await checked(INSTALLED, "1")
    expect(stagesWith(record, ({ verdict }) => verdict !== "passed")).toEqual([])
    const signed = await sign(evidence)
    expect(signed.code, signed.said).toBe(0)
    const planned = await shell(
      `${onProject(folder, [...options, ...TOKEN])} --aws $(${MOTO}) | infra | plan --env staging | export ${plan}`,
    )
    expect(planned.code, planned.said).toBe(0)
    const { code, said, stderr } = await rehearse("--infrastructure", plan, "--approver", "bob", "--app")
    expect(code, said).toBe(0)
    expect(said).toMatch(/^SUCCEEDED +staging: [0-9a-f]{12} is live and proven/m)
    for (const step of ["verify", "terraform", "preflight", "snapshot", "migration", "rollout", "health"])
      expect(stderr).toMatch(new RegExp(`✓ ${step}\\b`))
    for (const word of [PASSWORD, "a password of the key", "a key for plans", CANARY])
      expect(planned.stderr + said + stderr).not.toContain(word)
  })

  /** With what is known today, though it was green when it went live. */
  const isScanned = async (account: readonly string[]) => {
    const scan = (...words: readonly string[]) =>
      registry.callModule(folder, account, ["scan | live", ...words])
    const green = await scan("--env", "first")
    expect(green.said).toMatch(/✓ scan:live:backend:[0-9a-f]{12} .*\n✓ scan:live:frontend:[0-9a-f]{12} /)
    knows(INSTALLED, "99")
    const red = await scan("--env", "first")
    expect(red.said).toMatch(/scan:live:backend:[0-9a-f]{12} failed: 1 finding that blocks/)
    expect(red.said).toMatch(/backend\/Dockerfile +CVE-2099-0002/)
    const missing = await scan("--images", images.replace(/@sha256:.{4}/g, "@sha256:0000"))
    expect(missing.said).toContain("the registry has no such image")
    expect([green.code, red.code, missing.code]).toEqual([0, 22, 28])
  }

  test("is deployed, looked at, scanned, promoted and taken back in an account that lasts", async () => {
    const clock = { start: null, factor: 60 }
    const aws = await startSimulator({
      world: worldFor(LASTING_WORLD),
      scenario: { ...SUCCESS, clock },
      port: 4566,
    })
    const account = [...options, ...TOKEN, "--aws", "tcp://127.0.0.1:4566"]
    const on = (...words: readonly string[]) =>
      dagger(folder, ...["call", "-m", MODULE, "--source", ".", "--history", ".", ...account, ...words])
    const signed = ["--key", `${keys}/cosign.pub`]
    const promote = () =>
      registry.callModule(folder, account, ["promote", "--from", "first", "--env", "next", ...signed])
    try {
      const early = await promote()
      expect(early.said).toContain("no release to promote")
      expect(early.code).toBe(44)
      const first = await registry.callModule(folder, account, [
        "deploy",
        "--env",
        "first",
        "--images",
        images,
        ...signed,
      ])
      expect(first.said).toMatch(/^SUCCEEDED +first: [0-9a-f]{12} is live and proven/m)
      const status = await on("status", "--env", "first")
      expect(status.said).toMatch(
        /release 1 since .*\n.*\n.*1 {2}[0-9a-f]{12} {2}deploy succeeded, proven good/s,
      )
      await isScanned(account)
      expect((await on("health", "--env", "first")).said).toMatch(/^SUCCEEDED +first/m)
      const next = await promote()
      expect(next.said).toMatch(/^SUCCEEDED +next: [0-9a-f]{12} is live and proven/m)
      const back = await on("rollback", "--env", "first")
      expect(back.said).toMatch(/^SUCCEEDED +first: .* is live again .*\nlive +backend +clinic-backend:1 /m)
      expect([first.code, status.code, next.code, back.code]).toEqual([0, 0, 0, 0])
    } finally {
      await aws.close()
    }
  })
})
