import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { infrastructure, KEY, type Program, SECRET, versionOf } from "./infrastructure.js"
import { call, folderOf, QUIET, report, write } from "./support.js"

const settings = (program: Program): string => `terraform: { program: ${program}, tags: [team] }\n`
const NETWORK = `resource "terraform_data" "network" {
  input = "10.0.0.0/16"
}
`

/** What is said of files, without a plan, as tests. */
export function fileTests(program: Program): void {
  describe(`files, by ${program},`, () => {
    const infra = () =>
      folderOf({
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
      const { code, said } = await call(infra(), "infra", "check")
      expect(said).toMatch(/✓ terraform:fmt .*all files are formatted/)
      expect(said).toMatch(/✓ terraform:validate .*infra: valid/)
      expect(said).toMatch(/✓ terraform:policy .*nothing that blocks; 2 files/)
      expect(code).toBe(0)
    })

    test("that are wrong are red, each at its line", async () => {
      const folder = infra()
      write(folder, { "modules/network/main.tf": NETWORK.replace("input =", "inptu   =") })
      const { record, stage } = await report(folder)
      const found = (name: string) => stage(name).findings.map(({ file, line }) => [file, line])
      expect(found("terraform:fmt")).toEqual([["modules/network/main.tf", 1]])
      expect(found("terraform:validate")).toEqual([["modules/network/main.tf", 2]])
      expect(stage("terraform:validate").summary).toContain('An argument named "inptu" is not expected here')
      expect(stage("terraform:policy").verdict).toBe("passed")
      expect(record).toMatchObject({ verdict: "failed", exitCode: 10 })
    })

    test("that lack a required tag block, without Terraform, credentials or a plan", async () => {
      const bucket = folderOf({
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
}

/** The way of a plan from its making to its application, as tests. */
export function planTests(program: Program): void {
  describe(`a plan, by ${program},`, () => {
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
      expect(other.said).toContain("wrong key, or the file was changed")
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
      expect(again.said).toMatch(/the plan is stale: the state has changed since: serial was \d+ and is \d+/)
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
        /terraform_data\.database is replaced and loses its data .* \[terraform-stateful\] at app\/main\.tf:18/,
      )
      expect(code).toBe(22)
      expect(applied.code).toBe(22)
    })
  })
}
