import { contains, type Interval } from "./interval.js"
import { isoWeekday, toInstant, toLocal, type LocalDate } from "./time.js"

/** A practitioner's regular hours on one weekday (1 is Monday), in minutes since local midnight. */
export interface OpeningHours {
  readonly weekday: number
  readonly opens: number
  readonly closes: number
}

export function areValidHours(week: readonly OpeningHours[]): boolean {
  return week.every(
    (hours, index) =>
      hours.weekday >= 1 &&
      hours.weekday <= 7 &&
      hours.opens >= 0 &&
      hours.opens < hours.closes &&
      hours.closes <= 24 * 60 &&
      !week.slice(index + 1).some((other) => clash(hours, other)),
  )
}

export function openIntervals(
  week: readonly OpeningHours[],
  date: LocalDate,
  timeZone: string,
): Interval[] {
  return week
    .filter((hours) => hours.weekday === isoWeekday(date))
    .sort((a, b) => a.opens - b.opens)
    .map((hours) => ({
      start: toInstant({ date, minute: hours.opens }, timeZone),
      end: toInstant({ date, minute: hours.closes }, timeZone),
    }))
}

export function isOpen(week: readonly OpeningHours[], wanted: Interval, timeZone: string): boolean {
  const { date } = toLocal(wanted.start, timeZone)
  return openIntervals(week, date, timeZone).some((open) => contains(open, wanted))
}

function clash(a: OpeningHours, b: OpeningHours): boolean {
  return a.weekday === b.weekday && a.opens < b.closes && b.opens < a.closes
}
