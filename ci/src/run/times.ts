import type { StageRecord } from "./result.js"

/** What the times of a stage are read from. */
type Timed = Pick<StageRecord, "startedAt" | "endedAt"> & {
  readonly steps: readonly Pick<StageRecord["steps"][number], "startedAt" | "endedAt">[]
}

/** A span of time, in milliseconds since the epoch. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Returns when a stage was busy: the times of its steps, or its own if it has none. In order of start. */
export function busySpans(stage: Timed): readonly Span[] {
  const own =
    stage.startedAt === null || stage.endedAt === null ? [] : [{ from: stage.startedAt, to: stage.endedAt }]
  const steps = stage.steps.map((step) => ({ from: step.startedAt, to: step.endedAt }))
  return (steps.length > 0 ? steps : own).toSorted((a, b) => a.from - b.from)
}

/** Returns the milliseconds that spans cover together: overlaps count once, gaps do not count. */
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
 * Returns the milliseconds of work in a stage; null if nothing ran. Not end minus start: one step may be cached, hours
 * old, and the next may have run just now.
 */
export function stageMs(stage: StageRecord): number | null {
  const spans = busySpans(stage)
  return spans.length === 0 ? null : coveredMs(spans)
}
