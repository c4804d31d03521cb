import { linearRegression, median, quantileSorted, sampleRankCorrelation } from "simple-statistics"
import { groupBy } from "../../ci/src/formats/group-by.js"

/** A value at a time. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly value: number
}

/** The median of some values, and the value that 95 of 100 stay below. */
export interface Spread {
  readonly count: number
  readonly sum: number
  readonly median: number
  readonly p95: number
}

/** Returns the spread of values; null without any. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  return {
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    median: quantileSorted(sorted, 0.5),
    p95: quantileSorted(sorted, 0.95),
  }
}

/** Milliseconds of a day. */
export const DAY_MS = 24 * 60 * 60 * 1000

/** A span of time: milliseconds since the epoch. */
export interface Span {
  readonly from: number
  readonly until: number
}

/** Returns the span from the first to the last of some times; null for none. */
export function spanOf(times: readonly number[]): Span | null {
  if (times.length === 0) return null
  // Math.min of all would be too many arguments.
  return { from: times.reduce((a, b) => Math.min(a, b)), until: times.reduce((a, b) => Math.max(a, b)) }
}

/** Returns the name that is most often among some, the first of several; null for none. */
export function mostFrequent(
  names: readonly string[],
): { readonly name: string; readonly times: number } | null {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const [first] = [...counts].toSorted(([, a], [, b]) => b - a)
  return first === undefined ? null : { name: first[0], times: first[1] }
}

/** The median of each day that has values, in order. */
export function dailyMedians(samples: readonly Sample[]): readonly Sample[] {
  const days = groupBy(samples, ({ at }) => String(Math.floor(at / DAY_MS)))
  return [...days]
    .map(([day, of]) => ({ at: Number(day) * DAY_MS, value: median(of.map(({ value }) => value)) }))
    .toSorted((a, b) => a.at - b.at)
}

/** Days that a trend needs. */
const TREND_DAYS = 10
/** Student's t of a rank correlation from which on a trend counts: by chance, about 1 of 1,000 reaches it. */
const TREND_T = 3.3

/**
 * Returns how much values change in 30 days, by a line through the medians of the days; null where there is no trend.
 * One slow run changes no day's median.
 */
export function trendOf(samples: readonly Sample[]): number | null {
  const days = dailyMedians(samples)
  if (days.length < TREND_DAYS) return null
  const [first] = days
  const x = days.map(({ at }) => (at - (first?.at ?? 0)) / DAY_MS)
  const y = days.map(({ value }) => value)
  const rho = sampleRankCorrelation(x, y)
  const t = Math.abs(rho) * Math.sqrt((days.length - 2) / Math.max(1e-12, 1 - rho * rho))
  return t >= TREND_T ? linearRegression(x.map((day, index) => [day, y[index] ?? 0])).m * 30 : null
}

/** Where values changed their level. */
export interface ChangePoint {
  /** The time of the first value of the new level. */
  readonly at: number
  readonly before: number
  readonly after: number
}

/** Values on each side that a change needs. */
const SIDE = 8
/** How likely a change that counts may be by chance. */
const CHANCE = 0.001
/** The smallest change of level that counts, as a share of the level before. */
const SMALLEST = 0.1

/**
 * Finds where values changed their level: by Pettitt's test, which compares ranks and so is not misled by outliers, and
 * again on both sides of each change.
 *
 * @param least the smallest change that counts, in the values' unit.
 * @see Pettitt, A. N. (1979): A non-parametric approach to the change-point problem. Applied Statistics 28, 126–135.
 */
export function changePoints(samples: readonly Sample[], least: number): readonly ChangePoint[] {
  const level = (from: number, to: number) => median(samples.slice(from, to).map(({ value }) => value))
  const differs = (before: number, after: number) =>
    Math.abs(after - before) >= Math.max(least, SMALLEST * before)
  let cuts = cutsOf(samples, 0)
  for (;;) {
    const ends = [0, ...cuts, samples.length]
    const levels = ends.slice(1).map((end, index) => level(ends[index] ?? 0, end))
    const weak = cuts.findIndex((_, index) => !differs(levels[index] ?? 0, levels[index + 1] ?? 0))
    if (weak === -1)
      return cuts.map((cut, index) => ({
        at: samples[cut]?.at ?? 0,
        before: levels[index] ?? 0,
        after: levels[index + 1] ?? 0,
      }))
    cuts = cuts.filter((_, index) => index !== weak)
  }
}

/** @param offset of the samples in the whole. @returns indices at which new levels begin, in order. */
function cutsOf(samples: readonly Sample[], offset: number): readonly number[] {
  const count = samples.length
  if (count < 2 * SIDE) return []
  const ranks = ranksOf(samples.map(({ value }) => value))
  let [sum, at, largest] = [0, 0, 0]
  for (const [index, rank] of ranks.entries()) {
    sum += 2 * rank - (count + 1)
    if (index + 1 >= SIDE && index + 1 <= count - SIDE && Math.abs(sum) > largest)
      [largest, at] = [Math.abs(sum), index + 1]
  }
  const chance = 2 * Math.exp((-6 * largest ** 2) / (count ** 3 + count ** 2))
  if (at === 0 || chance > CHANCE) return []
  return [...cutsOf(samples.slice(0, at), offset), offset + at, ...cutsOf(samples.slice(at), offset + at)]
}

/** Ranks from 1; equal values share the mean of theirs. */
function ranksOf(values: readonly number[]): readonly number[] {
  const order = values.map((value, index) => ({ value, index })).toSorted((a, b) => a.value - b.value)
  const ranks = new Array<number>(values.length).fill(0)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to + 1 < order.length && order[to + 1]?.value === order[from]?.value) to += 1
    for (const { index } of order.slice(from, to + 1)) ranks[index] = (from + to) / 2 + 1
    from = to + 1
  }
  return ranks
}
