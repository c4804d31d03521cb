const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const two = (value: number): string => String(value).padStart(2, "0")

/**
 * A duration for a person: `840 ms`, `3.2 s`, `2 min 05 s`, `1 h 05 min`.
 *
 * @param ms milliseconds; what is no number, or negative, counts as 0
 */
export function duration(ms: number): string {
  const whole = Number.isFinite(ms) ? Math.max(0, Math.round(ms)) : 0
  if (whole < SECOND) return `${whole} ms`
  const tenths = Math.round(whole / 100)
  if (tenths < 600) return `${Math.floor(tenths / 10)}.${tenths % 10} s`
  const seconds = Math.round(whole / SECOND)
  if (seconds < HOUR / SECOND) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`
  const minutes = Math.round(whole / MINUTE)
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
}

/** A time as every reader of the evidence sees it, wherever they are: `2025-11-21 01:47:03 UTC`. */
export function utc(epochMs: number): string {
  return `${iso(epochMs).slice(0, 19).replace("T", " ")} UTC`
}

/** ISO 8601 in UTC, for machines. What is no time becomes the epoch. */
export function iso(epochMs: number): string {
  const date = new Date(epochMs)
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString()
}

/** `5,000` */
export function thousands(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",")
}

/** `1 test`, `5,000 tests` */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${thousands(value)} ${value === 1 ? one : many}`
}
