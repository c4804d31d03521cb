import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { parseConfig } from "../../../ci/src/settings.js"
import { roleOf } from "../../../ci/src/terraform/access.js"
import { cliConfig } from "../../../ci/src/terraform/container.js"
import {
  backendConfig,
  backendOf,
  environmentOf,
  rootOf,
  variableFile,
} from "../../../ci/src/terraform/environment.js"
import { readHcl } from "../../../ci/src/terraform/hcl.js"
import { readSource } from "../../../ci/src/terraform/roots.js"
import { hostProgram } from "../../../engine/host-program.js"

const { environments } = parseConfig(`terraform:
  environments:
    staging:
      root: infra
      backend: { bucket: state, max_retries: 3, endpoints: { s3: "http://aws:5000" } }
      variables: { size: small, count: 2 }
    production: { workspace: blue }
`).terraform

describe("an environment", () => {
  test("is one of slipway.yaml, or none where that has none", () => {
    expect(environmentOf(environments, "production")).toMatchObject({ workspace: "blue", root: null })
    expect(environmentOf({}, "")).toMatchObject({ workspace: "default", backend: {} })
  })

  test.each([
    ["stagin", 'terraform.environments has no "stagin"; did you mean "staging"?'],
    ["", "--env is missing"],
    ["toString", 'terraform.environments has no "toString"'],
  ])("is not %j", (name, what) => {
    expect(() => environmentOf(environments, name)).toThrow(what)
  })

  test("has the only root module, or names one of several", () => {
    const [staging, production] = [
      environmentOf(environments, "staging"),
      environmentOf(environments, "production"),
    ]
    expect(rootOf(staging, ["bootstrap", "infra"])).toBe("infra")
    expect(rootOf(production, ["infra"])).toBe("infra")
    expect(() => rootOf(production, ["bootstrap", "infra"])).toThrow(
      "several root modules found: bootstrap, infra",
    )
    expect(() => rootOf(staging, ["app"])).toThrow("infra is not a root module")
    expect(() => rootOf(production, [])).toThrow("no root module found")
  })

  test.each([
    ['terraform {\n  backend "s3" {}\n}', "s3"],
    ["terraform {\n  cloud {}\n}", "cloud"],
    ['terraform {\n  backend "local" {}\n}', null],
    ['provider "aws" {}', null],
  ])("of %j keeps its state: %s", (text, expected) => {
    expect(backendOf("infra", [readSource("infra/main.tf", text)])).toBe(expected)
  })
})

test("settings of a backend are Terraform's language, and no template", () => {
  const { backend } = environmentOf(environments, "staging")
  const text = backendConfig({ ...backend, key: `a/\${"b"}%{c}` })
  expect(text).toBe(
    'bucket = "state"\nmax_retries = 3\nendpoints = { s3 = "http://aws:5000" }\nkey = "a/$${\\"b\\"}%%{c}"\n',
  )
  expect([...readHcl(text).attributes.keys()]).toEqual(["bucket", "max_retries", "endpoints", "key"])
})

test("variables are slipway.yaml's, and before them the caller's", () => {
  const { variables } = environmentOf(environments, "staging")
  expect(JSON.parse(variableFile(variables, ["size=large", "tag=a=b"]))).toEqual({
    size: "large",
    count: 2,
    tag: "a=b",
  })
  expect(() => variableFile({}, ["size"])).toThrow('"size" is not name=value')
})

test("providers come from where the site says, and from nowhere else then", () => {
  expect(cliConfig({ folder: null, mirror: null })).toBe("disable_checkpoint = true\n")
  const { blocks } = readHcl(cliConfig({ folder: "providers", mirror: "https://mirror.example.org/p/" }))
  expect(
    blocks[0]?.blocks.map(({ type, attributes }) => [type, [...attributes.values()][0]?.expression]),
  ).toEqual([
    ["filesystem_mirror", '"/app/providers"'],
    ["network_mirror", '"https://mirror.example.org/p/"'],
  ])
})

describe("a program of the host", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-host-"))
  const file = path.join(folder, "terraform")
  fs.writeFileSync(file, `#!/bin/sh\necho '{"terraform_version":"1.11.4"}'\n`, { mode: 0o755 })
  const wanted = { program: "terraform", version: "1.11.4", path: "/bin/terraform" }

  test("is taken in exactly the version that is wanted", () => {
    expect(hostProgram(wanted, `/nowhere:${folder}`)).toBe(fs.realpathSync(file))
    expect(() => hostProgram({ ...wanted, version: "1.9.8" }, folder)).toThrow(
      "is on the PATH in version 1.11.4",
    )
    expect(() => hostProgram(wanted, "/nowhere")).toThrow("is not on the PATH")
  })
})

describe("the role for a CI vendor's token", () => {
  const config = parseConfig(`terraform:
  environments:
    shared: { account: "111111111111", role: terraform }
    staging: { role: terraform }
environments:
  staging:
    account: "222222222222"
    role: deploy
    region: eu-central-1
    cluster: shared
    state: { bucket: state }
    services: [{ name: web, container: web, image: web }]
`)

  test.each([
    ["shared", "arn:aws:iam::111111111111:role/terraform"],
    ["staging", "arn:aws:iam::222222222222:role/terraform"],
  ])("of %s is Terraform's own, with what the deployment says besides", (name, role) => {
    expect(roleOf(config, name)).toBe(role)
  })

  test("is missing where slipway.yaml names none", () => {
    expect(() => roleOf(config, "production")).toThrow(/slipway\.yaml: .*"production"/)
  })
})
