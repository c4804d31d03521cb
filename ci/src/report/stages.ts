import type { Looked, RunRecord, StageRecord, TestCase, Verdict } from "../run/result.js"

/** Returns the red stages in the order to read them: failed ones, then errored ones, each in the order of the plan. */
export function redStages(run: RunRecord): readonly StageRecord[] {
  const having = (verdict: Verdict) => run.stages.filter((stage) => stage.verdict === verdict)
  return [...having("failed"), ...having("errored")]
}

/** Returns a stage's failed tests, in the order of its runner. */
export function failedTests(stage: StageRecord): readonly TestCase[] {
  return stage.tests.filter((test) => test.verdict === "failed")
}

/** `visits › books`: the suite of a test, if it has one, and its name. */
export const testTitle = ({ suite, name }: Pick<TestCase, "suite" | "name">): string =>
  [suite, name].filter((part) => part !== "").join(" › ")

/** Tells whether a test failed, and passed when retried. */
export const isFlaky = (test: TestCase): boolean => test.flaky === true && test.verdict === "passed"

/** Returns the tests that failed and then passed in the same run. */
export const flakyTests = (stage: StageRecord): readonly TestCase[] => stage.tests.filter(isFlaky)

/** Returns the tools of a stage that did not run, except one whose reason is already the stage's summary. */
export function toolsNotRun(stage: StageRecord): readonly Looked[] {
  return (stage.looked ?? []).filter(
    ({ verdict, what }) => verdict !== "passed" && !stage.summary.includes(what),
  )
}

/** Tells whether a red stage needs its log: it errored, timed out, or has neither failed tests nor findings. */
export function needsLog(stage: StageRecord): boolean {
  return stage.cause !== "failed" || failedTests(stage).length + stage.findings.length === 0
}
