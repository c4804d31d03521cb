import { plural, share, thousands } from "../formats/figures.js"
import type { RunRecord, TestCase, Verdict } from "../run/result.js"
import { coverageOf, covered } from "./coverage.js"
import { standingOf } from "./findings.js"
import { VERDICTS } from "./labels.js"
import { flakyTests } from "./stages.js"

/** Counts of a run. */
export interface Totals {
  readonly stages: Readonly<Record<Verdict, number>>
  /** Stages whose result this engine had. */
  readonly cached: number
  /** Stages whose result is of another run, by the store of results. */
  readonly remembered: number
  readonly tests: Readonly<Record<TestCase["verdict"] | "flaky" | "all", number>>
  readonly findings: number
  /** Findings that fail a stage. */
  readonly blocking: number
  /** Share of lines, or null if nothing was measured. */
  readonly coverage: number | null
}

/** Counts stages by verdict, tests by verdict, findings. */
export function totals(run: RunRecord): Totals {
  const stages = (verdict: Verdict) => run.stages.filter((stage) => stage.verdict === verdict).length
  const all = run.stages.flatMap((stage) => stage.tests)
  const tests = (verdict: TestCase["verdict"]) => all.filter((test) => test.verdict === verdict).length
  const findings = run.stages.flatMap((stage) => stage.findings.map((finding) => standingOf(stage, finding)))
  return {
    stages: {
      passed: stages("passed"),
      failed: stages("failed"),
      errored: stages("errored"),
      skipped: stages("skipped"),
    },
    cached: run.stages.filter((stage) => stage.cached && !stage.remembered).length,
    remembered: run.stages.filter((stage) => stage.remembered).length,
    tests: {
      passed: tests("passed"),
      failed: tests("failed"),
      skipped: tests("skipped"),
      flaky: run.stages.reduce((sum, stage) => sum + flakyTests(stage).length, 0),
      all: all.length,
    },
    findings: findings.length,
    blocking: findings.filter((status) => status === "blocks").length,
    coverage: covered(coverageOf(run)),
  }
}

const WORST_FIRST: readonly Verdict[] = ["failed", "errored", "passed", "skipped"]

const some = (count: number, word: string): string => (count > 0 ? `${thousands(count)} ${word}` : "")

/** Sums up a run: `8 stages: 1 failed, 6 passed, 1 skipped, 4 cached; 128 tests, 2 failed; 3 findings, 1 blocking; 83.1 % of lines covered` */
export function totalsLine(run: RunRecord): string {
  if (run.stages.length === 0) return "no stages"
  const sum = totals(run)
  const stages = WORST_FIRST.map((verdict) => some(sum.stages[verdict], VERDICTS[verdict].word)).filter(
    Boolean,
  )
  const groups = [
    [
      `${plural(run.stages.length, "stage")}: ${stages.join(", ")}`,
      some(sum.cached, "cached"),
      some(sum.remembered, "remembered"),
    ],
    sum.tests.all > 0
      ? [plural(sum.tests.all, "test"), some(sum.tests.failed, "failed"), some(sum.tests.flaky, "flaky")]
      : [],
    // If all findings block, the failed stage already tells.
    sum.findings > 0
      ? [plural(sum.findings, "finding"), sum.blocking < sum.findings ? some(sum.blocking, "blocking") : ""]
      : [],
    sum.coverage === null ? [] : [`${share(sum.coverage)} of lines covered`],
  ]
  const filled = groups.map((group) => group.filter((part) => part !== "").join(", "))
  return filled.filter((part) => part !== "").join("; ")
}
