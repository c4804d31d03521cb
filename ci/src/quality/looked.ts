import { causeLine } from "../run/cause-line.js"
import { fromCommand } from "../run/outcome.js"
import type { Finding, Looked, Measure } from "../run/result.js"
import type { Ran, StageResult, Unread } from "../run/stage.js"

/** What a stage makes of its tool's report. */
export interface Judgement {
  readonly passed: boolean
  readonly summary: string
  readonly findings: readonly Finding[]
  readonly measures?: readonly Measure[]
  readonly looked: readonly Looked[]
  readonly unread?: readonly Unread[]
}

/** Returns the outcome of a stage whose tool looked: by its report, not by its exit code. */
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

/** Returns the outcome of a stage whose tool did not look: never a pass, never a finding. */
export function notLooked(ran: Ran, summary: string): StageResult {
  const outcome = fromCommand(ran, { passed: "", findings: [], tests: [] })
  if (ran.failed?.timedOut === true || ran.failed?.exitCode === 127) return { ...outcome, verdict: "errored" }
  return { ...outcome, verdict: "errored", cause: "errored", summary }
}

/** Returns the outcome of a stage whose tool ended without what it should leave, with the last line of its log. */
export function noReport(ran: Ran, tool: string, what = "left no readable report"): StageResult {
  return notLooked(ran, [`${tool} ${what}`, causeLine(ran.log.text)].filter(Boolean).join(": "))
}

/** Makes the entry of a tool without a database that looked. */
export const lookedAt = (tool: string, version: string, what: string): Looked => ({
  tool,
  version,
  verdict: "passed",
  what,
  database: null,
})

/** Gives findings the standing of a gate: they block when there are more than it allows. */
export const standing = (findings: readonly Finding[], blocks: boolean, why: string): readonly Finding[] =>
  findings.map((finding) => ({ ...finding, standing: { status: blocks ? "blocks" : "reported", why } }))

/**
 * Returns the files that are too large for a tool.
 *
 * @param list their paths from the project, one a line.
 * @param limit `5 MiB`
 */
export const tooLarge = (list: string | undefined, limit: string, tool: string): readonly Unread[] =>
  (list ?? "")
    .split("\n")
    .filter(Boolean)
    .map((file) => ({
      file: file.replace(/^\.\//, ""),
      line: null,
      reason: `larger than ${limit}`,
      tools: [tool],
    }))
