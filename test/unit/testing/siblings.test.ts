import { expect, test } from "vitest"
import { judge } from "../../../ci/src/testing/judge.js"
import { withoutSibling } from "../../../ci/src/testing/siblings.js"
import { projectOf, workspaceOf } from "../projects.js"
import { bad, KNOWN, PASS, REPORT, ran, report } from "./ran.js"

const FILES = {
  "package.json": { name: "root", workspaces: ["packages/*"] },
  "packages/pool/package.json": { name: "@a/pool", dependencies: { "@a/wire": "1" } },
  "packages/cursor/package.json": { name: "@a/cursor" },
  "packages/wire/package.json": { name: "@a/wire" },
}

const judged = async (log: string, ...cases: string[]) => {
  const project = await projectOf(FILES)
  const result = judge(ran(bad(1), cases.length > 0 ? { [REPORT]: report(...cases) } : {}, log), KNOWN)
  return withoutSibling(result, project, workspaceOf(project, "packages/pool"))
}

const failure = (message: string) => `<testcase name="b"><failure>${message}</failure></testcase>`

test.each([
  "Error: Cannot find module '/app/node_modules/@a/cursor/index.js'",
  "Error: Cannot find module '@a/cursor/lib'",
  'Error: Failed to resolve import "@a/cursor" from "test/a.test.ts". Does the file exist?',
])("tests that import a package of the repository which theirs does not name are errored: %s", async (log) => {
  expect(await judged(log)).toMatchObject({
    verdict: "errored",
    summary: expect.stringContaining("import @a/cursor, which packages/pool/package.json does not name"),
  })
})

test("the failure is the code's where the package is named, where the repository has none of that name, and where another test fails", async () => {
  const missing = "Error: Cannot find module '@a/cursor'"
  expect((await judged("Error: Cannot find module '@a/wire'")).verdict).toBe("failed")
  expect((await judged("Error: Cannot find module 'left-pad'")).verdict).toBe("failed")
  expect((await judged(missing, failure(missing), failure("1 is not 2"), PASS)).verdict).toBe("failed")
})
