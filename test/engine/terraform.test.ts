import { execFile, execFileSync, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as net from "node:net"
import * as os from "node:os"
import * as path from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { goModule } from "../../cli/engine/go-program.js"
import { app, call, QUIET, report, temporary, write } from "./support.js"

const says = (command: string, ...args: string[]): string => {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  } catch {
    return ""
  }
}

/** Not synchronously: the test runner wants to hear from its tests. */
const run = promisify(execFile)

/** An embedded engine has Terraform from its host, and S3 here is moto's. */
const TERRAFORM = says("terraform", "version", "-json").includes('"1.11.4"')
const PYTHON = says("python3", "-c", "import venv, ensurepip; print(1)") !== ""

const TAGS = "terraform: { tags: [team] }\n"
const NETWORK = `resource "terraform_data" "network" {
  input = "10.0.0.0/16"
}
`

describe.runIf(TERRAFORM)("Terraform files", () => {
  const folder = app({
    "infra/main.tf": `terraform {
  required_version = "~> 1.11"
}

module "network" {
  source = "../modules/network"
}
`,
    "modules/network/main.tf": NETWORK,
    "slipway.yaml": `${QUIET}${TAGS}`,
  })

  test("that are right are green", async () => {
    const { code, said } = await call(folder, "infra", "check")
    expect(said).toMatch(/✓ terraform:fmt .*all files are formatted/)
    expect(said).toMatch(/✓ terraform:validate .*infra: valid/)
    expect(said).toMatch(/✓ terraform:policy .*nothing that blocks; 2 files/)
    expect(code).toBe(0)
  })

  test("that are wrong are red, each at its line", async () => {
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
      "slipway.yaml": `${QUIET}  terraform-fmt: { enabled: false }\n  terraform-validate: { enabled: false }\n${TAGS}`,
    })
    const { record, stage } = await report(bucket)
    expect(stage("terraform:policy").findings).toMatchObject([
      { rule: "terraform-required-tag", file: "logs/main.tf", line: 1, standing: { status: "blocks" } },
    ])
    expect(record).toMatchObject({ verdict: "failed", exitCode: 22 })
  })
})

const PORT = 5700 + (process.pid % 200)
const KEY = "a key for plans, of the tests"
const SECRET = "canary-of-the-database"

/** The provider is built from its Go module, and lies in the project: no registry is asked. */
async function provider(folder: string): Promise<void> {
  const source = temporary("provider")
  const sum = "h1:n0CNTMjBfCC5R6LMyuqxJRlgWPUqx0mvSU+ZIhg8EN0="
  fs.cpSync(goModule("github.com/terraform-providers/terraform-provider-local", "v1.4.0", sum), source, {
    recursive: true,
  })
  execFileSync("chmod", ["-R", "u+w", source])
  const platform = `linux_${os.arch() === "arm64" ? "arm64" : "amd64"}`
  const file = `providers/registry.terraform.io/hashicorp/local/1.4.0/${platform}/terraform-provider-local_v1.4.0_x4`
  await run("go", ["build", "-mod=mod", "-ldflags", "-s -w", "-o", path.join(folder, file), "."], {
    cwd: source,
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
  })
}

const BACKEND = `  backend "s3" {
    use_lockfile                = true
    skip_credentials_validation = true
    skip_requesting_account_id  = true
    skip_metadata_api_check     = true
    use_path_style              = true
  }
`

const PROJECT = {
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

resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "sleep 120"
  }
}
`,
  "slipway.yaml": `terraform:
  stateful: [terraform_data]
  providers: { folder: providers }
  environments:
    staging:
      root: app
      workspace: blue
      backend: &backend
        { bucket: state, key: app.tfstate, region: eu-central-1, endpoints: { s3: "http://aws:${PORT}" } }
      variables: { color: green }
    files:
      root: files
      backend: { <<: *backend, key: files.tfstate }
    slow:
      root: slow
      backend: { <<: *backend, key: slow.tfstate }
