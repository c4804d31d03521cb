import { describe, expect, it } from "vitest"
import { codeSpan, escapeMarkdown, summaryMarkdown } from "../../../ci/src/report/markdown.js"
import { big, hostile } from "./extremes.js"
import { errored, green, red } from "./sample.js"

describe("summary for a vendor's page", () => {
  it("shows verdict and table of a green run", () => {
    const lines = summaryMarkdown(green()).split("\n")
    expect(lines[0]).toBe("## ✓ medflow passed")
    expect(lines).toContain("| ✓ Passed | `format` | 84 files · *cached* | 2.2 s |")
    expect(summaryMarkdown(green())).not.toContain("<details")
  })

  it("shows failures before the table", () => {
    const text = summaryMarkdown(red())
    expect(text.indexOf("<strong>lint</strong> failed: 2 errors, 1 warning")).toBeLessThan(
      text.indexOf("| Result |"),
    )
    expect(text).toContain("**appointments › does what case 4 says** `backend/test/appointments.test.ts`")
    expect(summaryMarkdown(errored())).toContain("<strong>scan:dependencies</strong> errored:")
  })

  it("keeps hostile text inside its cell, code or summary", () => {
    const text = summaryMarkdown(hostile())
    const outside = text.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, "").replace(/(`+)(?!`).*?[^`]\1(?!`)/g, "")
    expect(outside).not.toMatch(/<(?!\/?(details|summary|strong)\b)/)
    for (const row of outside.split("\n").filter((line) => line.startsWith("|"))) {
      expect(row.replaceAll("\\|", "").split("|")).toHaveLength(6)
    }
  })

  it("escapes Markdown and HTML", () => {
    expect(escapeMarkdown("a|b `c` <d> [e](f) *g* & _h_\ni")).toBe(
      "a\\|b \\`c\\` &lt;d&gt; \\[e\\](f) \\*g\\* &amp; \\_h\\_ i",
    )
    expect(codeSpan("a`b``c|d")).toBe("```a`b``c\\|d```")
  })

  it("stays far below GitHub's limit of 1 MiB", () => {
    expect(summaryMarkdown(big()).length).toBeLessThan(50_000)
  })
})
