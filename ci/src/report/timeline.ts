import { duration } from "../formats/figures.js"
import type { RunRecord, StageRecord } from "../run/result.js"
import { before } from "../run/schedule.js"
import { busySpans, coveredMs, type Span } from "../run/times.js"

/** A stage that ran in this run, as bars between 0 (the run's start) and 1 (its end). */
export interface Row {
  readonly stage: StageRecord
  readonly bars: readonly { readonly from: number; readonly to: number }[]
  /** Milliseconds after the run's start. */
  readonly startMs: number
  readonly endMs: number
  /** In this run: without cached steps. */
  readonly busyMs: number
  /** On the critical path, if that has more than one stage. */
  readonly critical: boolean
}

/** When each stage of a run ran. */
export interface Timeline {
  /** By start. */
  readonly rows: readonly Row[]
  /** Stages whose result was cached, in the order of the plan. */
  readonly cached: readonly StageRecord[]
  readonly spanMs: number
  readonly ticks: readonly { readonly at: number; readonly label: string }[]
  readonly chain: Chain
}

/** The critical path: the chain of stages that determined the duration of the run. */
export interface Chain {
  readonly names: readonly string[]
  /** Milliseconds of work. */
  readonly ms: number
  /** Milliseconds between its start and its end in which none of its stages ran. */
  readonly waitedMs: number
}

interface Fresh {
  readonly stage: StageRecord
  readonly spans: readonly Span[]
}

/** Returns when a stage ran in this run: a step that ended before the run's start was cached. */
function fresh(stage: StageRecord, run: RunRecord): Fresh {
  const spans = stage.cached ? [] : busySpans(stage).filter((span) => span.to > run.startedAt)
  return { stage, spans: spans.map((span) => ({ from: Math.max(span.from, run.startedAt), to: span.to })) }
}

const endOf = ({ spans }: Fresh): number => Math.max(...spans.map(({ to }) => to))

const lastToEnd = (stages: readonly Fresh[]): Fresh | null =>
  stages.reduce<Fresh | null>((last, one) => (last === null || endOf(one) > endOf(last) ? one : last), null)

/** Follows the stages back from the one that ended last: before each comes the last of those it waited for. */
function criticalPath(ran: readonly Fresh[]): Chain {
  const path: Fresh[] = []
  let next = lastToEnd(ran)
  while (next !== null) {
    path.unshift(next)
    const stages = ran.filter((one) => !path.includes(one))
    const waitedFor = new Set(
      before(
        next.stage,
        ran.map(({ stage }) => stage),
      ),
    )
    next = lastToEnd(stages.filter(({ stage }) => waitedFor.has(stage)))
  }
  const spans = path.flatMap((one) => one.spans).toSorted((a, b) => a.from - b.from)
  const ms = coveredMs(spans)
  const wholeMs = spans.length === 0 ? 0 : Math.max(...path.map(endOf)) - (spans[0]?.from ?? 0)
  return { names: path.map(({ stage }) => stage.name), ms, waitedMs: wholeMs - ms }
}

const NICE_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((seconds) => seconds * 1000)
const SMALL_STEPS = [10, 20, 50, 100, 200, 500]

function ticks(spanMs: number): Timeline["ticks"] {
  const fits = [...SMALL_STEPS, ...NICE_STEPS].find((step) => spanMs / step <= 6)
  const step = fits ?? Math.ceil(spanMs / 6)
  const count = Math.floor(spanMs / step)
  return Array.from({ length: count }, (_, index) => ({
    at: ((index + 1) * step) / spanMs,
    label: duration((index + 1) * step)
      .replace(".0 s", " s")
      .replace(" 00 s", ""),
  }))
}

/** Derives the timeline of a run. Times before the run's start belong to cached results and get no bar. */
export function timeline(run: RunRecord): Timeline {
  const stages = run.stages.map((stage) => fresh(stage, run))
  const ran = stages.filter(({ spans }) => spans.length > 0)
  const end = Math.max(
    run.endedAt,
    run.startedAt + 1,
    ...ran.flatMap(({ spans }) => spans.map((span) => span.to)),
  )
  const spanMs = end - run.startedAt
  const chain = criticalPath(ran)
  const rows = ran.map(({ stage, spans }) => ({
    stage,
    bars: spans.map(({ from, to }) => ({
      from: (from - run.startedAt) / spanMs,
      to: (to - run.startedAt) / spanMs,
    })),
    startMs: Math.min(...spans.map((span) => span.from)) - run.startedAt,
    endMs: Math.max(...spans.map((span) => span.to)) - run.startedAt,
    busyMs: coveredMs(spans),
    critical: chain.names.length > 1 && chain.names.includes(stage.name),
  }))
  const cached = stages.filter(({ stage, spans }) => spans.length === 0 && stage.endedAt !== null)
  return {
    rows: rows.toSorted((a, b) => a.startMs - b.startMs),
    cached: cached.map(({ stage }) => stage),
    spanMs,
    ticks: ticks(spanMs),
    chain,
  }
}
