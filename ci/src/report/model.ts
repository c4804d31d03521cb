/** What all writers of evidence ask of a run: which stages are red, how long they took, how many of what. */

import { oneLine } from "../formats/clean.js"
import type {
  FileCoverage,
  Finding,
  Looked,
  RunRecord,
  Severity,
  StageRecord,
  Standing,
  TestCase,
  Verdict,
  Vulnerability,
} from "../run/result.js"
import { share, thousands } from "./format.js"

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

/** True for a test that failed and then passed when it was tried again. */
export const isFlaky = (test: TestCase): boolean => test.flaky === true && test.verdict === "passed"

export const flakyTests = (stage: StageRecord): readonly TestCase[] => stage.tests.filter(isFlaky)

/** How a finding's standing is shown, what matters most first. */
export const STANDINGS: Readonly<Record<Standing["status"], StandingWords>> = {
  blocks: { title: "Blocks", many: "block" },
  reported: { title: "Reported", many: "reported" },
  known: { title: "Known", many: "known" },
  waived: { title: "Waived", many: "waived" },
}

interface StandingWords {
  readonly title: string
  /** After a number. */
  readonly many: string
}

const STANDING_ORDER = Object.keys(STANDINGS)

/** What a finding counts as: where no policy was asked, any of a failed stage blocks. */
export const standingOf = (stage: StageRecord, { standing }: Finding): Standing["status"] =>
  standing?.status ?? (stage.verdict === "failed" ? "blocks" : "reported")

/** A finding and the stage that has it. */
interface Found {
  readonly stage: StageRecord
  readonly finding: Finding
}

/** Those that block first, then the worst, else in the order given. */
export function byRank(found: readonly Found[]): readonly Found[] {
  const rank = ({ stage, finding }: Found) =>
    STANDING_ORDER.indexOf(standingOf(stage, finding)) * SEVERITIES.length +
    SEVERITIES.indexOf(finding.severity)
  return found.toSorted((a, b) => rank(a) - rank(b))
}

/** A stage's findings {@link byRank}. */
export const worstFindings = (stage: StageRecord): readonly Finding[] =>
  byRank(stage.findings.map((finding) => ({ stage, finding }))).map(({ finding }) => finding)

/** The tools that saw a finding; the stage where it does not say. */
export const toolsOf = (stage: StageRecord, { tools }: Finding): readonly string[] =>
  (tools && tools.length > 0 ? tools : [stage.name]).map((tool) => oneLine(tool))

/** The findings that a red stage is red for; all where none is. */
export function causes(stage: StageRecord): readonly Finding[] {
  const sorted = worstFindings(stage)
  const blocking = sorted.filter((finding) => standingOf(stage, finding) === "blocks")
  return blocking.length > 0 ? blocking : sorted
}

/** What follows the first findings of {@link worstFindings}: `12 more findings: 2 block, 10 known`; "" for none. */
export function remainder(stage: StageRecord, shown: number): string {
  const rest = worstFindings(stage).slice(shown)
  if (rest.length === 0) return ""
  const kinds = groupBy(rest, (finding) => STANDINGS[standingOf(stage, finding)].many)
  const counts = [...kinds].map(([many, findings]) => `${thousands(findings.length)} ${many}`)
  const all = `${thousands(rest.length)} more findings`
  return kinds.size > 1 ? `${all}: ${counts.join(", ")}` : all
}

/** What is known of a finding beside its message, in words: package, fix, scores, why it stands as it does. */
export function facts({ vulnerability, standing }: Finding): readonly string[] {
  const why = standing?.why ?? ""
  return [...(vulnerability ? packageFacts(vulnerability) : []), ...(why === "" ? [] : [why])]
}

/** `pkg:npm/lodash@4.17.20`, `fixed in 4.17.21`, `CVSS 9.8`, `EPSS 43.1 %`, `known to be exploited (KEV)` */
export const packageFacts = (known: Vulnerability): readonly string[] => [
  known.package,
  known.fixed === null ? "no fix yet" : `fixed in ${known.fixed}`,
  ...(known.cvss === null ? [] : [`CVSS ${known.cvss.toFixed(1)}`]),
  ...(known.epss === null ? [] : [`EPSS ${share(known.epss)}`]),
  ...(known.kev ? ["known to be exploited (KEV)"] : []),
]

/** The tools of a stage that did not look, but for one whose reason is the stage's summary. */
export function notLooked(stage: StageRecord): readonly Looked[] {
  return (stage.looked ?? []).filter(
    ({ verdict, what }) => verdict !== "passed" && !stage.summary.includes(what),
  )
}

/** Coverage of all files together, as a share of lines; null where there is none. */
export function covered(files: readonly FileCoverage[]): number | null {
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  return lines === 0 ? null : files.reduce((sum, file) => sum + file.covered, 0) / lines
}

/** The run's coverage by file, of the stages that have one. */
export const coverageOf = (run: RunRecord): readonly FileCoverage[] =>
  run.stages.flatMap((stage) => stage.coverage ?? [])

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
