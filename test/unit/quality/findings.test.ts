import { describe, expect, test } from "vitest"
import { readFindings } from "../../../ci/src/quality/findings.js"
import { sample } from "../testdata.js"

const found = (log: string, folder = "") =>
  readFindings(log, "/app", folder).map(({ file, line, rule }) => `${file}:${line} ${rule}`)

describe("the findings of", () => {
  test("ESLint stand where it puts them, those of the parser too", () => {
    expect(found(sample("logs/eslint-9.txt"), "backend")).toEqual([
      "backend/src/domain/broken.ts:1 syntax",
      "backend/src/domain/time.ts:84 @typescript-eslint/no-unused-vars",
      "backend/src/domain/time.ts:85 @typescript-eslint/no-explicit-any",
      "backend/src/domain/time.ts:85 no-var",
      "backend/src/domain/time.ts:85 @typescript-eslint/no-unsafe-assignment",
      "backend/src/domain/time.ts:85 @typescript-eslint/no-unsafe-return",
    ])
  })

  test("ESLint say what is wrong, without the rule's name", () => {
    const [, second] = readFindings(sample("logs/eslint-9.txt"), "/app", "")
    expect(second).toMatchObject({
      severity: "medium",
      message: "'unusedThing' is assigned a value but never used",
    })
  })

  test.each([
    "logs/tsc.txt",
    "logs/tsc-pretty.txt",
  ])("the TypeScript compiler are the same however it prints: %s", (file) => {
    expect(found(sample(file), "backend")).toEqual([
      "backend/src/domain/time.ts:84 TS2322",
      "backend/src/domain/time.ts:84 TS6133",
    ])
    expect(readFindings(sample(file), "/app", "")[0]?.message).toBe(
      "Type 'number' is not assignable to type 'string'.",
    )
  })

  test("Prettier are files, and a place where it cannot read one", () => {
    expect(found(sample("logs/prettier-3.txt"))).toEqual([
      ".prettierrc:null prettier",
      "backend/src/domain/broken.ts:1 prettier",
      "backend/ugly.json:null prettier",
    ])
    expect(readFindings(sample("logs/prettier-3.txt"), "/app", "")[1]?.message).toBe(
      "SyntaxError: Expression expected.",
    )
  })

  test("XO stand below their file, errors and warnings apart", () => {
    const log =
      '\n  src/index.js:1:1\n  ✖  1:1   Do not use "module".       unicorn/prefer-module\n  ⚠  2:19  Unexpected todo comment.  no-warning-comments\n\n  1 warning\n  1 error\n'
    expect(found(log, "cli")).toEqual([
      "cli/src/index.js:1 unicorn/prefer-module",
      "cli/src/index.js:2 no-warning-comments",
    ])
    expect(readFindings(log, "/app", "").map(({ severity }) => severity)).toEqual(["medium", "low"])
  })

  test("standard are lines, warnings marked as such", () => {
    const log =
      "standard: Use JavaScript Standard Style (https://standardjs.com)\n  /app/src/a.js:7:11: Unexpected trailing comma. (comma-dangle)\n  /app/src/a.js:9:1: Unexpected console statement. (no-console) (warning)\n"
    expect(found(log)).toEqual(["src/a.js:7 comma-dangle", "src/a.js:9 no-console"])
    expect(readFindings(log, "/app", "").map(({ severity }) => severity)).toEqual(["medium", "low"])
  })

  test("Biome are rules, formatting and what it cannot read", () => {
    expect(found(sample("logs/biome-2.txt"))).toEqual([
      "src/a.ts:1 lint/suspicious/noExplicitAny",
      "src/a.ts:1 lint/style/useConst",
      "c.json:null format",
      "src/a.ts:2 assist/source/organizeImports",
      "src/a.ts:null format",
      "src/b.ts:2 parse",
      "src/b.ts:null format",
    ])
    expect(readFindings(sample("logs/biome-2.txt"), "/app", "")[0]?.message).toContain("Unexpected any")
  })

  test("Biome are found behind its colours and links", () => {
    expect(found(sample("logs/biome-2-colours.txt"))).toEqual(["src/a.ts:1 lint/suspicious/noExplicitAny"])
  })
})

test.each([
  ["nothing", ""],
  [
    "what a script says besides",
    "> app@1.0.0 lint\n> eslint .\n\nDone in 3.2 s\n✖ 6 problems (6 errors, 0 warnings)\n",
  ],
  ["a test's output", "  ✓ 12 tests passed (3:5)\n  error: none\n"],
])("%s holds no finding", (_what, log) => {
  expect(readFindings(log, "/app", "")).toEqual([])
})

test("a log of very long lines is read quickly", () => {
  const log = `${"a ".repeat(100_000)}\n${" ".repeat(50_000)}x\n${"a:".repeat(50_000)}\n${"(".repeat(50_000)}\n`
  expect(readFindings(log.repeat(2), "/app", "")).toEqual([])
})
