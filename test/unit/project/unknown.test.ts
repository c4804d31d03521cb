import { describe, expect, test } from "vitest"
import { unknownProject } from "../../../ci/src/project/unknown.js"
import { parseConfig } from "../../../ci/src/settings.js"
import { KINDS } from "../../../ci/src/stages.js"
import { projectOf } from "../projects.js"

const of = async (files: Parameters<typeof projectOf>[0], yaml = "") =>
  unknownProject(await projectOf(files, parseConfig(yaml)), KINDS)

describe("a folder that is no project", () => {
  test("is a fault that says what is missing and what to do", async () => {
    const fault = await of({ "README.md": "" })
    expect(fault?.code).toBe("no-project")
    expect(fault?.what).toContain("no package.json at its root")
    expect(fault?.fix).toContain("describe custom stages in slipway.yaml")
  })

  test("names the folders that have a package.json", async () => {
    const folders = ["a", "b", "c", "d", "e", "a/node_modules/x"]
    const fault = await of(Object.fromEntries(folders.map((folder) => [`${folder}/package.json`, {}])))
    expect(fault?.what).toContain(
      "(only in folders: a/package.json, b/package.json, c/package.json and 2 more)",
    )
    expect(fault?.fix).toContain('such as "a"')
  })

  test("has packages in folders that nothing would check, beside its Terraform files", async () => {
    const fault = await of({ "infra/main.tf": "", "app/package.json": {} })
    expect(fault?.fix).toContain('such as "app"')
  })
})

describe("a project", () => {
  test.each([
    ["a package.json", { "package.json": {} }, ""],
    ["custom stages", { "setup.py": "" }, "custom: { tests: { image: python, commands: [pytest] } }"],
    ["Terraform files", { "main.tf": "" }, ""],
  ])("may have %s alone", async (_what, files, yaml) => {
    expect(await of(files, yaml)).toBeNull()
  })
})
