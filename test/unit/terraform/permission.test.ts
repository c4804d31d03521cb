import { describe, expect, test } from "vitest"
import { parseConfig } from "../../../ci/src/settings.js"
import { type Permit, permitted } from "../../../ci/src/terraform/permission.js"

const environment = (account: string, more = "") => `
    account: "${account}"
    region: eu-central-1
    cluster: clinic
    state: { bucket: clinic-state }
    services: [{ name: web, container: web, image: web }]${more}`

const config = parseConfig(`terraform:
  environments:
    staging: { root: infra }
    production: { root: infra }
    prod-network: { root: infra, account: "222222222222" }
    sandbox: { root: infra, account: "333333333333" }
    shared: { root: infra }
environments:
  staging:${environment("111111111111")}
  production:${environment("222222222222", "\n    production: true")}
`)

const name = (approver: string, breakGlass = ""): Permit => ({ by: "name", approver, breakGlass })
const deployment = (of: string, approver = ""): Permit => ({ by: "deployment", approver, environment: of })

describe("a Terraform plan", () => {
  test.each([
    ["staging", name("bob")],
    ["sandbox", name("bob")],
    ["staging", deployment("staging", "bob")],
    ["production", deployment("production")],
    ["prod-network", deployment("production")],
    ["production", name("bob", "before the first deployment")],
  ])("may be applied in %s: %j", (where, permit) => {
    expect(() => permitted(config, where, permit)).not.toThrow()
  })

  test.each([
    [
      "production",
      name("bob"),
      "`production` is production: `--approver bob` is a name that nobody verifies",
    ],
    ["prod-network", name("bob"), "`prod-network` is production"],
    // Nothing tells that it is not.
    ["shared", name("bob"), "`shared` is production"],
    ["", name("bob"), "the root module is production"],
    ["production", name("bob", " "), "a name that nobody verifies"],
    ["production", deployment("staging", "bob"), "but the deployment and its approvals are for `staging`"],
    ["staging", name(" "), "no approver given"],
    ["staging", deployment("staging"), "no approver given"],
    ["production", name("", "an emergency"), "no approver given"],
  ])("may not be applied in %s: %j", (where, permit, what) => {
    expect(() => permitted(config, where, permit)).toThrow(what)
  })

  test("may be applied where nothing is production", () => {
    const none = parseConfig("terraform:\n  environments:\n    production: { root: infra }\n")
    expect(() => permitted(none, "production", name("bob"))).not.toThrow()
  })
})
