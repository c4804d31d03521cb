import { describe, expect, it } from "vitest"
import { evidenceFiles } from "../../../ci/src/report/evidence.js"
import { hostile } from "./extremes.js"
import { green, red } from "./sample.js"

describe("evidence", () => {
  it("is the same files for a green run and a red one, with the logs there are", () => {
    const always = ["report.html", "result.json", "summary.md", "audit.jsonl", "junit.xml"]
    expect(Object.keys(evidenceFiles(green()))).toEqual([...always, "annotations.jsonl", "logs/install.log"])
    expect(Object.keys(evidenceFiles(red()))).toEqual([
      ...always,
      "annotations.jsonl",
      "logs/install.log",
      "logs/scan-dependencies.log",
      "logs/test-unit-backend.log",
    ])
  })

  it("keeps the record as it is in result.json, with the head of the audit log", () => {
    const files = evidenceFiles(red())
    const { audit, ...record } = JSON.parse(files["result.json"] ?? "")
    expect(record).toEqual(red())
    expect(audit).toEqual({ head: files["audit.jsonl"]?.match(/[0-9a-f]{64}/g)?.at(-1), entries: 20 })
    expect(files["summary.md"]).toContain(audit.head)
  })

  it("is the same bytes for the same run", () => expect(evidenceFiles(red())).toEqual(evidenceFiles(red())))

  it("says at its top how much of a log is missing", () => {
    const log = evidenceFiles(red())["logs/test-unit-backend.log"]
    expect(log?.split("\n").slice(0, 2)).toEqual([
      "[940 earlier lines were not kept]",
      "stdout | line 941 of what the tests printed",
    ])
  })

  it("writes no log outside its folder, over another, or with a name too long for a disk", () => {
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
