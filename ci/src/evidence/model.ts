/** What all writers of evidence ask of a run: which stages are red, how long they took, how many of what. */
import type { Finding, RunRecord, Severity, StageRecord, TestCase, Verdict } from "../plan/result.js"
import { plural, thousands } from "./format.js"

/** How a verdict is shown. Never by colour alone: each has a symbol and words of its own. */
export const VERDICTS: Readonly<Record<Verdict, VerdictWords>> = {
  passed: { symbol: "✓", word: "passed", title: "Passed", run: "passed" },
  failed: { symbol: "✗", word: "failed", title: "Failed", run: "failed" },
  errored: { symbol: "!", word: "could not look", title: "Could not look", run: "errored: could not look" },
  skipped: { symbol: "–", word: "skipped", title: "Skipped", run: "skipped: nothing ran" },
}

interface VerdictWords {
  readonly symbol: string
  /** After a stage's name: "lint failed". */
  readonly word: string
  readonly title: string
  /** After the project's name: "medflow failed". */
  readonly run: string
}

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"]

/** Red stages in the order to read them: the code's faults before the infrastructure's, then as planned. */
export function redStages(run: RunRecord): readonly StageRecord[] {
  const having = (verdict: Verdict) => run.stages.filter((stage) => stage.verdict === verdict)
  return [...having("failed"), ...having("errored")]
}

/** A stage's failed tests, as its runner ordered them. */
export function failedTests(stage: StageRecord): readonly TestCase[] {
  return stage.tests.filter((test) => test.verdict === "failed")
}

/** A stage's findings, the worst first, else as its tool ordered them. */
export function worstFindings(stage: StageRecord): readonly Finding[] {
  return stage.findings.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
}

/** True where tests and findings don't say it all: an infrastructure's fault, a timeout, or none of either. */
export function needsLog(stage: StageRecord): boolean {
  return stage.cause !== "failed" || failedTests(stage).length + stage.findings.length === 0
}

/** `backend/src/app.ts:12`, or the empty string where a finding has no place. */
export function place(finding: Finding): string {
  if (finding.file === null) return ""
  return finding.line === null ? finding.file : `${finding.file}:${finding.line}`
}

/** Items by key, keys and items in the order of their first appearance. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}

/** Milliseconds since the epoch. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** When a stage was busy: its steps, or its own times where it has none. In order of start. */
export function busySpans(stage: StageRecord): readonly Span[] {
  const own =
    stage.startedAt === null || stage.endedAt === null ? [] : [{ from: stage.startedAt, to: stage.endedAt }]
  const steps = stage.steps.map((step) => ({ from: step.startedAt, to: step.endedAt }))
  return (steps.length > 0 ? steps : own).toSorted((a, b) => a.from - b.from)
}

/** Milliseconds that spans cover together: side by side counts once, gaps between them don't count. */
export function coveredMs(spans: readonly Span[]): number {
  return spans.reduce(
    (sum, span) => {
      const from = Math.max(span.from, sum.until)
      return { ms: sum.ms + Math.max(0, span.to - from), until: Math.max(sum.until, span.to) }
    },
    { ms: 0, until: Number.NEGATIVE_INFINITY },
  ).ms
}

/**
 * Milliseconds of work in a stage, null where nothing ran. Not end minus start: one step may come from the
 * cache, hours old, and the next have run just now.
 */
export function stageMs(stage: StageRecord): number | null {
  const spans = busySpans(stage)
  return spans.length === 0 ? null : coveredMs(spans)
}

/** How many of what a run has. */
export interface Totals {
  readonly stages: Readonly<Record<Verdict, number>>
  readonly cached: number
  readonly tests: Readonly<Record<TestCase["verdict"], number>> & { readonly all: number }
  readonly findings: number
}

/** Counts stages by verdict, tests by verdict, findings. */
export function totals(run: RunRecord): Totals {
  const stages = (verdict: Verdict) => run.stages.filter((stage) => stage.verdict === verdict).length
  const all = run.stages.flatMap((stage) => stage.tests)
  const tests = (verdict: TestCase["verdict"]) => all.filter((test) => test.verdict === verdict).length
  return {
    stages: {
      passed: stages("passed"),
      failed: stages("failed"),
      errored: stages("errored"),
      skipped: stages("skipped"),
    },
    cached: run.stages.filter((stage) => stage.cached).length,
    tests: { passed: tests("passed"), failed: tests("failed"), skipped: tests("skipped"), all: all.length },
    findings: run.stages.reduce((sum, stage) => sum + stage.findings.length, 0),
  }
}

const WORST_FIRST: readonly Verdict[] = ["failed", "errored", "passed", "skipped"]

/** `1 failed, 6 passed, 1 skipped, 4 cached; 128 tests, 2 failed; 3 findings` */
export function totalsLine(run: RunRecord): string {
  const sum = totals(run)
  const stages = WORST_FIRST.filter((verdict) => sum.stages[verdict] > 0).map(
    (verdict) => `${thousands(sum.stages[verdict])} ${VERDICTS[verdict].word}`,
  )
  const groups = [
    [
      `${plural(run.stages.length, "stage")}: ${stages.join(", ")}`,
      sum.cached > 0 ? `${sum.cached} cached` : "",
    ],
    [
      sum.tests.all > 0 ? plural(sum.tests.all, "test") : "",
      sum.tests.failed > 0 ? `${thousands(sum.tests.failed)} failed` : "",
    ],
    [sum.findings > 0 ? plural(sum.findings, "finding") : ""],
  ]
  const filled = groups.map((group) => group.filter((part) => part !== "").join(", "))
  return run.stages.length === 0 ? "no stages" : filled.filter((part) => part !== "").join("; ")
}
