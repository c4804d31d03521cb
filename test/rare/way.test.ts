import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { COSIGN, REGCTL } from "../../ci/src/image/registry.js"
import { TRIVY } from "../../ci/src/tools/trivy.js"
import type { Environment } from "../../ci/src/vendors/vendor.js"
import { render } from "../../cli/wrappers/work.js"
import { home } from "../../engine/host/home.js"
import { SUCCESS } from "../../modules/aws-simulator/program/scenario.js"
import { startSimulator } from "../../modules/aws-simulator/program/simulator.js"
import { worldFor } from "../../modules/aws-simulator/program/world.js"
import { startRegistry } from "../engine/host-registry.js"
import { makeKeys } from "../engine/registry.js"
import { built, edit, MEDFLOW, MODULE, medflowWith, temporary, without, write } from "../engine/support.js"
import { trivyDatabase } from "./databases.js"
import { APPROVAL_TOKEN, address, headlines, IDENTITY, RUN, runs } from "./wrappers/bench.js"
import { actOf, gitlabOf } from "./wrappers/runners.js"
import { fromGo, gitlabCiLocal } from "./wrappers/tools.js"

/**
 * The example app from its check to production by the written files: Slipway, its engine, the images, their signatures and
 * the deployer are real. GitHub's and GitLab's API, and AWS, answer from this machine.
 */

built(TRIVY, COSIGN, REGCTL)

/** What needs Terraform's providers, which cannot be had everywhere, and what has a suite of its own. */
const STAGES = without(["infrastructure", "load", "terraform-fmt", "terraform-validate"])
const DATABASE = "e2e/database"
const SECURITY = `security: { databases: { trivy: { folder: ${DATABASE} } } }\n`

/** A vulnerability that is mended in what the app has. */
const { dependencies } = JSON.parse(fs.readFileSync(path.join(MEDFLOW, "backend/package.json"), "utf8"))
const MENDED = {
  cve: "CVE-2099-0001",
  ghsa: "GHSA-aaaa-bbbb-cccc",
  package: "fastify",
  fixed: dependencies.fastify,
}

const KEY_PASSWORD = "a password of the key"
const [AWS_PORT, REGISTRY_PORT] = [4566, 5997]

/** Slipway as the files fetch it, for a site whose registry and AWS are on this machine. */
const PIN = { address: "https://git.example.org/slipway.git", commit: randomBytes(20).toString("hex") }
const SLIPWAY = (registry: string) => `#!/bin/sh
case $1 in
image) set -- "$@" --service tcp://${registry} ;;
deploy | promote) set -- "$@" --registry tcp://${registry} --aws tcp://127.0.0.1:${AWS_PORT} ;;
esac
exec ${MODULE}/slipway "$@"
`
const clone = path.join(home(), `source-${PIN.commit}`)
afterAll(() => fs.rmSync(clone, { force: true }))

const world = worldFor({
  account: "111111111111",
  region: "eu-central-1",
  cluster: "clinic",
  database: "clinic",
  services: [
    { name: "backend", hosts: ["staging.example"] },
    { name: "frontend" },
    { name: "live-backend", hosts: ["live.example"] },
    { name: "live-frontend" },
  ],
  taskDefinitions: [{ family: "migration" }],
})

/** An environment in that account. Minutes of waiting and freeze windows are left out: tests of the deployer have them. */
const environment = (prefix: string, host: string) => `
    account: "111111111111"
    region: eu-central-1
    cluster: clinic
    role: deploy
    state: { bucket: clinic-state }
    services:
      - { name: ${prefix}backend, container: ${prefix}backend, image: backend }
      - { name: ${prefix}frontend, container: ${prefix}frontend, image: frontend }
    migration:
      family: migration
      container: migration
      image: backend
      command: [npm, run, db:migrate]
      phase: expand
    database: { instance: clinic }
    checks:
      - url: http://aws:${AWS_PORT}/_alb/${host}/health
        attempts: 10
        intervalSeconds: 1
    notifications:
      - { kind: webhook, name: team }
`

const production = (kind: string) => `    production: true
    approvals:
      vendor: { kind: ${kind}, repository: ${RUN.repository}, api: "${address()}" }
      identities:
        ada@example.org: { also: [ada] }
        bob@example.org: { also: [bob] }
        dan@example.org: { also: [dan] }
`

