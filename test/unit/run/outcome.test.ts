import { describe, expect, test } from "vitest"
import { fromCommand } from "../../../ci/src/run/outcome.js"
import { step } from "../report/builders.js"
import { ran } from "../testing/ran.js"

describe("a command that failed", () => {
  const outcome = (exitCode: number, log: string) =>
    fromCommand(ran(step("lint", "eslint .", 0, 300, { exitCode }), {}, log), {
      passed: "nothing found",
      findings: [],
      tests: [],
    })

  test("is summed up with the cause that its log tells", () => {
    const log = "Error: no config\n    at main (/app/a.js:1:1)\nnpm error code 2\n"
    expect(outcome(2, log).summary).toBe("lint exited with code 2: Error: no config")
  })

  test("that printed nothing is summed up by its exit code", () => {
    expect(outcome(2, "").summary).toBe("lint exited with code 2")
  })

  test("that was not found is errored, with the shell's words", () => {
    expect(outcome(127, "sh: 1: eslint: not found\n")).toMatchObject({
      verdict: "errored",
      summary: "lint: sh: 1: eslint: not found",
    })
  })
})
