import { describe, expect, test } from "vitest"
import { CHANGES } from "../../../ci/src/quality/changes.js"
import { withoutFiles } from "../../../ci/src/quality/no-files.js"
import { ENDED, judgeRepair, judgeTool, withoutConfiguration } from "../../../ci/src/quality/tool-outcome.js"
import { sample } from "../testdata.js"
import { bad, ran } from "../testing/ran.js"

const ANNOTATIONS = "/slipway/runs/1-1/annotations.txt"
const FOLDER = { "/slipway/runs/1-1/cwd": "/app/web\n" }
const annotation = (level: string, rule: string) =>
  `::${level} title=${rule},file=a.js,line=2,col=3::is wrong\n`

describe("a check of no file", () => {
  const EMPTY = { "/slipway/runs/1-1/eslint.json": "[]" }
  const checked = (reports: Readonly<Record<string, string>>, log = "", programs = 1) => {
    const given = ran(null, reports, log)
    return withoutFiles(judgeTool(given, ""), given, programs)
  }

  test.each([
    ["ESLint", EMPTY, ""],
    ["lint-staged", {}, "→ No staged files found.\n"],
    ["Biome", {}, "Checked 0 files in 37ms. No fixes applied.\n"],
    ["ruff", {}, "warning: No Python files found under the given path(s)\nAll checks passed!\n"],
    ["black", {}, "No Python files are present to be formatted. Nothing to do\n"],
  ])("by %s is skipped", (_, reports, log) => {
    expect(checked(reports, log)).toMatchObject({ verdict: "skipped" })
  })

  test("does not apply where another program may have looked, or a file was found", () => {
    expect(checked(EMPTY, "", 2).verdict).toBe("passed")
    expect(
      checked({ "/slipway/runs/1-1/eslint.json": '[{"filePath":"/app/a.js","messages":[]}]' }).verdict,
    ).toBe("passed")
    expect(checked({}, "Checked 10 files in 2ms.\n").verdict).toBe("passed")
  })
})

describe("a linter", () => {
  test("that only warns passes, and shows it", () => {
    const given = ran(null, { ...FOLDER, [ANNOTATIONS]: annotation("warning", "lint/noDebugger") })
    expect(judgeTool(given, "web")).toMatchObject({
      verdict: "passed",
      summary: "1 warning",
      findings: [{ rule: "lint/noDebugger", severity: "low", file: "web/a.js", line: 2 }],
    })
  })

  test("that fails is blocked by its errors, and not by its warnings and hints", () => {
    const text = [annotation("notice", "c"), annotation("warning", "b"), annotation("error", "a")].join("")
    const { verdict, summary, findings } = judgeTool(ran(bad(1), { ...FOLDER, [ANNOTATIONS]: text }), "web")
    expect({ verdict, summary }).toEqual({ verdict: "failed", summary: "1 error, 1 warning, 1 hint" })
    expect(findings.map(({ rule, standing }) => [rule, standing?.status])).toEqual([
      ["c", "reported"],
      ["b", "reported"],
      ["a", undefined],
    ])
  })

  test("that fails by its warnings alone is blocked by them", () => {
    const given = ran(bad(1), { ...FOLDER, [ANNOTATIONS]: annotation("warning", "b") })
    expect(judgeTool(given, "web")).toMatchObject({ verdict: "failed", summary: "1 warning" })
    expect(judgeTool(given, "web").findings[0]).not.toHaveProperty("standing")
  })

  test("is not counted twice, by its report and by its log", () => {
    const report = { "/slipway/runs/1-1/eslint.json": "[]" }
    expect(judgeTool(ran(bad(2), report, sample("logs/eslint-9.txt")), "").findings).toEqual([])
    expect(judgeTool(ran(bad(2), {}, sample("logs/eslint-9.txt")), "").findings).toHaveLength(6)
  })

  test("without a configuration has nothing to look by; other failures stay", () => {
    const log =
      "\nOops! Something went wrong! :(\n\nESLint couldn't find an eslint.config.(js|mjs|cjs) file.\n"
    const lost = judgeTool(ran(bad(2), {}, log), "")
    expect(lost.verdict).toBe("failed")
    expect(withoutConfiguration(lost, log, "lint", [])).toMatchObject({ verdict: "skipped", findings: [] })
    const found = judgeTool(ran(bad(1), {}, sample("logs/eslint-9.txt")), "")
    expect(withoutConfiguration(found, sample("logs/eslint-9.txt"), "lint", []).verdict).toBe("failed")
  })

  test("that no package.json names is skipped; one that was not installed is errored", () => {
    const log = "> eslint src\n\nsh: 1: eslint: not found\n"
    const lost = judgeTool(ran(bad(127), {}, log), "")
    expect(withoutConfiguration(lost, log, "lint", ["express"])).toMatchObject({
      verdict: "skipped",
      summary: "the script lint calls eslint, which no package.json names, and the team's CI does not run it",
    })
    expect(withoutConfiguration(lost, log, "lint", ["eslint"])).toBe(lost)
    const biome = log.replaceAll("eslint", "biome")
    expect(withoutConfiguration(lost, biome, "lint", ["@biomejs/biome"])).toBe(lost)
  })

  test("of Biome has its own levels in its log", () => {
    const log =
      "web/a.js:2:3 lint/suspicious/noDebugger  FIXABLE  ━━━━━━\n\n  ! This is a debugger statement.\n\nb.js:1:1 lint/style/useConst ━━━━━━\n\n  × Use const.\n\n  i Only once assigned.\n"
    expect(judgeTool(ran(bad(1), {}, log), "").findings.map(({ severity }) => severity)).toEqual([
      "low",
      "medium",
    ])
  })
})

test("a script that hides its linter's errors passes, and says so", () => {
  const [error, warning] = ["a.js: line 1", "[warn] a.js\n"]
  const tsc = "a.ts(3,5): error TS2322: Type 'string' is not assignable.\n"
  expect(judgeTool(ran(null, {}, tsc), "")).toMatchObject({
    verdict: "passed",
    summary: "1 finding, though the script exits with code 0",
  })
  expect(judgeTool(ran(null, {}, warning), "").summary).toBe("1 warning")
  expect(judgeTool(ran(null, {}, error), "").summary).toBe("nothing found")
})

describe("a script that writes", () => {
  const changed = JSON.stringify([
    { file: "two.js", line: 1, removed: ["let one = 1"], added: ["const one = 1"] },
  ])

  test("fails by what it changed", () => {
    expect(judgeTool(ran(null, { [CHANGES]: changed }), "")).toMatchObject({
      verdict: "failed",
      cause: "failed",
      summary: "the script changed 1 file: it repairs what it should report",
      findings: [
        { file: "two.js", line: 1, message: "the script changed it: - let one = 1 + const one = 1" },
      ],
    })
    expect(judgeTool(ran(null, { [CHANGES]: "[]" }), "")).toMatchObject({ verdict: "passed" })
  })

  test("and does nothing else is no check where it fails without a change", () => {
    expect(judgeRepair(ran(null, { [CHANGES]: "[]", [ENDED]: "128\n" }), "").verdict).toBe("skipped")
    expect(judgeRepair(ran(null, { [CHANGES]: changed, [ENDED]: "128\n" }), "").verdict).toBe("failed")
    expect(judgeRepair(ran(null, { [CHANGES]: "[]", [ENDED]: "0\n" }), "").verdict).toBe("passed")
  })
})
