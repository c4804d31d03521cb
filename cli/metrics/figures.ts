import { duration, iso, share as percent } from "../../ci/src/formats/figures.js"
import { DAY_MS } from "./statistics.js"

/** The day of a time, in UTC: `2026-03-02`. */
export const day = (ms: number): string => iso(ms).slice(0, 10)

/** Writes an amount with two digits: `12.50 EUR`. */
export const money = (amount: number, currency: string): string => `${amount.toFixed(2)} ${currency}`

/** Formats a duration, from a day on in days: `3 h 05 min`, `2.4 days`. */
export function longTime(ms: number): string {
  const days = ms / DAY_MS
  return days < 1 ? duration(ms) : `${days.toFixed(1)} days`
}

/** Formats a share; `unknown` without one. */
export const rate = (value: number | null): string => (value === null ? "unknown" : percent(value))
