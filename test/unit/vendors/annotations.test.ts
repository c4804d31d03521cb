import { describe, expect, it } from "vitest"
import { remarks } from "../../../ci/src/report/remarks.js"
import type { RunRecord } from "../../../ci/src/run/result.js"
import { annotations } from "../../../ci/src/vendors/vendors.js"
import { runOf, stage, test } from "../report/builders.js"
import { big, hostile } from "../report/extremes.js"
import { rich } from "../report/rich.js"
import { errored, green } from "../report/sample.js"

const of = (vendor: string | null, run: RunRecord) => annotations(vendor, remarks(run))
const linesOf = (vendor: string | null, run: RunRecord): readonly string[] =>
  Object.values(of(vendor, run)).join("").split("\n").filter(Boolean)

describe("annotations", () => {
  it("have the vendor's form and file; JSON Lines for others", () => {
    expect(Object.keys(of("github", rich()))).toEqual(["annotations.txt"])
    expect(Object.keys(of("azure", rich()))).toEqual(["annotations.txt"])
    expect(Object.keys(of("gitlab", rich()))).toEqual(["gl-code-quality-report.json"])
    for (const vendor of [null, "circleci", "a-new-one"])
      expect(Object.keys(of(vendor, rich()))).toEqual(["annotations.jsonl"])
  })

  it("are workflow commands on GitHub", () => {
    const lines = linesOf("github", rich())
    expect(lines).toContain(
      "::error file=backend/src/appointments/service.ts,line=118,title=lint slipway/no-phi-in-logs::A patient's name is written to the log.",
    )
    expect(lines).toContain(
      "::error file=package-lock.json,title=scan%3Adependencies CVE-2021-44906::minimist: prototype pollution through its setKey function Fixed in 1.2.6.",
    )
    expect(lines.at(-1)).toBe(
      "::warning file=e2e/booking.spec.ts,title=test%3Ae2e books the first free slot::booking › books the first free slot failed, then passed when retried",
    )
  })

  it("are logging commands on Azure", () => {
    expect(linesOf("azure", rich())).toContain(
      "##vso[task.logissue type=error;sourcepath=backend/src/app.ts;linenumber=7;code=no-console;]Unexpected console statement.",
    )
  })

  it("are a Code Quality report on GitLab, with one entry and a place each", () => {
    const issues: readonly { fingerprint: string; location: { path: string; lines: { begin: number } } }[] =
      JSON.parse(of("gitlab", big())["gl-code-quality-report.json"] ?? "")
    expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(issues.length)
    expect(issues.every(({ location }) => location.path !== "" && location.lines.begin > 0)).toBe(true)
    expect(issues[0]).toMatchObject({ check_name: "failed-test", severity: "critical" })
  })

  it("omit known and waived findings, and stay within the vendor's limit", () => {
    expect(linesOf(null, rich()).join()).not.toMatch(/CVE-2024-37890|CVE-2024-47764/)
    expect(linesOf("github", big()).filter((line) => line.startsWith("::error"))).toHaveLength(10)
    expect(linesOf(null, green())).toEqual([])
  })

  it("name the line of a failed test, and red stages without tests and findings", () => {
    const message = "expected 3\n  at /app/test/a.test.ts:88:23"
    const failed = test("s", "adds", { file: "test/a.test.ts", verdict: "failed", message })
    const run = runOf("failed", [stage("unit", { verdict: "failed", tests: [failed] })])
    expect(linesOf("github", run)).toEqual([
      "::error file=test/a.test.ts,line=88,title=unit adds::s › adds%0Aexpected 3%0A  at /app/test/a.test.ts:88:23",
    ])
    expect(linesOf("github", errored())).toEqual([
      "::error title=scan%3Adependencies errored::scan:dependencies errored: the vulnerability database could not be downloaded",
    ])
  })

  it("turn no text of a run into a command", () => {
    for (const vendor of ["github", "azure", null]) {
      const lines = linesOf(vendor, hostile())
      const start =
        { github: /^::(error|warning) /, azure: /^##vso\[task\.logissue type=/ }[vendor ?? ""] ?? /^\{/
      for (const line of lines) {
        expect(line).toMatch(start)
        expect(line.slice(2)).not.toMatch(/##(vso)?\[|\p{Cc}/u)
      }
    }
    const [first = ""] = linesOf("azure", hostile())
    expect(first.indexOf("]")).toBe(first.indexOf(";]") + 1)
    const [command = ""] = linesOf("github", hostile())
    const properties = command.slice(2, command.indexOf("::", 2))
    expect(properties.split(",").map((one) => one.split("=")[0])).toEqual(["error file", "title"])
    expect(properties).not.toContain(":")
  })
})
