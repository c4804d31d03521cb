import type { OpeningHours } from "../../../src/domain/openingHours.js"

export const ZONE = "Europe/Berlin"

/** Monday 2 March 2026, 08:00 in Berlin. */
export const NOW = new Date("2026-03-02T07:00:00Z")

export const MONDAY = "2026-03-02"

/** Monday to Friday, 9 to 12 and 13 to 17. */
export const WEEK: readonly OpeningHours[] = [1, 2, 3, 4, 5].flatMap((weekday) => [
  { weekday, opens: 9 * 60, closes: 12 * 60 },
  { weekday, opens: 13 * 60, closes: 17 * 60 },
])

export function between(start: string, end: string): { start: Date; end: Date } {
  return { start: new Date(start), end: new Date(end) }
}
