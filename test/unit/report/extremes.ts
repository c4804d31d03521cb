import type { RunRecord, Severity } from "../../../ci/src/run/result.js"
import { finding, runOf, stage, step, test } from "./builders.js"
import { failedLint, failedUnit, install, STACK, SUITES, types } from "./sample.js"

const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"]

const STANDINGS = ["blocks", "known", "reported", "waived"] as const
const WHY = [
  "new and fixable, high or worse",
  "was there in the base",
  "below the severity that blocks",
  "waived by anna until 2026-01-31: not reachable from outside",
]

function caseAt(i: number) {
  const suite = `module ${Math.floor(i / 40)} › ${SUITES[i % 3]}`
  const others = i % 90 === 3 ? "skipped" : "passed"
  const verdict = i % 125 === 7 ? "failed" : others
  const message = verdict === "failed" ? `${STACK}\ncase ${i}` : null
  const file = `packages/module-${Math.floor(i / 40)}/test/all.test.ts`
  return test(suite, `keeps rule ${i} under load`, { file, seconds: (i % 70) / 100, verdict, message })
}

const findingAt = (i: number) =>
  finding(
    `CVE-2024-${1000 + i}`,
    `package-${i % 300} is open to a prototype pollution through its merge function`,
    {
      severity: SEVERITIES[(i * 7) % 5] ?? "low",
      file: `packages/module-${i % 60}/package-lock.json`,
      line: i + 1,
      fingerprint: `fp-${i}`,
      tools: i % 3 === 0 ? ["trivy", "osv-scanner"] : ["trivy"],
      vulnerability: {
        aliases: [`GHSA-${i}`],
        package: `pkg:npm/package-${i % 300}@1.${i % 40}.0`,
        fixed: i % 4 === 0 ? null : `1.${i % 40}.1`,
        cvss: (i % 100) / 10,
        epss: (i % 97) / 100,
        kev: i % 400 === 0,
      },
      standing: { status: STANDINGS[i % 4] ?? "known", why: WHY[i % 4] ?? "" },
    },
  )

/** A run with more of everything than a page can show at once. */
export function big(tests = 5000, findings = 2000): RunRecord {
  const cases = Array.from({ length: tests }, (_, i) => caseAt(i))
  const found = Array.from({ length: findings }, (_, i) => findingAt(i))
  const coverage = Array.from({ length: 400 }, (_, i) => ({
    file: `packages/module-${i % 60}/src/file-${i}.ts`,
    lines: 200,
    covered: 200 - (i % 120),
    missed: i % 120 === 0 ? "" : `1-${i % 120}`,
  }))
  const failures = cases.filter((one) => one.verdict === "failed").length
  return runOf("failed", [
    install,
    { ...failedUnit, summary: `${failures} of ${tests} tests failed`, tests: cases },
    { ...failedLint, name: "scan:dependencies", summary: `${findings} findings`, findings: found },
    stage("coverage", { summary: "of 400 files", coverage }),
    types,
  ])
}

/** Text that would steer a terminal, a page, an XML reader, Markdown or a vendor's log reader. */
export const HOSTILE = [
  "##vso[task.complete result=Succeeded;]",
  '</script><script>document.title="owned"</script>',
  "<!--<script>",
  '"><img src=x onerror=alert(1)>',
  "]]>&amp;<x/>",
  "\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u001b[2J",
  "\u0000\u0001\u0008\u007f\u009b31m \ud800 \ufffe",
  "\u202Egnp.exe\u202C",
  "`code` ``` | pipe | <b>bold</b> [link](http://example.invalid) **x**",
  "hidden\rshown",
].join(" ")

const EVERYWHERE = `${HOSTILE.replace("\r", "")}\n::error::from a test\n\`\`\`\n</pre></details>`

/** A stage that has the text wherever a stage has text. */
const hostileStage = () =>
  stage(HOSTILE, {
    verdict: "failed",
    summary: HOSTILE,
    tests: [test(HOSTILE, HOSTILE, { verdict: "failed", file: HOSTILE, message: EVERYWHERE, seconds: 0 })],
    findings: [
      finding(HOSTILE, EVERYWHERE, {
        file: HOSTILE,
        line: 1,
        severity: "critical",
        tools: [HOSTILE],
        fingerprint: HOSTILE,
        vulnerability: {
          aliases: [HOSTILE],
          package: HOSTILE,
          fixed: HOSTILE,
          cvss: 9.8,
          epss: 0.5,
          kev: true,
        },
        standing: { status: "blocks", why: HOSTILE },
      }),
    ],
    looked: [
      {
        tool: HOSTILE,
        version: HOSTILE,
        verdict: "errored",
        what: EVERYWHERE,
        database: { source: HOSTILE, updatedAt: HOSTILE },
      },
    ],
    measures: [{ name: HOSTILE, value: 1, unit: HOSTILE, limit: 0, base: 2 }],
    coverage: [{ file: HOSTILE, lines: 2, covered: 1, missed: HOSTILE }],
    files: ["sarif/Ü ber.sarif"],
    steps: [step(HOSTILE, HOSTILE, 1, 2, { exitCode: 1 })],
    log: { text: EVERYWHERE, lines: 4 },
  })

export const hostile = (): RunRecord => ({
  ...runOf("failed", [
    hostileStage(),
    stage("../../etc/passwd", { verdict: "errored", summary: "x", log: { text: EVERYWHERE, lines: 4 } }),
    stage("progress", { log: { text: "10%\r50%\r100%\r\ndone\n", lines: 2 } }),
    stage("a:b", { log: { text: "one", lines: 1 } }),
    stage("a-b", { log: { text: "two", lines: 1 } }),
    stage("ü 𠮷".repeat(80), { log: { text: "x".repeat(5000), lines: 1 } }),
  ]),
  project: HOSTILE,
  context: {
    vendor: HOSTILE,
    commit: HOSTILE,
    branch: HOSTILE,
    tag: HOSTILE,
    base: HOSTILE,
    change: HOSTILE,
    actor: HOSTILE,
    url: "javascript:alert(1)",
    run: HOSTILE,
    attempt: 2,
  },
  images: [{ name: HOSTILE, digest: HOSTILE, purpose: HOSTILE }],
})
