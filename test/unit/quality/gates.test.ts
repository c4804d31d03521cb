import { describe, expect, test } from "vitest"
import { judge as deadcode } from "../../../ci/src/quality/deadcode.js"
import { judge as duplication } from "../../../ci/src/quality/duplication.js"
import { judge as maintainability } from "../../../ci/src/quality/maintainability.js"
import { judge as privacy } from "../../../ci/src/quality/privacy/privacy.js"
import { judge as sonar } from "../../../ci/src/quality/sonar.js"
import type { Ran } from "../../../ci/src/run/stage.js"
import { projectOf } from "../projects.js"
import { runOf, stage } from "../report/builders.js"
import { sample } from "../testdata.js"
import { bad, ran } from "../testing/ran.js"

const project = await projectOf({ "package.json": { name: "a", dependencies: { left: "1" } } })
const given = { base: null, project }

const jscpd = (files: number, duplicatedLines: number): Ran =>
  ran(null, {
    "/tmp/jscpd/jscpd-report.json": JSON.stringify({
      statistics: { total: { sources: files, lines: 1000, duplicatedLines } },
      duplicates:
        duplicatedLines === 0
          ? []
          : [
              {
                lines: duplicatedLines,
                firstFile: { name: "src/a.ts", start: 1 },
                secondFile: { name: "src/über b.ts", start: 7 },
              },
            ],
    }),
  })

test("fails above the percentage of duplicated lines that is allowed", () => {
  expect(duplication(given, jscpd(9, 30), "4")).toMatchObject({
    verdict: "passed",
    findings: [{ standing: { status: "reported" } }],
  })
  expect(duplication(given, jscpd(9, 31), "4")).toMatchObject({
    verdict: "failed",
    summary: "3.1 % duplicated lines, 3 % allowed",
    findings: [
      {
        file: "src/über b.ts",
        line: 7,
        message: "31 lines as at src/a.ts:1",
        standing: { status: "blocks" },
      },
    ],
  })
})

test("shows the number of the base beside its own", () => {
  const measure = { name: "duplicated lines", value: 5, unit: "%", limit: 3, base: null }
  const base = runOf("passed", [stage("duplication", { measures: [measure] })])
  const { summary, measures } = duplication({ base, project }, jscpd(9, 20), "4")
  expect(summary).toBe("2 % duplicated lines, 3 % allowed, 5 % in the base")
  expect(measures).toMatchObject([{ value: 2, base: 5 }])
})

const message = (type: string, rule: string | null = `sonarjs/${type}`) => ({
  file: "src/a.ts",
  line: 3,
  rule,
  type,
  message: "wrong",
})
const sonarjs = (files: number, ...messages: object[]): Ran =>
  ran(null, { "/tmp/sonarjs.json": JSON.stringify({ files, messages }) })

test("fails for one bug, or for more smells than allowed", () => {
  const smells = (n: number) => Array.from({ length: n }, () => message("suggestion"))
  const of = (...messages: object[]) => maintainability(given, sonarjs(4, ...messages), "4")
  expect(of(...smells(5))).toMatchObject({
    verdict: "passed",
    summary: "0 bugs, 0 allowed; 5 code smells, 5 allowed",
  })
  expect(of(...smells(6))).toMatchObject({ verdict: "failed", findings: { length: 6 } })
  const { verdict, summary, findings } = of(message("problem"), ...smells(1))
  expect([verdict, summary]).toEqual(["failed", "1 bug, 0 allowed; 1 code smell, 5 allowed"])
  expect(findings.map(({ standing }) => standing?.status)).toEqual(["blocks", "reported"])
})

const knip = (issues: unknown, exitCode = 1, before = ""): Ran =>
  ran(exitCode === 0 ? null : bad(exitCode), { "/tmp/knip.json": before + JSON.stringify({ issues }) })
const UNUSED = [{ file: "package.json", dependencies: [{ name: "left", line: 4 }] }]
const DEV = [{ file: "package.json", devDependencies: [{ name: "dev", line: 9 }] }]

