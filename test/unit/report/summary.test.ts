import { describe, expect, it } from "vitest"
import { stripAnsi } from "../../../ci/src/formats/clean.js"
import { summaryText } from "../../../ci/src/report/summary.js"
import { runOf, stage } from "./builders.js"
import { big, hostile } from "./extremes.js"
import { rich } from "./rich.js"
import { errored, green, red } from "./sample.js"

const plain = { color: false }

describe("summary in the terminal", () => {
  it("is a line a stage and a verdict when all is well", () => {
    const lines = summaryText(green(), plain).split("\n")
    expect(lines).toHaveLength(green().stages.length + 2)
    expect(lines[2]).toBe("✓ format                         2.2 s  84 files  cached")
    expect(lines[8]).toBe("– infra                                 no Terraform files")
    expect(lines.at(-1)).toBe("✓ medflow passed  9 stages: 8 passed, 1 skipped, 2 cached; 57 tests; 41.0 s")
  })

  it("puts the cause first when red: the code's before the infrastructure's, then the stages", () => {
    const text = summaryText(red(), plain)
    const places = [
      "✗ lint failed: 2 errors, 1 warning",
      "• backend/src/appointments/service.ts:118 slipway/no-phi-in-logs A patient's name",
      "✗ test:unit:backend failed: 2 of 45 tests failed",
      "✗ appointments › does what case 4 says",
      '│ AssertionError: expected 409 "Conflict"',
      "! scan:dependencies could not look: the vulnerability database",
      "│ dial tcp 10.0.0.7:443: i/o timeout",
      "✓ install",
      "– test:integration:backend",
      "✗ medflow failed",
    ].map((part) => text.indexOf(part))
    expect(places[0]).toBe(0)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(text).not.toContain("of what the tests printed")
  })

  it("never calls what could not look a failure", () => {
    const text = summaryText(errored(), plain)
    expect(text).toMatch(/^! scan:dependencies could not look: /)
    expect(text).toContain("! medflow errored: could not look")
    expect(text).not.toContain("failed")
  })

  it("shows the end of the log when neither tests nor findings say why", () => {
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

  it("stays short however much is wrong", () => {
    const text = summaryText(big(), plain)
    expect(text).toContain("… and 35 more failed tests")
    expect(text).toContain("… and 1,995 more findings: 495 block, 500 reported, 500 known, 500 waived")
    expect(text.split("\n").length).toBeLessThan(50)
  })

  it("says of a finding what fixes it and why it blocks, before those that do not", () => {
    const lines = summaryText(rich(), plain).split("\n")
    const first = lines.indexOf("✗ scan:dependencies failed: 2 of 4 findings block")
    expect(lines.slice(first + 1, first + 6)).toEqual([
      "    • package-lock.json CVE-2021-44906 minimist: prototype pollution through its setKey function",
      "      pkg:npm/minimist@1.2.5 · fixed in 1.2.6 · CVSS 9.8 · EPSS 1.0 % · new, fixable, and high or worse",
      "    • package-lock.json CVE-2023-4863 libwebp: heap overflow in a picture of an attacker",
      expect.stringMatching(/known to be exploited \(KEV\) · known to be exploited: blocks always$/),
      "    … and 2 more findings: 1 known, 1 waived",
    ])
  })

  it("names what did not look in a green stage, what is flaky, and the coverage", () => {
    const text = summaryText(rich(), plain)
    expect(text).toContain("    – codeql skipped: no SARIF of it was handed over")
    expect(text).toContain("    – snyk skipped: no token: hand one over with --snyk-token")
    expect(text).toMatch(/\nflaky: .*\n {4}booking › books the first free slot test:e2e\n/)
    expect(text).toContain("48 tests, 2 failed, 1 flaky; 7 findings, 5 blocking; 88.3 % of lines covered")
  })

  it("has the same words with colours", () => {
    const text = summaryText(red(), { color: true })
    expect(text).toContain("\u001b[31;1m✗ lint failed\u001b[0m")
    expect(stripAnsi(text)).toBe(summaryText(red(), plain))
  })

  it("lets no text of a run steer the terminal or the vendor's log", () => {
    const text = summaryText(hostile(), plain)
    expect(text).not.toMatch(/[^\P{Cc}\n]/u)
    expect(text).not.toMatch(/^\s*::/m)
    expect(text).not.toContain("##vso[")
  })

  it("says so when nothing ran", () => {
    expect(summaryText(runOf("skipped", []), plain)).toContain("– medflow skipped: nothing ran  no stages")
  })
})
