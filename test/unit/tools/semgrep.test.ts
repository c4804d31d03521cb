import { expect, test } from "vitest"
import { judge } from "../../../ci/src/tools/semgrep.js"
import { bad, ran } from "../testing/ran.js"

const REPORT = "/tmp/semgrep.json"
const report = (more: object) =>
  ran(null, {
    [REPORT]: JSON.stringify({
      version: "1.182.0",
      results: [],
      errors: [],
      paths: { scanned: ["a.ts"] },
      ...more,
    }),
  })

test("a scan says what it read and what it found", () => {
  const result = {
    check_id: "phi-in-log",
    path: "./src/ä b.ts",
    start: { line: 3 },
    extra: { message: "no\n", severity: "ERROR" },
  }
  const partly = { message: "Syntax error", path: "a.ts", level: "warn" }
  expect(judge(report({ results: [result], errors: [partly] }))).toMatchObject({
    looked: true,
    proof: { version: "1.182.0", what: "1 file, 1 not wholly read" },
    report: {
      findings: [{ rule: "phi-in-log", severity: "high", file: "src/ä b.ts", line: 3, message: "no" }],
    },
  })
})

test.each([
  ["no report", ran(bad(2), {}, "Segmentation fault"), "left no report that can be read: Segmentation fault"],
  ["no JSON", ran(null, { [REPORT]: "<html>" }), "left no report"],
  [
    "a broken rule",
    report({ errors: [{ message: "Rule parse error in rule x", level: "error" }] }),
    "a rule",
  ],
  ["no file", report({ paths: { scanned: [] } }), "looked at no file"],
  ["no semgrep", ran(bad(127), {}, "sh: semgrep: not found"), "not found"],
])("%s is no scan", (_, result, summary) => {
  const scan = judge(result)
  expect(scan).toMatchObject({ looked: false, result: { verdict: "errored", findings: [] } })
  expect(scan.looked ? "" : scan.result.summary).toContain(summary)
})
