import { LENGTHS_OFFERED } from "../domain/booking.js"
import type { Interval } from "../domain/interval.js"
import { areValidHours, openIntervals } from "../domain/openingHours.js"
import { freeSlots } from "../domain/slots.js"
import { addDays, toInstant, type LocalDate } from "../domain/time.js"
import { AppError, found } from "../errors.js"
import type { Practitioner } from "../model.js"
import type { Surroundings } from "../ports.js"

export function addPractitioner(
  { database }: Surroundings,
  input: Omit<Practitioner, "id">,
): Promise<Practitioner> {
  if (!areValidHours(input.hours)) throw new AppError("rejected", ["opening-hours"])
  return database.transaction((tx) => tx.practitioners.insert(input))
}

export function listPractitioners({ database }: Surroundings): Promise<readonly Practitioner[]> {
  return database.transaction((tx) => tx.practitioners.list())
}

export function slotsOf(
  { database, now, timeZone }: Surroundings,
  practitionerId: string,
  date: LocalDate,
  minutes: number,
): Promise<readonly Interval[]> {
  if (!LENGTHS_OFFERED.includes(minutes)) throw new AppError("rejected", ["length-not-offered"])
  return database.transaction(async (tx) => {
    const practitioner = found(await tx.practitioners.find(practitionerId), "practitioner")
    const busy = await tx.appointments.busyPractitioner(practitionerId, dayOf(date, timeZone))
    const open = openIntervals(practitioner.hours, date, timeZone)
    return freeSlots({ open, busy, minutes, notBefore: now() })
  })
}

/** A local day as instants: 23 or 25 hours when the clocks change. */
export function dayOf(date: LocalDate, timeZone: string): Interval {
  return {
    start: toInstant({ date, minute: 0 }, timeZone),
    end: toInstant({ date: addDays(date, 1), minute: 0 }, timeZone),
  }
}