test("fails for unused dependencies that ship, and for others with a knip.json", async () => {
  const loose = { configured: false, own: false }
  expect(deadcode(project, loose, knip(UNUSED), "6")).toMatchObject({
    verdict: "failed",
    findings: [{ file: "package.json", line: 4, message: "left is a dependency that nothing uses" }],
  })
  expect(deadcode(project, loose, knip(DEV), "6")).toMatchObject({
    verdict: "passed",
    findings: [{ standing: { status: "reported" } }],
  })
  expect(deadcode(project, { ...loose, configured: true }, knip(DEV), "6").verdict).toBe("failed")
  const scripts = { test: "nyc --reporter=lcov dev --require env", start: "run '@a/left'" }
  const called = { ...project, root: { ...project.root, scripts } }
  expect(deadcode(called, loose, knip(DEV), "6").findings).toEqual([])
  expect(deadcode(called, loose, knip(UNUSED), "6").verdict).toBe("failed")
  const workflow = { jobs: { ship: { steps: [{ run: "npm ci\nnpx left --all" }] } } }
  const inCi = await projectOf({ "package.json": {}, ".github/workflows/ci.yml": workflow })
  expect(deadcode(inCi, loose, knip(UNUSED), "6").findings).toEqual([])
  expect(deadcode(project, loose, knip([], 0, "a configuration says hello\n"), "6").verdict).toBe("passed")
})

const semgrep = (more: object): Ran =>
  ran(null, {
    "/tmp/semgrep.json": JSON.stringify({
      version: "1.182.0",
      results: [],
      errors: [],
      paths: { scanned: ["a.ts"] },
      ...more,
    }),
  })

const unread = (file: string, line: number | null, reason: string, tool: string) => ({
  unread: [{ file, line, reason, tools: [tool] }],
})

describe("a file that a tool could not read is named", () => {
  test("by SonarJS, and is no code smell", () => {
    const parsing = { ...message("", null), message: "Parsing error: '}' expected." }
    expect(maintainability(given, sonarjs(4, parsing), "4")).toMatchObject({
      verdict: "passed",
      findings: [],
      looked: [{ what: "3 files" }],
      ...unread("src/a.ts", 3, "Parsing error: '}' expected.", "eslint-plugin-sonarjs"),
    })
  })

  test("by jscpd, for its size", () => {
    const { reports } = jscpd(9, 0)
    expect(
      duplication(given, ran(null, { ...reports, "/tmp/jscpd-large": "./src/a.js\n" }), "4"),
    ).toMatchObject({
      verdict: "passed",
      ...unread("src/a.js", null, "larger than 5 MiB", "jscpd"),
    })
  })

  test("by knip, and what it may use does not block", () => {
    const parsing = [{ file: "src/a.ts", line: 7, message: "Expected `}`" }]
    const reports = { ...knip(UNUSED).reports, "/tmp/knip-unread.json": JSON.stringify(parsing) }
    const outcome = deadcode(project, { configured: true, own: false }, ran(bad(1), reports), "6")
    expect(outcome).toMatchObject({
      verdict: "passed",
      findings: [{ standing: { status: "reported", why: "1 file not read may use it" } }],
      ...unread("src/a.ts", 7, "Expected `}`", "knip"),
    })
  })

  test("by Semgrep's rules for privacy", () => {
    const outcome = privacy(ran(null, { "/tmp/semgrep.json": sample("semgrep/unread.json") }))
    expect(outcome).toMatchObject({ verdict: "failed", unread: { length: 4 }, looked: [{ what: "2 files" }] })
  })

  test.each([
    [
      "Failed to parse file [src/a.ts] at line 3: Unexpected token",
      unread("src/a.ts", 3, "Unexpected token", "sonar-scanner"),
    ],
    ["Unable to parse file: src/a.py", unread("src/a.py", null, "parsing error", "sonar-scanner")],
  ])("by the log of Sonar's scanner: %s", (line, named) => {
    const log = `12:00:00.000 ERROR ${line}\n[INFO] QUALITY GATE STATUS: PASSED - View details on http://s/d\n`
    expect(sonar(ran(null, {}, log), "http://s", "5")).toMatchObject({ verdict: "passed", ...named })
  })
})