/** The environments of slipway.yaml, as Prettier writes them: the example app checks its format. */
const environments = (kind: string) => `
environments:
  staging:${environment("", "staging.example")}  production:${environment("live-", "live.example")}${production(kind)}`

const keys = temporary("keys")

beforeAll(async () => {
  await fromGo("act")
  await gitlabCiLocal()
  await makeKeys(keys, KEY_PASSWORD)
})

/** The example app with the files of a vendor, committed by somebody who does not approve it. */
function appOf(vendor: "github" | "gitlab"): string {
  const folder = medflowWith(STAGES + SECURITY)
  trivyDatabase(path.join(folder, DATABASE), MENDED, new Date())
  edit(folder, ".prettierignore", (text) => `${text}${DATABASE}\n`)
  edit(folder, "slipway.yaml", (text) =>
    text.replace(/\nenvironments:\n[\s\S]*?(?=stages:\n)/, environments(vendor)),
  )
  write(folder, render(folder, { vendor, deploy: true, branch: "main" }, PIN))
  fs.copyFileSync(path.join(keys, "cosign.pub"), path.join(folder, "cosign.pub"))
  const git = (...words: readonly string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=Dan", "-c", "user.email=dan@example.org", ...words])
  git("checkout", "--quiet", "-b", "main")
  git("remote", "add", "origin", `https://${vendor}.com/${RUN.repository}.git`)
  git("add", "--all")
  git("commit", "--quiet", "-m", "first")
  runs(git("rev-parse", "HEAD").toString().trim())
  return folder
}

/** Opens an empty registry and an account, for a test. */
async function site(): Promise<Environment> {
  const { host } = await startRegistry(REGISTRY_PORT, "AWS")
  fs.rmSync(clone, { force: true })
  const slipway = temporary("slipway")
  write(slipway, { slipway: SLIPWAY(host) })
  fs.chmodSync(path.join(slipway, "slipway"), 0o755)
  fs.symlinkSync(slipway, clone)
  const clock = { start: null, factor: 60 }
  const aws = await startSimulator({ world, scenario: { ...SUCCESS, clock }, port: AWS_PORT })
  onTestFinished(() => aws.close())
  return { REGISTRY: `registry:${REGISTRY_PORT}/team` }
}

const signing = () => ({
  SIGNING_KEY: fs.readFileSync(path.join(keys, "cosign.key"), "utf8"),
  SIGNING_PASSWORD: KEY_PASSWORD,
})

const VERIFIED = "signature, SBOM and verdict of the images are valid"
const STEPS = new RegExp(
  [
    ...["(?<!## )✓ medflow passed", VERIFIED, "approved by \\S+ and \\S+"],
    "(?<=SUCCEEDED +)\\w+(?=: [0-9a-f]{12} is live and proven good)",
  ].join("|"),
  "g",
)

/** Expects what the log of the way shows: the check, both environments, and nothing secret. */
function expectLive({ code, output }: { readonly code: number; readonly output: string }): void {
  expect(code, output).toBe(0)
  const steps = [
    ...["✓ medflow passed", VERIFIED, "staging"],
    ...["approved by ada@example.org and bob@example.org", VERIFIED, "production"],
  ]
  // The runner's two streams are read one after the other: what people are told has the order.
  expect(output.match(STEPS)?.toSorted()).toEqual(steps.toSorted())
  expect(headlines()).toEqual(["succeeded: staging", "succeeded: production"])
  for (const secret of [KEY_PASSWORD, APPROVAL_TOKEN, IDENTITY]) expect(output).not.toContain(secret)
}

test("GitHub's workflows take the example app from its check to production", async () => {
  const variables = await site()
  const { push } = actOf(appOf("github"))
  expectLive(await push({ ...signing(), GITHUB_TOKEN: APPROVAL_TOKEN }, variables))
})

test("GitLab's pipeline takes the example app from its check to production", async () => {
  const variables = await site()
  const pipeline = gitlabOf(appOf("gitlab"))
  const secrets = { ...signing(), AWS_TOKEN: IDENTITY, APPROVAL_TOKEN }
  expectLive(await pipeline({ ...secrets, ...variables, CI_PIPELINE_ID: RUN.number }))
})
