import { describe, expect, test } from "vitest"
import { unknownProject } from "../../../ci/src/project/unknown.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { KINDS } from "../../../ci/src/stages.js"
import { repositoryOf } from "../projects.js"

const of = async (files: Parameters<typeof repositoryOf>[0], yaml = "") =>
  unknownProject(await repositoryOf(files, parseConfig(yaml)), KINDS)

describe("a folder that is no project", () => {
  test("is a fault that says what is missing and what to do", async () => {
    const fault = await of({ "README.md": "" })
    expect(fault?.code).toBe("no-project")
    expect(fault?.what).toContain("no package.json")
    expect(fault?.fix).toContain("describe custom stages in slipway.yaml")
  })

  test("names the code that no stage checks", async () => {
    const fault = await of({ "cmd/main.go": "", "cmd/run.go": "" })
    expect(fault?.what).toContain("2 Go files: no stage builds or tests Go")
  })
})

describe("a project", () => {
  test.each([
    ["a package.json", { "package.json": {} }, ""],
    ["a package.json in a folder", { "infra/main.tf": "", "app/package.json": {} }, ""],
    ["custom stages", { "setup.py": "" }, "custom: { tests: { image: python, commands: [pytest] } }"],
    ["Terraform files", { "main.tf": "" }, ""],
  ])("may have %s alone", async (_what, files, yaml) => {
    expect(await of(files, yaml)).toBeNull()
  })
})
