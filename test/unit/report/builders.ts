import { NO_CONTEXT } from "../../../ci/src/run/context.js"
import type { Finding, RunRecord, StageRecord, Step, TestCase, Verdict } from "../../../ci/src/run/result.js"
import { CAUSES } from "../../../ci/src/settings.js"

/** 2025-11-21 09:30:00 UTC */
export const START = Date.UTC(2025, 10, 21, 9, 30)

const SECOND = 1000

export function step(
  name: string,
  command: string,
  from: number,
  to: number,
  more: Partial<Step> = {},
): Step {
  const times = { startedAt: START + from * SECOND, endedAt: START + to * SECOND }
  return { name, command, ...times, exitCode: 0, timedOut: false, attempts: 1, ...more }
}

export function stage(name: string, more: Partial<StageRecord> = {}): StageRecord {
  const steps = more.steps ?? []
  const verdict = more.verdict ?? "passed"
  return {
    name,
    verdict,
    cause: verdict === "failed" || verdict === "errored" ? verdict : null,
    summary: verdict,
    findings: [],
    tests: [],
    steps,
    log: { text: "", lines: 0 },
    needs: [],
    startedAt: steps[0]?.startedAt ?? null,
    endedAt: steps.at(-1)?.endedAt ?? null,
    cached: false,
    ...more,
  }
}

export function test(suite: string, name: string, more: Partial<TestCase> = {}): TestCase {
  return { suite, name, file: null, seconds: 0.012, verdict: "passed", message: null, ...more }
}

export function finding(rule: string, message: string, more: Partial<Finding> = {}): Finding {
  return { rule, severity: "medium", message, file: null, line: null, ...more }
}

export function runOf(verdict: Verdict, stages: readonly StageRecord[], seconds = 41): RunRecord {
  const exitCode = verdict === "failed" ? CAUSES.failed.code : verdict === "errored" ? CAUSES.errored.code : 0
  const ends = { startedAt: START, endedAt: START + seconds * SECOND }
  return {
    schema: 1,
    slipway: "0.1.0",
    project: "medflow",
    verdict,
    exitCode,
    ...ends,
    context: NO_CONTEXT,
    stages,
    images: IMAGES,
  }
}

const IMAGES = [
  { name: "node:20-bookworm-slim", digest: `sha256:${"9f2c".repeat(16)}`, purpose: "runs the tools" },
  { name: "postgres:15-alpine", digest: `sha256:${"04be".repeat(16)}`, purpose: "database of the tests" },
  { name: "backend", digest: null, purpose: "built here" },
]
