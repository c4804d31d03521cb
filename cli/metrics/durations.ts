import { groupBy } from "../../ci/src/formats/group-by.js"
import type { RunFacts } from "./facts.js"
import { type ChangePoint, changePoints, type Sample, type Spread, spreadOf, trendOf } from "./statistics.js"
import { share } from "./success.js"

/** How long something takes, in milliseconds, over time. */
export interface Duration {
  /** The stage's name; `run` for whole runs. */
  readonly name: string
  readonly spread: Spread
  /** The change in 30 days since the last change of level; null where there is no trend. */
  readonly trend: number | null
  readonly changes: readonly ChangePoint[]
  readonly samples: readonly Sample[]
}

/** The smallest change of a duration that counts, in milliseconds. */
const LEAST_MS = 1000

/** The name of whole runs, among the names of stages. */
export const WHOLE_RUN = "run"

function durationOf(name: string, samples: readonly Sample[]): readonly Duration[] {
  const spread = spreadOf(samples.map(({ value }) => value))
  if (spread === null) return []
  const changes = changePoints(samples, LEAST_MS)
  const level = samples.filter(({ at }) => at >= (changes.at(-1)?.at ?? 0))
  return [{ name, spread, trend: trendOf(level), changes, samples }]
}

/** A stage that ran in a run. */
interface Work extends Sample {
  readonly name: string
}

/** Returns the durations of whole runs, and of each stage, the longest sum first. Only what passed, and ran, counts. */
export function durationsOf(runs: readonly RunFacts[]): readonly Duration[] {
  const green = runs.filter(({ end }) => end === "passed")
  const whole = green.map(({ startedAt: at, endedAt }) => ({ at, value: endedAt - at }))
  const work = runs.flatMap(({ startedAt: at, stages }) =>
    stages.flatMap(({ name, verdict, ms }): readonly Work[] =>
      verdict === "passed" && ms !== null ? [{ name, at, value: ms }] : [],
    ),
  )
  const stages = [...groupBy(work, ({ name }) => name)].flatMap(([name, of]) => durationOf(name, of))
  return [...durationOf(WHOLE_RUN, whole), ...stages.toSorted((a, b) => b.spread.sum - a.spread.sum)]
}

/** How many results of stages were remembered. */
export interface Remembered {
  readonly stages: number
  readonly remembered: number
  /** Null where no stage has a result. */
  readonly share: number | null
}

/** Counts the stages of runs whose results were remembered. */
export function rememberedOf(runs: readonly RunFacts[]): Remembered {
  const judged = runs.flatMap(({ stages }) =>
    stages.filter(({ verdict, ms, cached }) => verdict !== "skipped" && (cached || ms !== null)),
  )
  const remembered = judged.filter(({ cached }) => cached).length
  return { stages: judged.length, remembered, share: share(remembered, judged.length) }
}
