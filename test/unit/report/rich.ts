import type { Finding, Looked, RunRecord } from "../../../ci/src/run/result.js"
import { finding, runOf, stage, step, test } from "./builders.js"
import { failedLint, install, red } from "./sample.js"

const COMMIT = "4f1c9e2ab7d05e83c6914fb02d7a8e5531c0ffee"

const CONTEXT = {
  vendor: "github",
  commit: COMMIT,
  branch: "waiting-list",
  tag: null,
  base: "main",
  change: "118",
  actor: "a.berger",
  url: "https://ci.example/runs/9041",
  run: "9041",
  attempt: 2,
} as const

const database = { source: "cache volume", updatedAt: "2025-11-20T06:11:00Z" }

const vulnerable = (
  name: string,
  rule: string,
  more: Partial<Finding> & Pick<Finding, "severity">,
  known: Partial<Finding["vulnerability"]>,
): Finding =>
  finding(rule, `${name} can be made to ${more.message ?? "fail"}`, {
    file: "package-lock.json",
    line: null,
    fingerprint: `${rule} ${name}`,
    tools: ["trivy", "osv-scanner"],
    ...more,
    message: more.message ?? "",
    vulnerability: {
      aliases: [],
      package: `pkg:npm/${name}`,
      fixed: null,
      cvss: null,
      epss: null,
      kev: false,
      ...known,
    },
  })

const BLOCKING = vulnerable(
  "minimist@1.2.5",
  "CVE-2021-44906",
  {
    severity: "critical",
    message: "minimist: prototype pollution through its setKey function",
    standing: { status: "blocks", why: "new, fixable, and high or worse" },
  },
  { aliases: ["GHSA-xvch-5gv4-984h"], fixed: "1.2.6", cvss: 9.8, epss: 0.0104, kev: false },
)

const FINDINGS: readonly Finding[] = [
  vulnerable(
    "ws@8.16.0",
    "CVE-2024-37890",
    {
      severity: "high",
      message: "ws: a request with many headers ends the server",
      standing: { status: "known", why: "was there in the base" },
    },
    { fixed: "8.17.1", cvss: 7.5, epss: 0.0021 },
  ),
  BLOCKING,
  vulnerable(
    "libwebp@1.2.4",
    "CVE-2023-4863",
    {
      severity: "high",
      message: "libwebp: heap overflow in a picture of an attacker",
      tools: ["trivy"],
      standing: { status: "blocks", why: "known to be exploited: blocks always" },
    },
    {
      aliases: ["GHSA-j7hp-h8jx-5ppr"],
      package: "pkg:deb/debian/libwebp7@1.2.4",
      fixed: "1.2.4-0.2+deb12u1",
      cvss: 8.8,
      epss: 0.9362,
      kev: true,
    },
  ),
  vulnerable(
    "cookie@0.5.0",
    "CVE-2024-47764",
    {
      severity: "low",
      message: "cookie: names with characters out of bounds are taken",
      standing: { status: "waived", why: "a.berger, until 2026-02-01: names are constants here" },
    },
    { fixed: "0.7.0", cvss: 3.7, epss: 0.0004 },
  ),
]

const LOOKED: readonly Looked[] = [
  {
    tool: "trivy",
    version: "0.69.3",
    verdict: "passed",
    what: "612 packages of package-lock.json",
    database,
  },
  {
    tool: "osv-scanner",
    version: "2.5.1",
    verdict: "passed",
    what: "612 packages of package-lock.json",
    database: { source: "file", updatedAt: "2025-10-02T00:00:00Z" },
  },
  {
    tool: "snyk",
    version: null,
    verdict: "skipped",
    what: "no token: hand one over with --snyk-token",
    database: null,
  },
]

const code = stage("scan:code", {
  summary: "nothing found, semgrep only",
  steps: [step("semgrep", "semgrep scan --config rules --error", 12.6, 21.4)],
  looked: [
    {
      tool: "semgrep",
      version: "1.182.0",
      verdict: "passed",
      what: "84 files with 31 rules",
      database: null,
    },
    {
      tool: "codeql",
      version: null,
      verdict: "skipped",
      what: "no SARIF of it was handed over",
      database: null,
    },
  ],
  files: ["sarif/semgrep.sarif"],
})

const dependencies = stage("scan:dependencies", {
  verdict: "failed",
  cause: "policy",
  needs: ["install"],
  summary: "2 of 4 findings block",
  findings: FINDINGS,
  looked: LOOKED,
  steps: [step("trivy", "trivy fs --format json .", 12.5, 26.4)],
  files: ["sarif/trivy.sarif", "sarif/osv-scanner.sarif"],
})

const e2e = stage("test:e2e", {
  needs: ["install"],
  summary: "3 tests, 1 flaky",
  tests: [
    test("booking", "books the first free slot", { file: "e2e/booking.spec.ts", seconds: 4.2, flaky: true }),
    test("booking", "shows what is taken", { file: "e2e/booking.spec.ts", seconds: 1.1 }),
    test("login", "ends after fifteen minutes", { file: "e2e/login.spec.ts", seconds: 2.3 }),
  ],
  steps: [step("playwright", "npx playwright test", 26.5, 39.8)],
})

const coverage = stage("coverage", {
  needs: ["test:unit"],
  after: ["test:e2e", "test:integration"],
  summary: "88.4 % of lines",
  steps: [step("merge", "merge", 39.9, 40.6)],
  coverage: [
    { file: "backend/src/services/appointments.ts", lines: 142, covered: 139, missed: "88-90" },
    { file: "backend/src/http/patients.ts", lines: 96, covered: 61, missed: "14-31,70-86" },
    { file: "backend/src/domain/time.ts", lines: 61, covered: 61, missed: "" },
    { file: "frontend/src/components/BookingForm.tsx", lines: 120, covered: 109, missed: "41,77-86" },
  ],
  measures: [
    { name: "lines", value: 88.31, unit: "%", limit: 80, atLeast: true, base: 89.02 },
    { name: "branches", value: 71.4, unit: "%", limit: 75, atLeast: true, base: 75.2 },
  ],
  files: ["coverage/lcov.info", "coverage/cobertura.xml"],
})

const bundle = stage("image:frontend", {
  summary: "built for linux/amd64",
  cached: true,
  steps: [step("build", "docker build frontend", -4000, -3950)],
  measures: [
    { name: "bundle assets/index.js", value: 214_300, unit: "B", limit: 250_000, base: 198_020 },
    { name: "p95", value: 310, unit: "ms", limit: 500, base: null },
  ],
})

/** A run with something of everything that a record can hold. */
export function rich(): RunRecord {
  const others = red().stages.filter(
    ({ name }) => !["install", "lint", "scan:dependencies", "test:integration:backend"].includes(name),
  )
  const stages = [install, failedLint, ...others, e2e, coverage, dependencies, code, bundle]
  return { ...runOf("failed", stages, 42), context: CONTEXT }
}
