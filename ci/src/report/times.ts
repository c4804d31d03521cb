import type { StageRecord } from "../run/result.js"

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
