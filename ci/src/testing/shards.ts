import { plural } from "../formats/figures.js"
import { Fault } from "../run/fault.js"
import { NO_WORK } from "../run/outcome.js"
import type { RunRecord } from "../run/result.js"
import { worst } from "../run/result.js"
import type { Shards, StageResult } from "../run/stage.js"
import { NO_TEST, summary } from "./judge.js"

/**
 * Reads `4` (four side by side) or `2/4` (the second of four); null for "".
 *
 * @throws {Fault} `configuration` for anything else.
 */
export function parseShards(text: string): Shards | null {
  if (text === "") return null
  const [, first = "", second] = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const [only, all] = second === undefined ? [null, Number(first)] : [Number(first), Number(second)]
  if (all >= 1 && all <= 64 && (only === null || (only >= 1 && only <= all))) return { count: all, only }
  throw new Fault("configuration", {
    what: `"${text}" is not a number of shards`,
    where: null,
    fix: "write `--shards 4` to run four in parallel, or `--shard 2/4` to run the second of four; at most 64",
  })
}

/** Seconds that each test file of a stage took in the base, by its path in the project. */
export function durations(base: RunRecord | null, stage: string): ReadonlyMap<string, number> {
  const known = new Map<string, number>()
  for (const { file, seconds } of base?.stages.find(({ name }) => name === stage)?.tests ?? [])
    if (file !== null) known.set(file, (known.get(file) ?? 0) + seconds)
  return known
}

/**
 * Divides files so that all parts take about as long: the longest first, each to the shortest part. An unknown file
 * counts as the median of the known ones.
 */
export function divide(
  files: readonly string[],
  seconds: ReadonlyMap<string, number>,
  parts: number,
): readonly (readonly string[])[] {
  const known = files.flatMap((file) => seconds.get(file) ?? []).sort((a, b) => a - b)
  const middle = known[Math.floor(known.length / 2)] ?? 1
  const weight = (file: string) => seconds.get(file) ?? middle
  const bins = Array.from({ length: parts }, () => ({ files: [] as string[], load: 0 }))
  for (const file of files.toSorted((a, b) => weight(b) - weight(a) || (a < b ? -1 : 1))) {
    const least = bins.reduce((a, b) => (b.load < a.load ? b : a))
    least.files.push(file)
    least.load += weight(file)
  }
  return bins.map((bin) => bin.files.sort())
}

/** The result of a shard; null if it had nothing to run. */
export interface Part {
  readonly index: number
  readonly count: number
  readonly result: StageResult | null
}

/** True for a part without test files, and for one whose files hold no test. */
export const ranNothing = ({ result }: Part) => result === null || result.summary === NO_TEST

const labelOf = ({ index, count }: Part) => `${index}/${count}`

function idleText(parts: readonly Part[]): string {
  if (parts.length === 0) return ""
  return `; ${parts.length === 1 ? "shard" : "shards"} ${parts.map(labelOf).join(", ")} ran nothing`
}

/**
 * Merges the shards of a suite. An empty shard is named, and fails only if all are empty. A single one stays as it is: the
 * others run elsewhere.
 */
export function united(parts: readonly Part[]): StageResult {
  const [only] = parts
  if (only?.result && parts.length === 1 && !ranNothing(only)) return only.result
  const empty = parts.filter(ranNothing)
  const full = parts.flatMap((part) =>
    part.result === null || ranNothing(part) ? [] : [{ label: labelOf(part), result: part.result }],
  )
  const idle = idleText(empty)
  const unchecked = full.flatMap(({ result }) => result.unchecked ?? [])
  const tests = full.flatMap(({ result }) => result.tests)
  const all = {
    findings: [],
    tests,
    ...(unchecked.length > 0 ? { unchecked } : {}),
    steps: full.flatMap(({ label, result }) =>
      result.steps.map((step) => ({ ...step, name: `${step.name} ${label}` })),
    ),
    log: {
      text: full.map(({ label, result }) => `── shard ${label}\n${result.log.text.trimEnd()}\n`).join(""),
      lines: full.reduce((sum, { result }) => sum + result.log.lines + 1, 0),
    },
  }
  const verdict = worst(full.map(({ result }) => result.verdict))
  const red = full.filter(({ result }) => result.verdict === verdict && verdict !== "passed")
  const [first] = red
  if (full.length === 0) return nothing(parts)
  if (first === undefined)
    return {
      ...all,
      verdict,
      cause: null,
      summary: summary(tests, ` in ${plural(full.length, "shard")}`) + idle,
    }
  const { cause, fullLog } = first.result
  const said = red.map(({ label, result }) => `shard ${label}: ${result.summary}`).join("; ")
  const onlyTests = full.every(({ result }) => result.verdict === "passed" || isRedByTests(result))
  return { ...all, verdict, cause, summary: `${said}${idle}`, onlyTests, ...(fullLog ? { fullLog } : {}) }
}

const isRedByTests = ({ cause, onlyTests = false, tests }: StageResult): boolean =>
  onlyTests && cause === "failed" && tests.some(({ verdict }) => verdict === "failed")

/** A single shard of a matrix may be empty; all shards together may not. */
function nothing(parts: readonly Part[]): StageResult {
  const [only] = parts
  if (only !== undefined && parts.length === 1 && only.count > 1)
    return {
      ...NO_WORK,
      verdict: "skipped",
      cause: null,
      summary: `shard ${labelOf(only)} is empty: fewer test files than shards`,
    }
  return { ...NO_WORK, verdict: "failed", cause: "failed", summary: NO_TEST }
}
