import { describe, expect, it } from "vitest"
import { stripAnsi } from "../../../ci/src/formats/clean.js"
import { summaryText } from "../../../ci/src/report/summary.js"
import { runOf, stage } from "./builders.js"
import { big, hostile } from "./extremes.js"
import { rich } from "./rich.js"
import { errored, green, red } from "./sample.js"

const plain = { color: false }

describe("summary in the terminal", () => {
  it("shows one line per stage and the verdict of a green run", () => {
    const lines = summaryText(green(), plain).split("\n")
    expect(lines).toHaveLength(green().stages.length + 2)
    expect(lines[2]).toBe("✓ format                         2.2 s  84 files  cached")
    expect(lines[8]).toBe("– infra                                 no Terraform files")
    expect(lines.at(-1)).toBe("✓ medflow passed  9 stages: 8 passed, 1 skipped, 2 cached; 57 tests; 41.0 s")
  })

  it("shows causes first, failed before errored, then the stages", () => {
    const text = summaryText(red(), plain)
    const places = [
      "✗ lint failed: 2 errors, 1 warning",
      "• backend/src/appointments/service.ts:118 slipway/no-phi-in-logs A patient's name",
      "✗ test:unit:backend failed: 2 of 45 tests failed",
      "✗ appointments › does what case 4 says",
      '│ AssertionError: expected 409 "Conflict"',
      "! scan:dependencies errored: the vulnerability database",
      "│ dial tcp 10.0.0.7:443: i/o timeout",
      "✓ install",
      "– test:integration:backend",
      "✗ medflow failed",
    ].map((part) => text.indexOf(part))
    expect(places[0]).toBe(0)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(text).not.toContain("of what the tests printed")
  })

  it("does not call an errored stage failed", () => {
    const text = summaryText(errored(), plain)
    expect(text).toMatch(/^! scan:dependencies errored: /)
    expect(text).toContain("! medflow errored ")
    expect(text).not.toContain("failed")
  })

  it("shows the end of the log without failed tests and findings", () => {
    const text = Array.from({ length: 40 }, (_, i) => `line ${i + 1}`).join("\n")
    const built = stage("image", {
      verdict: "failed",
      summary: "RUN npm ci: exit code 1",
      log: { text, lines: 40 },
    })
    const lines = summaryText(runOf("failed", [built]), plain).split("\n")
    expect(lines.slice(0, 2)).toEqual(["✗ image failed: RUN npm ci: exit code 1", "    │ line 29"])
    expect(lines[12]).toBe("    │ line 40")
  })

  it("stays short for thousands of failures", () => {
    const text = summaryText(big(), plain)
    expect(text).toContain("… and 35 more failed tests")
    expect(text).toContain("… and 1,995 more findings: 495 blocking, 500 reported, 500 known, 500 waived")
    expect(text.split("\n").length).toBeLessThan(50)
  })

  it("shows blocking findings first, with their fix and reason", () => {
    const lines = summaryText(rich(), plain).split("\n")
    const first = lines.indexOf("✗ scan:dependencies failed: 2 of 4 findings block")
    expect(lines.slice(first + 1, first + 6)).toEqual([
      "    • package-lock.json CVE-2021-44906 minimist: prototype pollution through its setKey function",
      "      pkg:npm/minimist@1.2.5 · fixed in 1.2.6 · CVSS 9.8 · EPSS 1.0 % · new, fixable, and high or worse",
      "    • package-lock.json CVE-2023-4863 libwebp: heap overflow in a picture of an attacker",
      expect.stringMatching(/known exploited \(KEV\) · known to be exploited: blocks always$/),
      "    … and 2 more findings: 1 known, 1 waived",
    ])
  })

  it("names tools that did not run, flaky tests and the coverage", () => {
    const text = summaryText(rich(), plain)
    expect(text).toContain("    – codeql skipped: no SARIF of it was handed over")
    expect(text).toContain("    – snyk skipped: no token: hand one over with --snyk-token")
    expect(text).toMatch(/\nflaky: .*\n {4}booking › books the first free slot test:e2e\n/)
    expect(text).toContain("48 tests, 2 failed, 1 flaky; 7 findings, 5 blocking; 88.3 % of lines covered")
  })

  it("has the same text with and without colours", () => {
    const text = summaryText(red(), { color: true })
    expect(text).toContain("\u001b[31;1m✗ lint failed\u001b[0m")
    expect(stripAnsi(text)).toBe(summaryText(red(), plain))
  })

  it("lets no text of a run control the terminal or the vendor's log", () => {
    const text = summaryText(hostile(), plain)
    expect(text).not.toMatch(/[^\P{Cc}\n]/u)
    expect(text).not.toMatch(/^\s*::/m)
    expect(text).not.toContain("##vso[")
  })

  it("tells that nothing ran", () => {
    expect(summaryText(runOf("skipped", []), plain)).toContain("– medflow skipped: nothing ran  no stages")
  })
})
