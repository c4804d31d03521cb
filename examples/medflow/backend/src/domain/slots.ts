import { overlaps, type Interval } from "./interval.js"
import { addMinutes } from "./time.js"

export interface SlotQuery {
  readonly open: readonly Interval[]
  readonly busy: readonly Interval[]
  /** Length of the appointment wanted. */
  readonly minutes: number
  /** Slots that start before this instant are not offered. */
  readonly notBefore: Date
}

/** Appointments start on a quarter of an hour, counted from the opening. */
const SLOT_STEP_MINUTES = 15

export function freeSlots(query: SlotQuery): Interval[] {
  return query.open
    .flatMap((open) => candidates(open, query.minutes))
    .filter((slot) => slot.start >= query.notBefore)
    .filter((slot) => !query.busy.some((taken) => overlaps(taken, slot)))
}

function candidates(open: Interval, minutes: number): Interval[] {
  const slots: Interval[] = []
  for (
    let start = open.start;
    addMinutes(start, minutes) <= open.end;
    start = addMinutes(start, SLOT_STEP_MINUTES)
  ) {
    slots.push({ start, end: addMinutes(start, minutes) })
  }
  return slots
}
