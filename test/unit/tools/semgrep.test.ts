import { describe, expect, test } from "vitest"
import { readSemgrep } from "../../../ci/src/tools/semgrep.js"
import { sample } from "../testdata.js"

const json = (more: object) =>
  JSON.stringify({ version: "1.182.0", results: [], errors: [], paths: { scanned: ["a.ts"] }, ...more })

describe("the report of Semgrep on broken and large files", () => {
  const report = readSemgrep(sample("semgrep/unread.json"))

  test("names each file that was not wholly read, with its line and the reason", () => {
    const unread = [...(report?.unread ?? [])].sort((a, b) => (a.file < b.file ? -1 : 1))
    expect(unread).toEqual(
      [
        ["src/broken.ts", 1, "syntax error"],
        ["src/large.js", null, "larger than 1 MB"],
        ["src/nonsense.js", 1, 'syntax error, read in part: "@@@@ not js at all {{{{" was unexpected'],
        ["src/partly.ts", 2, 'syntax error, read in part: "=" was unexpected'],
      ].map(([file, line, reason]) => ({ file, line, reason, tools: ["semgrep"] })),
    )
  })

  test("counts as read only what was wholly read", () => {
    expect(report?.read).toEqual(["src/broken.py", "src/good.js"])
  })

  test("keeps the findings of files that were read in part", () => {
    expect(report?.findings.map(({ rule, file, line }) => [rule, file, line])).toEqual([
      ["slipway.eval", "src/good.js", 1],
      ["slipway.eval", "src/partly.ts", 1],
      ["slipway.eval", "src/partly.ts", 3],
    ])
  })

  test("passes over files that an ignore file leaves out", () => {
    expect(report?.unread.map(({ file }) => file)).not.toContain("tests/good.js")
  })
})

test("names a file once whose rules timed out", () => {
  expect(readSemgrep(sample("semgrep/timeout.json"))).toMatchObject({
    read: ["ok.js"],
    unread: [{ file: "slow.js", line: null, reason: "timeout after 10 s" }],
  })
})

test("reads findings", () => {
  const result = {
    check_id: "phi-in-log",
    path: "./src/ä b.ts",
    start: { line: 3 },
    extra: { message: "no\n", severity: "ERROR" },
  }
  expect(readSemgrep(json({ results: [result] }))?.findings).toEqual([
    { rule: "phi-in-log", severity: "high", file: "src/ä b.ts", line: 3, message: "no", tools: ["semgrep"] },
  ])
})

test("quotes no long piece of a file", () => {
  const error = {
    type: "Syntax error",
    message: `Syntax error at line a.ts:1:\n \`${"x".repeat(41)}\` was unexpected`,
    path: "a.ts",
  }
  expect(readSemgrep(json({ errors: [error] }))?.unread[0]?.reason).toBe("syntax error")
})

test("tells rules that it could not use from files", () => {
  const errors = [
    { message: "Rule parse error in rule x\nmore", level: "error" },
    { message: "Invalid pattern", level: "error", path: "/rules/slipway.yaml" },
  ]
  expect(readSemgrep(json({ errors }))).toMatchObject({
    broken: ["Rule parse error in rule x", "Invalid pattern"],
    unread: [],
  })
})

test.each(["<html>", "{}", json({ paths: {} })])("takes %s for no report", (text) => {
  expect(readSemgrep(text)).toBeNull()
})
