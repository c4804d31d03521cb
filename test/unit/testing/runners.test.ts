import { describe, expect, test } from "vitest"
import { REPORT, runnerOf } from "../../../ci/src/testing/runners.js"

describe("the runner of a script", () => {
  test.each([
    ["vitest run", "vitest"],
    ["npm run build && vitest run --project unit", "vitest"],
    ["TZ=UTC jest --coverage", "jest"],
    ["react-scripts test", "jest"],
    ["node --test", "node:test"],
    ["node --import tsx --test 'test/**/*.test.ts'", "node:test"],
    ["node --test && echo done", "node:test"],
    ["c8 mocha --recursive test", "mocha"],
  ])("%s is %s", (script, name) => {
    expect(runnerOf(script, ["jest-junit"])?.name).toBe(name)
  })

  test.each([
    ["another runner's", "ava"],
    ["of the workspaces", "npm run test:unit --workspaces"],
    ["followed by another command, which would get its arguments", "vitest run && eslint ."],
    ["piped", "vitest run | tee log"],
    ["with reporters of its own", "node --test --test-reporter=spec"],
    ["that is empty", ""],
  ])("is none for one %s", (_what, script) => {
    expect(runnerOf(script, [])).toBeNull()
  })

  test("is none for jest without the package that writes the report", () => {
    expect(runnerOf("jest", ["jest"])).toBeNull()
  })

  test.each(["vitest", "jest", "node --test", "mocha"])("%s is told where to write", (script) => {
    const runner = runnerOf(script, ["jest-junit"])
    expect([runner?.report.args, ...Object.values(runner?.report.env ?? {})].join(" ")).toContain(REPORT)
  })
})