test.each([
  ["jscpd: no report", duplication(given, ran(bad(1), {}, "Killed"), "4")],
  ["jscpd: no JSON", duplication(given, ran(null, { "/tmp/jscpd/jscpd-report.json": "<html>" }), "4")],
  ["jscpd: no file", duplication(given, jscpd(0, 0), "4")],
  ["SonarJS: no report", maintainability(given, ran(bad(2), {}, "Oops"), "4")],
  ["SonarJS: no file", maintainability(given, sonarjs(0), "4")],
  ["SonarJS: nothing parsed", maintainability(given, sonarjs(1, message("", null)), "4")],
  ["Semgrep: no report", privacy(ran(bad(2), {}, "Segmentation fault"))],
  ["Semgrep: not there", privacy(ran(bad(127), {}, "sh: semgrep: not found"))],
  ["Semgrep: a broken rule", privacy(semgrep({ errors: [{ message: "Rule parse error" }] }))],
  ["Semgrep: no file", privacy(semgrep({ paths: { scanned: [] } }))],
  ["Semgrep: nothing read", privacy(semgrep({ errors: [{ type: "Syntax error", path: "a.ts" }] }))],
  ["knip: crashed", deadcode(project, { configured: true, own: false }, knip([], 2), "6")],
  ["knip: not there", deadcode(project, { configured: true, own: true }, ran(bad(127)), "6")],
  ["knip: red without a word", deadcode(project, { configured: true, own: false }, knip([], 1), "6")],
  ["sonar: green without a gate", sonar(ran(null, {}, "EXECUTION SUCCESS"), "http://s", "5")],
  ["Semgrep: no file of some code", privacy(semgrep({ paths: { scanned: [] } }), ["src/a.ts"])],
])("is errored, without findings, where a tool did not look: %s", (_, outcome) => {
  expect(outcome).toMatchObject({ verdict: "errored", findings: [] })
})

test("privacy is skipped where no file is one that its rules look at", () => {
  expect(privacy(semgrep({ paths: { scanned: [] } }), ["app.py"])).toMatchObject({
    verdict: "skipped",
    summary: "no file that the rules look at: they read JavaScript, TypeScript and test data",
  })
})

test.each([
  [null, "[INFO] QUALITY GATE STATUS: PASSED - View details on http://s/d", "passed", null],
  [bad(3), "[ERROR] QUALITY GATE STATUS: FAILED - View details on http://s/d", "failed", "failed"],
  [
    bad(1),
    "[ERROR] Bootstrapper: An error occurred: AxiosError: Request failed with status code 401",
    "errored",
    "token",
  ],
  [
    bad(1),
    "[ERROR] Bootstrapper: An error occurred: Error: connect ECONNREFUSED 127.0.0.1:9",
    "errored",
    "errored",
  ],
] as const)("has the verdict of the server's quality gate: %#", (failed, log, verdict, cause) => {
  expect(sonar(ran(failed, {}, log), "http://s", "5")).toMatchObject({ verdict, cause })
})

test("names the conditions of a quality gate that do not hold", () => {
  const condition = (status: string, metricKey: string, actualValue: string) => ({
    status,
    metricKey,
    actualValue,
    comparator: "LT",
    errorThreshold: "80",
  })
  const conditions = [condition("ERROR", "new_coverage", "57.5"), condition("OK", "coverage", "90.0")]
  const answer = JSON.stringify({ projectStatus: { status: "ERROR", conditions } })
  const log = "[ERROR] QUALITY GATE STATUS: FAILED - View details on http://s/d"
  const of = (text: string) => sonar(ran(bad(3), { "/tmp/quality-gate.json": text }, log), "http://s", "5")
  expect(of(answer).findings).toMatchObject([
    { rule: "quality-gate/new_coverage", message: "new coverage is 57.5, and less than 80 fails" },
  ])
  expect(of("<html>")).toMatchObject({ verdict: "failed", findings: [] })
})
