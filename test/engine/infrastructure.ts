import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll } from "vitest"
import { programImage } from "../../ci/src/terraform/version.js"
import { hostProgram } from "../../engine/host-program.js"
import { type HostProgram, recipeOf } from "../../engine/recipes/index.js"
import { startSimulator } from "../../modules/aws-simulator/program/simulator.js"
import { worldFor } from "../../modules/aws-simulator/program/world.js"
import { call, folderOf, temporary } from "./support.js"

const onHost = (host: HostProgram): boolean => {
  try {
    return hostProgram(host) !== ""
  } catch {
    return false
  }
}

const ALL = ["tofu", "terraform"] as const
export type Program = (typeof ALL)[number]

export const versionOf = (program: Program) => programImage(program).tag

/** OpenTofu is built anywhere. Terraform cannot be: what matters most is seen on it as well, where the host has it. */
export const PROGRAMS = ALL.filter((program) => {
  const host = recipeOf(programImage(program).name)?.standIn.host
  return host === undefined || onHost(host)
})

/** S3, which keeps the states. */
export const aws = await startSimulator({
  world: worldFor({ account: "111122223333", region: "eu-central-1", cluster: "none", services: [] }),
})
afterAll(() => aws.close())

export const KEY = "a key for plans, of the tests"
export const SECRET = "canary-of-the-database"

Object.assign(process.env, {
  PLAN_KEY: KEY,
  OTHER_KEY: "another key, which is no good",
  AWS_TEST_ID: "test-id-of-aws",
  AWS_TEST_SECRET: "test-secret-of-aws",
})

const BACKEND = `  backend "s3" {
    use_lockfile = true
  }
`

const APP = `terraform {
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
`

const FILES = `terraform {
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
`

const SLOW = `terraform {
${BACKEND}}

variable "seconds" {
  type = number
}

resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "sleep \${var.seconds}"
  }
}
`

const settingsOf = (program: Program): string => `terraform:
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
`

/** A repository without a package.json, and what is called on it. */
export function infrastructure(program: Program) {
  const project = folderOf({
    "app/main.tf": APP,
    "files/main.tf": FILES,
    "slow/main.tf": SLOW,
    "slipway.yaml": settingsOf(program),
  })
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

export const isThere = (bucket: string, key: string): boolean =>
  aws.rehearsal.look().objects.some((object) => object.bucket === bucket && object.key === key)
