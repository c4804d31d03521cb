import type { Looked, RunRecord, StageRecord, TestCase, Verdict } from "../run/result.js"

/** Red stages in the order to read them: the code's faults before the infrastructure's, then as planned. */
export function redStages(run: RunRecord): readonly StageRecord[] {
  const having = (verdict: Verdict) => run.stages.filter((stage) => stage.verdict === verdict)
  return [...having("failed"), ...having("errored")]
}

/** A stage's failed tests, as its runner ordered them. */
export function failedTests(stage: StageRecord): readonly TestCase[] {
  return stage.tests.filter((test) => test.verdict === "failed")
}

/** True for a test that failed and then passed when it was tried again. */
export const isFlaky = (test: TestCase): boolean => test.flaky === true && test.verdict === "passed"

export const flakyTests = (stage: StageRecord): readonly TestCase[] => stage.tests.filter(isFlaky)

/** The tools of a stage that did not look, but for one whose reason is the stage's summary. */
export function notLooked(stage: StageRecord): readonly Looked[] {
  return (stage.looked ?? []).filter(
    ({ verdict, what }) => verdict !== "passed" && !stage.summary.includes(what),
  )
}

/** True where tests and findings don't say it all: an infrastructure's fault, a timeout, or none of either. */
export function needsLog(stage: StageRecord): boolean {
  return stage.cause !== "failed" || failedTests(stage).length + stage.findings.length === 0
}
