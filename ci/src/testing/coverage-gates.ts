import type { Config } from "../config/config.js"
import { type LineHits, mergeHits } from "../formats/coverage-reader.js"
import { plural } from "../formats/figures.js"
import type { FileCoverage, Finding, Measure, RunRecord, StageOutcome } from "../run/result.js"
import type { StageResult } from "../run/stage.js"

/** The name of the stage whose record holds the coverage of a run. */
export const COVERAGE = "coverage"

/** The lines that tests of a kind ran: `unit`, `integration`, `e2e`, or another name without a gate. */
export interface Covered {
  readonly kind: string
  readonly hits: LineHits
}

/** Coverage by file, in the order of their paths. */
const byFile = (hits: LineHits): readonly FileCoverage[] =>
  [...hits]
    .map(([file, lines]) => ({
      file,
      lines: lines.size,
      covered: [...lines.values()].filter((times) => times > 0).length,
      missed: missed(lines),
    }))
    .sort((a, b) => (a.file < b.file ? -1 : 1))

/** Returns uncovered lines as ranges; they include lines between them that hold no code. */
function missed(lines: ReadonlyMap<number, number>): string {
  const ranges: { from: number; to: number }[] = []
  let open: { from: number; to: number } | null = null
  for (const [line, times] of [...lines].sort(([a], [b]) => a - b)) {
    if (times > 0) open = null
    else if (open) open.to = line
    else {
      open = { from: line, to: line }
      ranges.push(open)
    }
  }
  return ranges.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(",")
}

/** Returns the percentage of covered lines; null without lines. */
function percent(files: readonly FileCoverage[]): number | null {
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  return lines === 0 ? null : (100 * files.reduce((sum, file) => sum + file.covered, 0)) / lines
}

/** Rounds down: a missed gate must not look met. */
const shown = (value: number): string => String(Math.floor(value * 10) / 10)

/** The coverage of the base of a change. */
function baseOf(record: RunRecord | null) {
  const { measures = [], coverage = [] } = record?.stages.find(({ name }) => name === COVERAGE) ?? {}
  return {
    /** By the names of {@link Measure}. */
    rates: new Map(measures.map(({ name, value }) => [name, value] as const)),
    /** How many lines of each file no test ran. */
    missed: new Map(coverage.map((one) => [one.file, uncovered(one)] as const)),
  }
}

const uncovered = ({ lines, covered }: FileCoverage): number => lines - covered

/** The name under which the lines of all tests together are kept. */
const ALL = "lines"

type Judged = Pick<StageOutcome, "verdict" | "cause" | "summary" | "findings" | "measures" | "coverage"> &
  Pick<StageResult, "worse">

/** Checks coverage against its gates: all lines, each kind with a gate, and the drop against the base. */
export function judgeCoverage(
  covered: readonly Covered[],
  gates: Config["coverage"],
  base: RunRecord | null,
): Judged {
  const coverage = byFile(mergeHits(covered.map(({ hits }) => hits)))
  const { rates: before, missed: missedBefore } = baseOf(base)
  const { lines: _, drop, ...byKind } = gates
  const measures = measuresOf(covered, coverage, gates, before)
  const missing = Object.entries(byKind).flatMap(([kind, limit]) =>
    limit !== null && !covered.some((one) => one.kind === kind) ? [kind] : [],
  )
  const dropped = measures.flatMap((measure) => fell(measure, drop))
  const bad = [...measures.flatMap(tooLow), ...dropped]
  const crossed = ({ value, limit, base: was }: Measure) =>
    limit !== null && was !== null && value < limit && was >= limit
  const worse = before.size === 0 ? null : dropped.length > 0 || measures.some(crossed)
  const rest = { measures, coverage }
  if (bad.length > 0)
    return {
      ...rest,
      worse,
      verdict: "failed",
      cause: "coverage",
      summary: bad.join("; "),
      findings: gaps(coverage, missedBefore),
    }
  if (missing.length > 0)
    return {
      ...rest,
      verdict: "errored",
      cause: "errored",
      summary: `no coverage from tests with a gate in slipway.yaml: coverage.${missing.join(", coverage.")}`,
      findings: [],
    }
  return { ...rest, verdict: "passed", cause: null, summary: passed(measures, coverage), findings: [] }
}

/** The rate of all lines, and of the lines by tests of each kind, where there are lines. */
function measuresOf(
  covered: readonly Covered[],
  all: readonly FileCoverage[],
  { lines, drop: _, ...byKind }: Config["coverage"],
  before: ReadonlyMap<string, number>,
): readonly Measure[] {
  const limits: Readonly<Record<string, number | null>> = { [ALL]: lines, ...byKind }
  const kinds = [...new Set(covered.map(({ kind }) => kind))]
  const rates = [
    { name: ALL, value: percent(all) },
    ...kinds.map((kind) => ({ name: kind, value: percent(byFile(ofKind(covered, kind))) })),
  ]
  const more = { unit: "%", atLeast: true }
  return rates.flatMap(({ name, value }) =>
    value === null
      ? []
      : [{ name, value, ...more, limit: limits[name] ?? null, base: before.get(name) ?? null }],
  )
}

const ofKind = (covered: readonly Covered[], kind: string): LineHits =>
  mergeHits(covered.flatMap((one) => (one.kind === kind ? [one.hits] : [])))

const words = (name: string) => (name === ALL ? "of lines" : `of lines by ${name} tests`)

const tooLow = ({ name, value, limit }: Measure): readonly string[] =>
  limit !== null && value < limit ? [`${shown(value)} % ${words(name)}, below the gate of ${limit} %`] : []

/** Compares only the coverage of all tests with the base: tests may move from one kind to another. */
const fell = ({ name, value, base }: Measure, drop: number): readonly string[] =>
  name === ALL && base !== null && base - value > drop
    ? [`${shown(value)} % ${words(name)}, ${shown(base)} % in the base: dropped by more than ${drop} points`]
    : []

function passed(measures: readonly Measure[], files: readonly FileCoverage[]): string {
  const [all, ...kinds] = measures.map(({ name, value }) => ({ name, text: `${shown(value)} %` }))
  const each = kinds.map(({ name, text }) => `${name} ${text}`).join(", ")
  const parts = kinds.length > 1 ? ` (${each})` : ""
  return `${all?.text ?? "0 %"} of lines${parts} in ${plural(files.length, "file")}`
}

const SHOWN = 5

/** Returns where to write a test first: the files with the most lines that no test runs, of those with more than in the base, if any. */
function gaps(files: readonly FileCoverage[], before: ReadonlyMap<string, number>): readonly Finding[] {
  const open = files.filter((one) => uncovered(one) > 0)
  const grown = open.filter((one) => uncovered(one) > (before.get(one.file) ?? 0))
  return (before.size > 0 && grown.length > 0 ? grown : open)
    .toSorted((a, b) => uncovered(b) - uncovered(a))
    .slice(0, SHOWN)
    .map((one) => ({
      rule: "coverage",
      severity: "medium",
      message: `no test runs ${uncovered(one)} of ${plural(one.lines, "line")}: ${one.missed}`,
      file: one.file,
      line: Number.parseInt(one.missed, 10),
    }))
}
