import type { RunRecord, Severity } from "../../../ci/src/plan/result.js"
import { finding, runOf, stage, step, test } from "./builders.js"
import { failedLint, failedUnit, install, STACK, SUITES, types } from "./sample.js"

const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"]

export function big(tests = 5000, findings = 2000): RunRecord {
  const cases = Array.from({ length: tests }, (_, i) => {
    const suite = `module ${Math.floor(i / 40)} › ${SUITES[i % 3]}`
    const verdict = i % 125 === 7 ? "failed" : i % 90 === 3 ? "skipped" : "passed"
    const message = verdict === "failed" ? `${STACK}\ncase ${i}` : null
    const file = `packages/module-${Math.floor(i / 40)}/test/all.test.ts`
    return test(suite, `keeps rule ${i} under load`, { file, seconds: (i % 70) / 100, verdict, message })
  })
  const found = Array.from({ length: findings }, (_, i) =>
    finding(
      `CVE-2024-${1000 + i}`,
      `package-${i % 300} is open to a prototype pollution through its merge function`,
      {
        severity: SEVERITIES[(i * 7) % 5] ?? "low",
        file: `packages/module-${i % 60}/package-lock.json`,
        line: i + 1,
      },
    ),
  )
  const failures = cases.filter((one) => one.verdict === "failed").length
  return runOf("failed", [
    install,
    { ...failedUnit, summary: `${failures} of ${tests} tests failed`, tests: cases },
    { ...failedLint, name: "scan:dependencies", summary: `${findings} findings`, findings: found },
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

export function hostile(): RunRecord {
  const everywhere = `${HOSTILE.replace("\r", "")}\n::error::from a test\n\`\`\`\n</pre></details>`
  return {
    ...runOf("failed", [
      stage(HOSTILE, {
        verdict: "failed",
        summary: HOSTILE,
        tests: [
          test(HOSTILE, HOSTILE, {
            verdict: "failed",
            file: HOSTILE,
            message: everywhere,
            seconds: Number.NaN,
          }),
        ],
        findings: [finding(HOSTILE, everywhere, { file: HOSTILE, line: 1, severity: "critical" })],
        steps: [step(HOSTILE, HOSTILE, 1, 2, { exitCode: 1 })],
        log: { text: everywhere, lines: 4 },
      }),
      stage("../../etc/passwd", { verdict: "errored", summary: "x", log: { text: everywhere, lines: 4 } }),
      stage("progress", { log: { text: "10%\r50%\r100%\r\ndone\n", lines: 2 } }),
      stage("a:b", { log: { text: "one", lines: 1 } }),
      stage("a-b", { log: { text: "two", lines: 1 } }),
      stage("ü 𠮷".repeat(80), { log: { text: "x".repeat(5000), lines: 1 } }),
    ]),
    project: HOSTILE,
    images: [{ name: HOSTILE, digest: HOSTILE, purpose: HOSTILE }],
  }
}
