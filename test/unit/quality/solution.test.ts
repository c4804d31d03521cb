import { describe, expect, test } from "vitest"
import { checksOwnFiles, withUnchecked } from "../../../ci/src/quality/solution.js"
import { judgeTool } from "../../../ci/src/quality/tool-outcome.js"
import { bad, ran } from "../testing/ran.js"

test.each([
  ["tsc --noEmit", true],
  ["vue-tsc --noEmit && eslint .", true],
  ["tsc -b", false],
  ["tsc --noEmit -p tsconfig.app.json", false],
  ["tsc --noEmit && tsc --noEmit -p tsconfig.node.json", false],
  ["svelte-check", false],
])("%s checks its own files alone: %s", (script, expected) => {
  expect(checksOwnFiles({ types: script }, "types")).toBe(expected)
})

describe("a configuration that only refers to others", () => {
  const REFERS = '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }], } // of Vite'
  const passed = judgeTool(ran(null), "web")

  test("passes, and is named", () => {
    expect(withUnchecked(passed, "web/tsconfig.json", REFERS)).toMatchObject({
      verdict: "passed",
      summary: "no file checked: web/tsconfig.json only refers to others",
      unchecked: [{ what: "web/tsconfig.json" }],
    })
  })

  test.each([
    ["its own files", passed, '{ "include": ["src"], "references": [{ "path": "./a" }] }'],
    ["a failure", judgeTool(ran(bad(1)), "web"), REFERS],
    ["no text", passed, undefined],
  ])("is not what is said of %s", (_what, result, text) => {
    expect(withUnchecked(result, "web/tsconfig.json", text)).toEqual(result)
  })
})
