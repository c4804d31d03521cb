import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { call, commitAll, folderOf, temporary, write } from "./support.js"

const PLAN = {
  version: "1.11.4",
  drift: [],
  outputs: [],
  changes: [
    {
      address: "terraform_data.records",
      type: "terraform_data",
      name: "records",
      action: "delete",
      reason: null,
      forces: [],
      differences: [],
      after: null,
    },
  ],
}

/** Terraform files and slipway.yaml: what a team of the platform has, whose apps lie elsewhere. */
function infrastructure(): string {
  const folder = folderOf({
    "infra/main.tf": 'resource "terraform_data" "other" {}\n',
    "slipway.yaml": `terraform: { stateful: [terraform_data] }
environments:
  staging:
    account: "111111111111"
    region: eu-central-1
    cluster: shared
    state: { bucket: deployments-111111111111 }
    services: [{ name: web, container: web, image: web }]
`,
  })
  commitAll(folder)
  return folder
}

describe("a repository without package.json", () => {
  const folder = infrastructure()

  test("holds a plan against its policy", async () => {
    const plan = temporary("plan")
    write(plan, { "plan.json": PLAN, "binding.json": { root: "infra" } })
    const { code, said } = await call(folder, "infra", "policy", "--plan", plan)
    expect(said).toContain("terraform_data.records")
    expect(code).toBe(22)
  })

  test("is rehearsed", async () => {
    const { code, said } = await call(folder, "rehearse", "--env", "staging")
    expect(code, said).toBe(0)
    expect(said).toMatch(/^SUCCEEDED +staging: /)
  })

  test.each([
    [
      "status",
      ["status", "--env", "stagin", "--repair"],
      /unknown environment "stagin"; did you mean staging/,
    ],
    [
      "rollback",
      ["rollback", "--env", "stagin", "--take-over"],
      /unknown environment "stagin"; did you mean staging/,
    ],
    [
      "deploy",
      ["deploy", "--env", "staging", "--images", "web:latest", "--key", "cosign.pub"],
      /web:latest.*digest/,
    ],
  ])("is refused by %s for what is wrong with the call", async (_what, words, message) => {
    fs.writeFileSync(path.join(folder, "cosign.pub"), "")
    const { code, said } = await call(folder, ...words)
    expect(said).toMatch(message)
    expect(code).toBe(20)
  })
})
