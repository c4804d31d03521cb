import { describe, expect, test } from "vitest"
import type { TestCase } from "../../../ci/src/run/result.js"
import { lackOf, missingIn, missingOf } from "../../../ci/src/testing/programs.js"

describe("what a machine lacks", () => {
  test.each([
    ["Error: spawn redis-server ENOENT", "redis-server"],
    ["E   FileNotFoundError: [Errno 2] No such file or directory: 'pg_dump'", "pg_dump"],
    ["sh: 1: jq: not found", "jq"],
    ["/bin/bash: line 1: psql: command not found", "psql"],
    ["Error: pg_config executable not found.", "pg_config"],
    ["ImportError: libGL.so.1: cannot open shared object file: No such file or directory", "libGL.so.1"],
    ["FileNotFoundError: [Errno 2] No such file or directory: 'data.csv'", null],
    ["FileNotFoundError: [Errno 2] No such file or directory: './bin/tool'", null],
    ["Error: ENOENT: no such file or directory, open 'a'", null],
    ["AssertionError: page not found", null],
  ])("%s", (text, expected) => {
    expect(missingIn(text)).toBe(expected)
  })

  const tests = (...messages: readonly string[]): readonly TestCase[] =>
    messages.map((message, i) => ({
      name: `t${i}`,
      suite: "s",
      file: null,
      verdict: message === "" ? "passed" : "failed",
      seconds: 0,
      message: message === "" ? null : message,
    }))
  const LOG = { text: "sh: 1: jq: not found", lines: 1 }

  test("is the reason where each failed test says so, or none ran", () => {
    expect(missingOf({ log: LOG, tests: [] })).toBe("jq")
    expect(missingOf({ log: LOG, tests: tests("", "spawn a ENOENT", "spawn b ENOENT") })).toBe("a")
    expect(missingOf({ log: LOG, tests: tests("spawn a ENOENT", "expected 1 to be 2") })).toBeNull()
    expect(missingOf({ log: LOG, tests: tests("") })).toBeNull()
  })

  test("may be a program that each failed test names in quotes, and that the machines of CI have", () => {
    const named = tests("assert 'x' == ''\npager = ' less '", 'run("less")')
    expect(lackOf({ log: LOG, tests: named })).toEqual({ name: "less", package: "less", said: false })
    expect(lackOf({ log: LOG, tests: tests("pager = 'less'", "expected 1 to be 2") })).toBeNull()
    expect(lackOf({ log: LOG, tests: tests("expected 'lesser' to be 'less than 1'") })).toBeNull()
    expect(lackOf({ log: LOG, tests: tests("spawn pg_dump ENOENT") })).toEqual({
      name: "pg_dump",
      package: "postgresql-client",
      said: true,
    })
    expect(lackOf({ log: LOG, tests: tests("spawn redis-server ENOENT") })?.package).toBeNull()
  })
})
