import { describe, expect, it } from "vitest"
import { z } from "zod"
import { reportHtml } from "../../../ci/src/report/report.js"
import { big, HOSTILE, hostile } from "./extremes.js"
import { rich } from "./rich.js"
import { errored, green, red } from "./sample.js"

const DATA = /<script type="application\/json" id="data">([^<]*)<\/script>/
const TEXTS = [z.string(), z.string(), z.string(), z.string()] as const
const Data = z.object({
  groups: z.array(
    z.object({
      failed: z.number(),
      flaky: z.number(),
      tests: z.array(z.tuple([z.string(), z.string(), z.string()], z.string())),
    }),
  ),
  findings: z.array(z.tuple([z.number(), ...TEXTS, z.string(), z.number(), z.number(), z.string()])),
  coverage: z.array(z.tuple([z.string(), z.number(), z.number(), z.string()])),
  words: z.array(z.string()),
})
const dataOf = (page: string) => Data.parse(JSON.parse(DATA.exec(page)?.[1] ?? ""))
const markupOf = (page: string) => page.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, "")

/** Microseconds of processor time, the least of some runs: a busy machine makes them slower, never faster. */
function processorTime(work: () => unknown): number {
  const once = () => {
    const began = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(began)
    return user + system
  }
  return Math.min(...Array.from({ length: 3 }, once))
}

describe("report", () => {
  it("shows failures first, without its script", () => {
    const page = markupOf(reportHtml(red()))
    const order = [
      "<h1>medflow",
      'id="why-0"',
      "A patient&#39;s name",
      "expected 409",
      "i/o timeout",
      'id="timeline"',
      'id="stages"',
    ]
    const places = order.map((part) => page.indexOf(part))
    expect(places.every((place) => place > 0)).toBe(true)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(page).toContain("exit code 1 · 20.9 s · 3 attempts")
    expect(page).toContain("<noscript>")
  })

  it("omits empty sections", () => {
    const page = markupOf(reportHtml(green()))
    expect(page).not.toContain('id="failures"')
    expect(page).not.toContain('id="findings"')
    expect(page).toContain("8 stages passed, 1 skipped.")
  })

  it("distinguishes errored from failed", () => {
    const page = reportHtml(errored())
    expect(page).toContain("<title>! medflow errored · Slipway</title>")
    expect(page).toContain("The code was not judged.")
    expect(markupOf(page)).not.toContain('class="card red v-failed"')
  })

  it("loads nothing, and allows only its own style and script", () => {
    const page = reportHtml(red())
    expect(page).toMatch(/default-src &#39;none&#39;|default-src 'none'/)
    expect(page).not.toContain("unsafe-inline")
    expect(markupOf(page)).not.toMatch(/\b(?:src|href)="(?!#|data:|[\w./%-]+")/)
    expect(markupOf(page)).not.toMatch(/ style=| on\w+=/)
  })

  it("turns no text of a run into markup, and keeps it readable", () => {
    const page = reportHtml(hostile())
    expect(page.match(/<script/g)).toHaveLength(2)
    expect(markupOf(page)).not.toMatch(/<(img|b>bold|x\/)/)
    expect(page).not.toMatch(/[^\P{Cc}\n]/u)
    const [row] = dataOf(page).groups[0]?.tests ?? []
    expect(row?.[0]).toContain('</script><script>document.title="owned"</script>')
    expect(HOSTILE).toContain(row?.[0].slice(0, 60))
  })

  it("holds 5,000 tests and 2,000 findings, failures first, in fewer bytes than the record", () => {
    const run = big()
    const page = reportHtml(run)
    const data = dataOf(page)
    expect(data.groups.flatMap((group) => group.tests)).toHaveLength(5000)
    expect(data.findings).toHaveLength(2000)
    expect(data.groups.map((group) => group.failed > 0).lastIndexOf(true)).toBe(39)
    expect(data.findings.slice(0, 500).map((row) => row[5])).toEqual(Array(500).fill("blocks"))
    expect(new Set(data.findings.slice(0, 100).map((row) => row[4]))).toEqual(new Set(["critical"]))
    expect(data.coverage).toHaveLength(400)
    expect(page.length).toBeLessThan(JSON.stringify(run).length)
    expect(markupOf(page).length).toBeLessThan(100_000)
  })

  it("shows context, tools, measures, coverage, and why a finding blocks", () => {
    const page = reportHtml(rich())
    const text = markupOf(page)
      .replace(/<[^>]+>/g, " ")
      .replace(/\s+/g, " ")
    for (const part of [
      "commit 4f1c9e2ab7d0 · branch waiting-list · change 118 · compared with main · by a.berger · github run 9041 attempt 2",
      "fixed in 1.2.6 CVSS 9.8 EPSS 1.0 % new, fixable, and high or worse found by trivy, osv-scanner",
      "EPSS 93.6 % known exploited (KEV)",
      "2 more findings: 1 known, 1 waived",
      "2 of 5 did not run",
      "Skipped: no token: hand one over with --snyk-token",
      "from 2025-10-02 (50 days old)",
      "71.4 % below the limit Limit at least 75 % Baseline 75.2 % −3.8 %",
      "214.3 kB Limit at most 250.0 kB Baseline 198.0 kB +16.3 kB",
      "Critical path: install → test: e2e → coverage :",
      "sarif/trivy.sarif of scan:dependencies",
      "88.3 % of lines",
    ])
      expect(text).toContain(part)
    expect(text).toContain("1 flaky")
    expect(page).toContain('<a href="https://ci.example/runs/9041">')
  })

  it("links no address that could run code", () => {
    expect(markupOf(reportHtml(hostile()))).not.toMatch(/href="\s*javascript:/i)
  })

  it("takes processor time in proportion to the size of the run", { timeout: 60_000 }, () => {
    const [small, large] = [big(500, 200), big(5000, 2000)]
    reportHtml(large)
    expect(processorTime(() => reportHtml(large)) / processorTime(() => reportHtml(small))).toBeLessThan(40)
    expect(processorTime(() => reportHtml(large)) / processorTime(() => JSON.stringify(large))).toBeLessThan(
      100,
    )
  })
})
