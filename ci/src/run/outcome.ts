import { plural } from "../formats/figures.js"
import { causeLine } from "./cause-line.js"
import type { Finding, StageOutcome, Step, TestCase } from "./result.js"
import type { Ran, StageResult } from "./stage.js"

/** The parts of an outcome without a command. */
export const NO_WORK = { findings: [], tests: [], steps: [], log: { text: "", lines: 0 } } as const

/** Returns the outcome of a stage that does not run, for a reason. */
export const skipped = (reason: string): StageOutcome => ({
  verdict: "skipped",
  cause: null,
  summary: reason,
  ...NO_WORK,
})

/** Returns the outcome of a stage that fails by what is seen before it runs. */
export const refused = (reason: string): StageOutcome => ({
  verdict: "failed",
  cause: "failed",
  summary: reason,
  ...NO_WORK,
})

/** How a stage reads a command that ran. */
export interface Reading {
  /** The summary of success. */
  readonly passed: string
  /** The summary of failed checks; null for the command's own error. */
  readonly failed?: string | null
  readonly findings: readonly Finding[]
  readonly tests: readonly TestCase[]
}

/** Turns a command's result into a stage's: passed if every step passed, else failed by the first that did not. */
export function fromCommand(ran: Ran, reading: Reading): StageResult {
  const rest: Omit<StageOutcome, "verdict" | "cause" | "summary"> = {
    findings: reading.findings,
    tests: reading.tests,
    steps: ran.steps,
    log: ran.log,
  }
  const { failed, fullLog } = ran
  if (failed === null) return { ...rest, verdict: "passed", cause: null, summary: reading.passed, fullLog }
  if (failed.timedOut)
    return {
      ...rest,
      verdict: "failed",
      cause: "timed-out",
      summary: `${failed.name} timed out after ${seconds(failed)} s`,
      fullLog,
    }
  if (failed.exitCode === 127)
    return {
      ...rest,
      verdict: "errored",
      cause: "errored",
      summary: `${failed.name}: ${causeLine(ran.log.text) ?? "command not found"}`,
      fullLog,
    }
  return {
    ...rest,
    verdict: "failed",
    cause: "failed",
    summary: reading.failed ?? exited(failed, ran.log.text),
    fullLog,
  }
}

const seconds = (step: Step) => Math.round((step.endedAt - step.startedAt) / 1000)

/** `lint exited with code 1`, and the cause that its log tells. */
export const exited = ({ name, exitCode }: Pick<Step, "name" | "exitCode">, log: string): string =>
  [`${name} exited with code ${exitCode}`, causeLine(log)].filter(Boolean).join(": ")

/** `nothing that blocks`, `1 finding that blocks`, `2 findings that block`. */
export function blockingText(findings: number): string {
  if (findings === 0) return "nothing that blocks"
  return `${plural(findings, "finding")} that ${findings === 1 ? "blocks" : "block"}`
}

/**
 * Returns the result of a command that exited with code 0 although its report has failures.
 *
 * @param all the number of its tests
 */
export function contradicted(outcome: StageResult, failed: number, all = outcome.tests.length): StageResult {
  const summary = `${failed} of ${plural(all, "test")} failed, though the command exited with code 0`
  return { ...outcome, verdict: "failed", cause: "failed", summary }
}
