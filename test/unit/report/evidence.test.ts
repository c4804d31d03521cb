import { describe, expect, it } from "vitest"
import { evidenceFiles } from "../../../ci/src/report/evidence.js"
import { big, hostile } from "./extremes.js"
import { green, red } from "./sample.js"

describe("evidence", () => {
  it("has the same files for green and red runs, and a log for each stage that has one", () => {
    const always = ["report.html", "result.json", "summary.md", "audit.jsonl", "junit.xml", "findings.sarif"]
    expect(Object.keys(evidenceFiles(green()))).toEqual([...always, "annotations.jsonl", "logs/install.log"])
    expect(Object.keys(evidenceFiles(red()))).toEqual([
      ...always,
      "annotations.jsonl",
      "logs/install.log",
      "logs/scan-dependencies.log",
      "logs/test-unit-backend.log",
    ])
  })

  it("keeps the record unchanged in result.json, and adds the head of the audit log", () => {
    const files = evidenceFiles(red())
    const { audit, ...record } = JSON.parse(files["result.json"] ?? "")
    expect(record).toEqual(red())
    expect(audit).toEqual({ head: files["audit.jsonl"]?.match(/[0-9a-f]{64}/g)?.at(-1), entries: 21 })
    expect(files["summary.md"]).toContain(audit.head)
  })

  it("has the findings of all stages as one run of SARIF, the worst first", () => {
    const { runs } = JSON.parse(evidenceFiles(red())["findings.sarif"] ?? "")
    const rules = red().stages.flatMap(({ findings }) => findings.map(({ rule }) => rule))
    expect(runs).toHaveLength(1)
    expect(runs[0].automationDetails.id).toBe("slipway/check/")
    expect(runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId).toSorted()).toEqual(
      rules.toSorted(),
    )
    const many = JSON.parse(evidenceFiles(big())["findings.sarif"] ?? "")
    expect(many.runs[0].results.length).toBeLessThanOrEqual(5000)
    expect(many.runs[0].results[0].level).toBe("error")
  })

  it("has the same bytes for the same run", () => expect(evidenceFiles(red())).toEqual(evidenceFiles(red())))

  it("counts omitted lines at the top of a log", () => {
    const log = evidenceFiles(red())["logs/test-unit-backend.log"]
    expect(log?.split("\n").slice(0, 2)).toEqual([
      "[940 earlier lines omitted]",
      "stdout | line 941 of what the tests printed",
    ])
  })

  it("writes each log to a path of its own inside logs/, short enough for file systems", () => {
    const files = evidenceFiles(hostile())
    const logs = Object.keys(files).filter((path) => path.startsWith("logs/"))
    expect(logs).toHaveLength(6)
    expect(
      logs.every(
        (path) => /^logs\/[\p{L}\p{N}_-][\p{L}\p{N}._-]*\.log$/u.test(path) && Buffer.byteLength(path) <= 255,
      ),
    ).toBe(true)
    expect([files["logs/a-b.log"], files["logs/a-b-2.log"]]).toEqual(["one\n", "two\n"])
  })

  it("links every file from the report", () => {
    const files = evidenceFiles(hostile(), {
      "logs/a file ü.full.log": null,
      "sarif/Ü ber.sarif": "sha256:0",
    })
    for (const path of ["logs/a file ü.full.log", "sarif/Ü ber.sarif"])
      expect(files["report.html"]?.split(`href="${encodeURI(path)}"`)).toHaveLength(2)
    for (const path of Object.keys(files)) expect(files["report.html"]).toContain(`href="${encodeURI(path)}"`)
  })
})
