import { MINUTE } from "./time.js"

/** Half open: the end is not part of it, so that one appointment can follow another at once. */
export interface Interval {
  readonly start: Date
  readonly end: Date
}

export function overlaps(a: Interval, b: Interval): boolean {
  return a.start < b.end && b.start < a.end
}

export function contains(outer: Interval, inner: Interval): boolean {
  return outer.start <= inner.start && inner.end <= outer.end
}

export function minutesIn(interval: Interval): number {
  return (interval.end.getTime() - interval.start.getTime()) / MINUTE
}
