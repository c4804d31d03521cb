import { execFile, execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { OPENTOFU, programImage } from "../../ci/src/terraform/version.js"
import { goModule } from "../../engine/go-program.js"
import { hostProgram } from "../../engine/host-program.js"
import { type HostProgram, recipeOf } from "../../engine/recipes/index.js"
import { startSimulator } from "../../modules/aws-simulator/program/simulator.js"
import { worldFor } from "../../modules/aws-simulator/program/world.js"
import { app, built, call, QUIET, report, temporary, write } from "./support.js"

built(OPENTOFU)

const onHost = (host: HostProgram): boolean => {
  try {
    return hostProgram(host) !== ""
  } catch {
    return false
  }
}

const ALL = ["tofu", "terraform"] as const
type Program = (typeof ALL)[number]

const versionOf = (program: Program) => programImage(program).tag

/** OpenTofu is built anywhere. Terraform cannot be: what matters most is seen on it as well, where the host has it. */
const PROGRAMS = ALL.filter((program) => {
  const host = recipeOf(programImage(program).name)?.standIn.host
  return host === undefined || onHost(host)
})

const settings = (program: Program): string => `terraform: { program: ${program}, tags: [team] }\n`
const NETWORK = `resource "terraform_data" "network" {
  input = "10.0.0.0/16"
}
`

describe("files", () => {
  const infra = (program: Program) =>
    app({
      "infra/main.tf": `terraform {
  required_version = "~> 1.11"
}

module "network" {
  source = "../modules/network"
}
`,
      "modules/network/main.tf": NETWORK,
      "slipway.yaml": `${QUIET}${settings(program)}`,
    })

  test("that are right are green", async () => {
    const { code, said } = await call(infra("tofu"), "infra", "check")
    expect(said).toMatch(/✓ terraform:fmt .*all files are formatted/)
    expect(said).toMatch(/✓ terraform:validate .*infra: valid/)
    expect(said).toMatch(/✓ terraform:policy .*nothing that blocks; 2 files/)
    expect(code).toBe(0)
  })

  test.each(PROGRAMS)("that are wrong are red, each at its line, by %s", async (program) => {
    const folder = infra(program)
    write(folder, { "modules/network/main.tf": NETWORK.replace("input =", "inptu   =") })
    const { record, stage } = await report(folder, "--make")
    const found = (name: string) => stage(name).findings.map(({ file, line }) => [file, line])
    expect(found("terraform:fmt")).toEqual([["modules/network/main.tf", 1]])
    expect(found("terraform:validate")).toEqual([["modules/network/main.tf", 2]])
    expect(stage("terraform:validate").summary).toContain('An argument named "inptu" is not expected here')
    expect(stage("terraform:policy").verdict).toBe("passed")
    expect(record).toMatchObject({ verdict: "failed", exitCode: 10 })
  })

  test("that lack a required tag block, without Terraform, credentials or a plan", async () => {
    const bucket = app({
      "logs/main.tf": 'resource "aws_s3_bucket" "logs" {}\n',
      "slipway.yaml": `${QUIET}  terraform-fmt: { enabled: false }\n  terraform-validate: { enabled: false }\n${settings("terraform")}`,
    })
    const { record, stage } = await report(bucket)
    expect(stage("terraform:policy").findings).toMatchObject([
      { rule: "terraform-required-tag", file: "logs/main.tf", line: 1, standing: { status: "blocks" } },
    ])
    expect(record).toMatchObject({ verdict: "failed", exitCode: 22 })
  })
})

/** S3, which keeps the states. */
const aws = await startSimulator({
  world: worldFor({ account: "111122223333", region: "eu-central-1", cluster: "none", services: [] }),
})
afterAll(() => aws.close())

const KEY = "a key for plans, of the tests"
const SECRET = "canary-of-the-database"

Object.assign(process.env, {
  PLAN_KEY: KEY,
  OTHER_KEY: "another key, which is no good",
  AWS_TEST_ID: "test-id-of-aws",
  AWS_TEST_SECRET: "test-secret-of-aws",
})

/** The provider is built from its Go module, and lies in the project: no registry is asked. */
async function provider(folder: string): Promise<void> {
  const source = temporary("provider")
  const sum = "h1:n0CNTMjBfCC5R6LMyuqxJRlgWPUqx0mvSU+ZIhg8EN0="
  fs.cpSync(goModule("github.com/terraform-providers/terraform-provider-local", "v1.4.0", sum), source, {
    recursive: true,
  })
  execFileSync("chmod", ["-R", "u+w", source])
  const platform = `linux_${os.arch() === "arm64" ? "arm64" : "amd64"}`
  const file = `providers/registry.opentofu.org/hashicorp/local/1.4.0/${platform}/terraform-provider-local_v1.4.0_x4`
  await promisify(execFile)(
    "go",
    ["build", "-mod=mod", "-ldflags", "-s -w", "-o", path.join(folder, file), "."],
    {
      cwd: source,
      env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
    },
  )
}

const BACKEND = `  backend "s3" {
    use_lockfile = true
  }
`

const filesOf = (program: Program) => ({
  "app/main.tf": `terraform {
  required_version = "~> 1.11"
${BACKEND}}

variable "color" {
  type = string
}

variable "password" {
  type      = string
  sensitive = true
  default   = "${SECRET}"
}

resource "terraform_data" "database" {
  input            = { password = var.password }
  triggers_replace = var.color
}

output "color" {
  value = var.color
}

output "password" {
  value     = var.password
  sensitive = true
}
`,
  "files/main.tf": `terraform {
  required_providers {
    local = {
      source  = "hashicorp/local"
      version = "1.4.0"
    }
  }
${BACKEND}}

resource "local_file" "note" {
  content  = "hello"
  filename = "/tmp/note.txt"
}
`,
  "slow/main.tf": `terraform {
${BACKEND}}

variable "seconds" {
  type = number
}

resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "sleep \${var.seconds}"
  }
}
`,
  "slipway.yaml": `terraform:
  program: ${program}
  stateful: [terraform_data]
  providers: { folder: providers }
  environments:
    staging:
      root: app
      workspace: blue
      backend: &backend
        bucket: ${program}
        key: app.tfstate
        region: eu-central-1
        endpoints: { s3: "http://aws:${new URL(aws.url).port}" }
      variables: { color: green }
    files:
      root: files
      backend: { <<: *backend, key: files.tfstate }
    slow:
      root: slow
      backend: { <<: *backend, key: slow.tfstate }
      variables: { seconds: 120 }
    lost:
      root: slow
      backend: { <<: *backend, key: lost.tfstate }
      variables: { seconds: 5 }
`,
})

/** A project, and what is called on it. */
function infrastructure(program: Program) {
  const project = app(filesOf(program))
  const plans = temporary("plans")
  const folder = (name: string) => path.join(plans, name)
  const infra = (words: readonly string[], { commit = "c0ffee", key = "PLAN_KEY" } = {}) =>
    call(
      project,
      ...["--aws", `tcp://${new URL(aws.url).host}`, "--plan-key", `env://${key}`],
      ...["--aws-access-key-id", "env://AWS_TEST_ID"],
      ...["--aws-secret-access-key", "env://AWS_TEST_SECRET"],
      ...["--run", JSON.stringify({ commit, actor: "alice" })],
      ...["infra", ...words],
    )
  const made = (words: readonly string[], name: string, options = {}) =>
    infra([...words, "export", "--path", folder(name)], options)
  return {
    project,
    folder,
    infra,
    plan: (name: string, env: string, ...more: readonly string[]) =>
      made(["plan", "--env", env, ...more], name),
    apply: (name: string, options = {}) =>
      made(["apply", "--plan", folder(name), "--approver", "bob"], `${name}-applied`, options),
    drift: (name: string, env: string, ...before: readonly string[]) =>
      made(["drift", "--env", env, ...before], name),
    json: (name: string, file: string) => JSON.parse(fs.readFileSync(path.join(folder(name), file), "utf8")),
  }
}

const isThere = (bucket: string, key: string): boolean =>
  aws.rehearsal.look().objects.some((object) => object.bucket === bucket && object.key === key)

describe.each(PROGRAMS)("a plan, by %s,", (program) => {
  const { folder, infra, plan, apply, json } = infrastructure(program)

  test("is planned: bound, summed up, without a secret in it", async () => {
    const { code, said, stderr } = await plan("first", "staging")
    expect(code, said).toBe(0)
    expect(json("first", "summary.json")).toMatchObject({
      outcome: "changes",
      exitCode: 2,
      headline: "1 to create, 2 outputs",
    })
    expect(json("first", "binding.json")).toMatchObject({
      commit: "c0ffee",
      environment: "staging",
      root: "app",
      workspace: "blue",
      program,
      version: versionOf(program),
      actor: "alice",
    })
    const all = fs
      .readdirSync(folder("first"))
      .map((file) => fs.readFileSync(path.join(folder("first"), file), "utf8"))
    for (const secret of [SECRET, KEY, "test-secret-of-aws"]) {
      expect(all.join("\n")).not.toContain(secret)
      expect(stderr).not.toContain(secret)
    }
  })

  test("is not applied with another key, or from another commit", async () => {
    const [other, later] = await Promise.all([
      apply("first", { key: "OTHER_KEY" }),
      apply("first", { commit: "decaf" }),
    ])
    expect(other.said).toContain("the key is another than the one that it was sealed with")
    expect(other.code).toBe(19)
    expect(later.said).toContain("the plan is stale: the commit was c0ffee and is decaf")
    expect(later.code).toBe(60)
  })

  test("is applied exactly as planned, once, and then has no changes", async () => {
    const { code, said } = await apply("first")
    expect(code, said).toBe(0)
    expect(json("first-applied", "apply.json")).toMatchObject({ outcome: "applied", approver: "bob" })
    expect(json("first-applied", "outputs.json")).toEqual({ color: "green" })
    const [again, second] = await Promise.all([apply("first"), plan("second", "staging")])
    expect(again.said).toMatch(/the plan is stale: the state was written since: serial \d+, and now \d+/)
    expect(again.code).toBe(60)
    expect(second.code, second.said).toBe(0)
    expect(json("second", "summary.json")).toMatchObject({ outcome: "no-changes", exitCode: 0 })
  })

  test("with data is not replaced without a permission", async () => {
    const planned = await plan("third", "staging", "--variables", "color=red")
    expect(planned.code, planned.said).toBe(0)
    const [{ code, said }, applied] = await Promise.all([
      infra(["policy", "--plan", folder("third")]),
      apply("third"),
    ])
    expect(said).toMatch(
      /terraform_data\.database is replaced: .* \[terraform-stateful\] at app\/main\.tf:18/,
    )
    expect(code).toBe(22)
    expect(applied.code).toBe(22)
  })
})

// Side by side: one of them waits for a lock that nobody gives back.
describe("infrastructure", () => {
  const { project, folder, infra, plan, apply, drift, json } = infrastructure("tofu")

  beforeAll(() => provider(project))

  test.concurrent("that another works on is left alone: who and since when is told", async () => {
    const lock = {
      ID: "0b5e0bd1-0f5c-4a3c-8f2e-5b8f0c6f8a11",
      Operation: "OperationTypeApply",
      Who: "carol@ci",
      Created: new Date(Date.now() - 3 * 3_600_000).toISOString(),
      Path: "tofu/lost.tfstate",
    }
    const where = `${aws.url}/tofu/lost.tfstate.tflock`
    await fetch(where, { method: "PUT", body: JSON.stringify(lock) })
    const { code, said } = await plan("locked", "lost")
    expect(said).toContain("is locked by carol@ci for 3 h (apply)")
    expect(code).toBe(61)
    expect(isThere("tofu", "lost.tfstate.tflock")).toBe(true)
    await fetch(where, { method: "DELETE" })
  })

  test.concurrent("that is told to stop ends what it began, and gives the lock back", async () => {
    expect((await plan("slow", "slow")).code).toBe(0)
    const locked = () => isThere("tofu", "slow.tfstate.tflock")
    const applied = apply("slow")
    await until(locked)
    const stopped = await infra(["stop", "--env", "slow"])
    expect(stopped.code, stopped.said).toBe(0)
    const { code, said } = await applied
    expect(said).toContain("apply was told to stop")
    expect(code).toBe(12)
    expect(locked()).toBe(false)
    expect(isThere("tofu", "slow.tfstate")).toBe(true)
  })

  test.concurrent("that others changed is an alert when it was seen twice", async () => {
    expect((await plan("files", "files")).code).toBe(0)
    expect((await apply("files")).code).toBe(0)
    const alert = (name: string) => infra(["alert", "--drift", folder(name)])
    await drift("once", "files")
    expect(json("once", "summary.json")).toMatchObject({ outcome: "seen", exitCode: 0 })
    expect((await alert("once")).code).toBe(0)
    await drift("twice", "files", "--sightings", path.join(folder("once"), "sightings.json"))
    const { code, said } = await alert("twice")
    expect(said).toContain("local_file.note, seen 2 in a row")
    expect(code).toBe(62)
  })

  test("whose state cannot be written keeps it, sealed in the message", async () => {
    expect((await plan("lost", "lost")).code).toBe(0)
    const applied = apply("lost")
    await until(() => isThere("tofu", "lost.tfstate.tflock"))
    deny("s3:PutObject")
    const { code, said } = await applied
    deny()
    expect(said).toMatch(/slow: apply: AWS refuses .*\nThe state of workspace default could not be written/)
    expect(said).toContain("To fix it: save the lines from slipway-sealed-1 on")
    expect(code).toBe(19)
    expect(isThere("tofu", "lost.tfstate")).toBe(false)
    const sealed = /^slipway-sealed-1\n([\w+/=]+\n)+/m.exec(said)?.[0] ?? ""
    write(folder(""), { "errored.sealed": sealed })
    const opened = await infra(["unseal", "--sealed", folder("errored.sealed"), "contents"])
    expect(JSON.parse(opened.said)).toMatchObject({
      version: 4,
      resources: [
        { type: "terraform_data", name: "slow", instances: [{ attributes: { id: expect.any(String) } }] },
      ],
    })
  })
})

/** What AWS refuses from now on. */
function deny(...denied: readonly string[]): void {
  const state = aws.rehearsal.look()
  aws.rehearsal.become({ ...state, scenario: { ...state.scenario, denied } })
}

/** Waits for something to become true, four minutes at most. */
async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 480; tries++) {
    if (what()) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error("it did not become true in four minutes")
}
