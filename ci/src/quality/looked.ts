import { causeLine } from "../run/cause-line.js"
import { fromCommand } from "../run/outcome.js"
import type { Finding, Looked, Measure } from "../run/result.js"
import type { Ran, StageResult } from "../run/stage.js"

/** What a tool's report says. */
export interface Judgement {
  readonly passed: boolean
  readonly summary: string
  readonly findings: readonly Finding[]
  readonly measures?: readonly Measure[]
  readonly looked: readonly Looked[]
}

/** The outcome of a stage whose tool looked: by its report, not by its exit code. */
export function judged(ran: Ran, { passed, ...told }: Judgement): StageResult {
  return {
    ...told,
    verdict: passed ? "passed" : "failed",
    cause: passed ? null : "failed",
    tests: [],
    steps: ran.steps,
    log: ran.log,
    fullLog: ran.fullLog,
  }
}

/** The outcome of a stage whose tool did not look: never a pass, never a finding. */
export function notLooked(ran: Ran, tool: string, why: string): StageResult {
  const outcome = fromCommand(ran, { passed: "", findings: [], tests: [] })
  if (ran.failed?.timedOut === true || ran.failed?.exitCode === 127) return { ...outcome, verdict: "errored" }
  const summary = [`${tool} ${why}`, causeLine(ran.log.text)].filter(Boolean).join(": ")
  return { ...outcome, verdict: "errored", cause: "errored", summary }
}

/** A tool without a database, that looked at something. */
export const lookedAt = (tool: string, version: string, what: string): Looked => ({
  tool,
  version,
  verdict: "passed",
  what,
  database: null,
})

/** Findings as a gate has them: they block when there are more than it allows. */
export const standing = (findings: readonly Finding[], blocks: boolean, why: string): readonly Finding[] =>
  findings.map((finding) => ({ ...finding, standing: { status: blocks ? "blocks" : "reported", why } }))