`,
}

describe.runIf(TERRAFORM && PYTHON)("infrastructure", () => {
  const project = app(PROJECT)
  const plans = temporary("plans")
  let stop = () => {}

  beforeAll(async () => {
    await provider(project)
    const venv = temporary("moto")
    await run("python3", ["-m", "venv", venv])
    await run(path.join(venv, "bin/pip"), ["install", "-q", "moto[server]==5.2.5"])
    const server = spawn(path.join(venv, "bin/moto_server"), ["-H", "127.0.0.1", "-p", String(PORT)], {
      stdio: "ignore",
    })
    stop = () => server.kill()
    await listening(PORT)
    await s3(
      "PUT",
      "/state",
      "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>",
    )
    Object.assign(process.env, {
      PLAN_KEY: KEY,
      AWS_TEST_ID: "test-id-of-aws",
      AWS_TEST_SECRET: "test-secret-of-aws",
    })
  })
  afterAll(() => stop())

  /** As somebody whose signature moto does not look at. */
  const authorization =
    "AWS4-HMAC-SHA256 Credential=a/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=b"
  const s3 = (method: string, where: string, body?: string) =>
    fetch(`http://127.0.0.1:${PORT}${where}`, {
      method,
      headers: { authorization },
      ...(body === undefined ? {} : { body }),
    })

  const infra = (words: readonly string[], { commit = "c0ffee", key = "PLAN_KEY" } = {}) =>
    call(
      project,
      ...["--plan-key", `env://${key}`, "--aws-access-key-id", "env://AWS_TEST_ID"],
      ...[
        "--aws-secret-access-key",
        "env://AWS_TEST_SECRET",
        "--run",
        JSON.stringify({ commit, actor: "alice" }),
      ],
      "infra",
      ...words,
    )
  const service = ["--service", `tcp://127.0.0.1:${PORT}`]
  const folder = (name: string) => path.join(plans, name)
  const plan = (name: string, env: string, ...more: readonly string[]) =>
    infra(["plan", "--env", env, ...more, ...service, "export", "--path", folder(name)])
  const apply = (name: string, options = {}) =>
    infra(
      [
        "apply",
        "--plan",
        folder(name),
        "--approver",
        "bob",
        ...service,
        "export",
        "--path",
        folder(`${name}-applied`),
      ],
      options,
    )
  const json = (name: string, file: string) =>
    JSON.parse(fs.readFileSync(path.join(folder(name), file), "utf8"))

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
      version: "1.11.4",
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

  test("is not applied with another key, from another commit, or by nobody", async () => {
    process.env.OTHER_KEY = "another key, which is no good"
    const other = await apply("first", { key: "OTHER_KEY" })
    expect(other.said).toContain("the key is another than the one that it was sealed with")
    expect(other.code).toBe(19)
    const later = await apply("first", { commit: "decaf" })
    expect(later.said).toContain("the plan is stale: the commit was c0ffee and is decaf")
    expect(later.code).toBe(60)
  })

  test("is applied exactly as planned, once", async () => {
    const { code, said } = await apply("first")
    expect(code, said).toBe(0)
    expect(json("first-applied", "apply.json")).toMatchObject({ outcome: "applied", approver: "bob" })
    expect(json("first-applied", "outputs.json")).toEqual({ color: "green" })
    const again = await apply("first")
    expect(again.said).toMatch(/the plan is stale: the state was written since: serial \d+, and now \d+/)
    expect(again.code).toBe(60)
  })

  test("that is as planned has no changes", async () => {
    const { code, said } = await plan("second", "staging")
    expect(code, said).toBe(0)
    expect(json("second", "summary.json")).toMatchObject({ outcome: "no-changes", exitCode: 0 })
  })

  test("with data is not replaced without a permission", async () => {
    const planned = await plan("third", "staging", "--variables", "color=red")
    expect(planned.code, planned.said).toBe(0)
    const { code, said } = await infra(["policy", "--plan", folder("third")])
    expect(said).toMatch(
      /terraform_data\.database is replaced: .* \[terraform-stateful\] at app\/main\.tf:22/,
    )
    expect(code).toBe(22)
    expect((await apply("third")).code).toBe(22)
  })

  test("that another works on is left alone: who and since when is told", async () => {
    const lock = {
      ID: "0b5e0bd1-0f5c-4a3c-8f2e-5b8f0c6f8a11",
      Operation: "OperationTypeApply",
      Who: "carol@ci",
      Created: new Date(Date.now() - 3 * 3_600_000).toISOString(),
      Path: "state/env:/blue/app.tfstate",
    }
    const where = "env:/blue/app.tfstate.tflock"
    await s3("PUT", `/state/${where}`, JSON.stringify(lock))
    const { code, said } = await plan("fourth", "staging")
    expect(said).toContain("is locked by carol@ci for 3 h (apply)")
    expect(code).toBe(61)
    expect((await s3("GET", `/state/${where}`)).status).toBe(200)
    await s3("DELETE", `/state/${where}`)
  })

  test("that is told to stop ends what it began, and gives the lock back", async () => {
    expect((await plan("slow", "slow")).code).toBe(0)
    const locked = async () => (await s3("GET", "/state/slow.tfstate.tflock")).status === 200
    const applied = apply("slow")
    await until(locked)
    const stopped = await infra(["stop", "--env", "slow"])
    expect(stopped.code, stopped.said).toBe(0)
    const { code, said } = await applied
    expect(said).toContain("apply was told to stop")
    expect(code).toBe(12)
    expect(await locked()).toBe(false)
    expect((await s3("GET", "/state/slow.tfstate")).status).toBe(200)
  })

  test("that others changed is an alert when it was seen twice", async () => {
    expect((await plan("files", "files")).code).toBe(0)
    expect((await apply("files")).code).toBe(0)
    const look = (name: string, ...before: readonly string[]) =>
      infra(["drift", "--env", "files", ...before, ...service, "export", "--path", folder(name)])
    const alert = (name: string) => infra(["alert", "--drift", folder(name)])
    await look("once")
    expect(json("once", "summary.json")).toMatchObject({ outcome: "seen", exitCode: 0 })
    expect((await alert("once")).code).toBe(0)
    await look("twice", "--sightings", path.join(folder("once"), "sightings.json"))
    const { code, said } = await alert("twice")
    expect(said).toContain("local_file.note, seen 2 in a row")
    expect(code).toBe(62)
  })
})

const listening = (port: number): Promise<void> =>
  until(
    () =>
      new Promise((resolve) => {
        const socket = net.connect(port, "127.0.0.1", () => resolve(true))
        socket.on("error", () => resolve(false))
        socket.on("connect", () => socket.end())
      }),
  )

/** Waits for something to become true, a minute at most. */
async function until(what: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    if (await what()) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error("it did not become true in a minute")
}
