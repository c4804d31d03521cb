import type { RunRecord, StageRecord } from "../../../ci/src/run/result.js"
import { finding, runOf, stage, step, test } from "./builders.js"

const DAY = 24 * 60 * 60

export const install = stage("install", {
  summary: "612 packages",
  steps: [step("install", "npm ci --no-audit --no-fund", 0.9, 12.4, { attempts: 2 })],
  log: { text: "npm warn deprecated inflight@1.0.6\n\nadded 612 packages in 11s\n", lines: 3 },
})
const needsInstall = { needs: ["install"] } as const
const lint = stage("lint", {
  ...needsInstall,
  summary: "no findings",
  steps: [step("eslint", "npx eslint --format json .", 12.5, 16.1)],
})
const format = stage("format", {
  ...needsInstall,
  summary: "84 files",
  cached: true,
  steps: [step("prettier", "npx prettier --check .", -DAY, -DAY + 2.2)],
})
export const types = stage("types", {
  ...needsInstall,
  summary: "3 workspaces",
  steps: [
    step("backend", "npx tsc --noEmit -p backend", 12.5, 17.9),
    step("frontend", "npx tsc --noEmit -p frontend", 18.0, 24.2),
  ],
})

export const SUITES = ["appointments", "audit log", "patients", "GET /health", "waiting list"]
const unitTests = SUITES.flatMap((suite, s) =>
  Array.from({ length: 11 - s }, (_, index) =>
    test(suite, `does what case ${index + 1} says`, {
      file: `backend/test/${suite.replace(/\W+/g, "-")}.test.ts`,
      seconds: ((s * 7 + index * 13) % 90) / 1000,
      verdict: s === 4 && index === 2 ? "skipped" : "passed",
    }),
  ),
)
const unit = stage("test:unit:backend", {
  ...needsInstall,
  summary: "45 tests",
  tests: unitTests,
  steps: [step("vitest", "npx vitest run --project unit --reporter junit", 12.6, 19.3)],
})
const integration = stage("test:integration:backend", {
  needs: ["install", "migrations"],
  summary: "12 tests",
  tests: Array.from({ length: 12 }, (_, i) =>
    test("booking against Postgres", `case ${i + 1}`, { seconds: 0.3 }),
  ),
  steps: [step("vitest", "npx vitest run --project integration", 22.0, 38.5)],
})
const migrations = stage("migrations", {
  ...needsInstall,
  summary: "7 migrations applied",
  steps: [step("migrate", "npx node-pg-migrate up", 17.0, 21.6)],
})
const image = stage("image:backend", {
  ...needsInstall,
  summary: "medflow-backend, 148 MB",
  cached: true,
  steps: [step("build", "docker build backend", -DAY, -DAY + 74)],
})
const terraform = stage("infra", { verdict: "skipped", summary: "no Terraform files" })

export const green = (): RunRecord =>
  runOf("passed", [install, lint, format, types, migrations, unit, integration, image, terraform])

export const STACK = `AssertionError: expected 409 "Conflict" to be 201 "Created"

- Expected
+ Received

- 201
+ 409

    at test/appointments.test.ts:88:23
    at processTicksAndRejections (node:internal/process/task_queues:95:5)`

export const failedUnit: StageRecord = {
  ...unit,
  verdict: "failed",
  cause: "failed",
  summary: "2 of 45 tests failed",
  tests: unit.tests.map((one, index) => {
    const message =
      index === 3 ? STACK : index === 14 ? "TypeError: Cannot read properties of undefined" : null
    return message === null ? one : { ...one, verdict: "failed", message }
  }),
  steps: unit.steps.map((one) => ({ ...one, exitCode: 1 })),
  log: {
    text: Array.from({ length: 60 }, (_, i) => `stdout | line ${i + 941} of what the tests printed`).join(
      "\n",
    ),
    lines: 1000,
  },
}
export const failedLint: StageRecord = {
  ...lint,
  verdict: "failed",
  cause: "failed",
  summary: "2 errors, 1 warning",
  steps: lint.steps.map((one) => ({ ...one, exitCode: 1 })),
  findings: [
    finding("no-console", "Unexpected console statement.", {
      severity: "low",
      file: "backend/src/app.ts",
      line: 7,
    }),
    finding("no-unused-vars", "'slot' is assigned a value but never used.", {
      severity: "high",
      file: "backend/src/appointments/routes.ts",
      line: 42,
    }),
    finding("slipway/no-phi-in-logs", "A patient's name is written to the log.", {
      severity: "critical",
      file: "backend/src/appointments/service.ts",
      line: 118,
    }),
  ],
}
const erroredScan = stage("scan:dependencies", {
  verdict: "errored",
  cause: "download",
  summary: "the vulnerability database could not be downloaded",
  steps: [step("trivy", "trivy fs --db-repository mirror .", 12.5, 33.4, { exitCode: 1, attempts: 3 })],
  log: { text: "FATAL init error: DB error\ndial tcp 10.0.0.7:443: i/o timeout\n", lines: 2 },
})
const blocked = stage("test:integration:backend", {
  verdict: "skipped",
  needs: ["test:unit:backend"],
  summary: "needs test:unit:backend, which failed",
})

export const red = (): RunRecord =>
  runOf("failed", [
    install,
    erroredScan,
    failedLint,
    format,
    types,
    migrations,
    failedUnit,
    blocked,
    image,
    terraform,
  ])

export const errored = (): RunRecord => runOf("errored", [install, lint, erroredScan, unit])

export const allCached = (): RunRecord =>
  runOf(
    "passed",
    [format, image].map((one) => ({ ...one, needs: [] })),
    0.4,
  )
