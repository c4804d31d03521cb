import { minutesIn, overlaps, type Interval } from "./interval.js"
import { isOpen, type OpeningHours } from "./openingHours.js"
import { addDays, toLocal } from "./time.js"

export type Violation =
  | "in-the-past"
  | "too-far-ahead"
  | "length-not-offered"
  | "outside-opening-hours"
  | "practitioner-busy"
  | "patient-busy"

export interface BookingCheck {
  readonly wanted: Interval
  readonly now: Date
  readonly timeZone: string
  readonly hours: readonly OpeningHours[]
  readonly practitionerBusy: readonly Interval[]
  readonly patientBusy: readonly Interval[]
}

export const LENGTHS_OFFERED: readonly number[] = [15, 30, 45, 60]
const DAYS_AHEAD = 180

type Rule = (check: BookingCheck) => boolean

const RULES: readonly (readonly [Violation, Rule])[] = [
  ["in-the-past", ({ wanted, now }) => wanted.start < now],
  ["too-far-ahead", isTooFarAhead],
  ["length-not-offered", ({ wanted }) => !LENGTHS_OFFERED.includes(minutesIn(wanted))],
  ["outside-opening-hours", (check) => !isOpen(check.hours, check.wanted, check.timeZone)],
  ["practitioner-busy", (check) => isTaken(check.wanted, check.practitionerBusy)],
  ["patient-busy", (check) => isTaken(check.wanted, check.patientBusy)],
]

/** Everything that speaks against a booking; empty when it may go ahead. */
export function violations(check: BookingCheck): Violation[] {
  return RULES.filter(([, broken]) => broken(check)).map(([violation]) => violation)
}

const CONFLICTS: readonly Violation[] = ["practitioner-busy", "patient-busy"]

/** A conflict comes from someone else's booking; anything else is wrong with the request itself. */
export function isConflict(violation: Violation): boolean {
  return CONFLICTS.includes(violation)
}

function isTooFarAhead({ wanted, now, timeZone }: BookingCheck): boolean {
  const today = toLocal(now, timeZone).date
  return toLocal(wanted.start, timeZone).date > addDays(today, DAYS_AHEAD)
}

function isTaken(wanted: Interval, busy: readonly Interval[]): boolean {
  return busy.some((taken) => overlaps(taken, wanted))
}
