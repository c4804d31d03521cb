import type { Status } from "./appointmentStatus.js"
import { addDays, addMinutes, toInstant, toLocal } from "./time.js"

type ReminderKind = "day-before" | "hours-before"

export interface Reminder {
  readonly appointmentId: string
  readonly kind: ReminderKind
  readonly dueAt: Date
}

interface Remindable {
  readonly id: string
  readonly startsAt: Date
  readonly status: Status
}

const LEAD_MINUTES: Record<ReminderKind, number> = { "day-before": 24 * 60, "hours-before": 120 }
const KINDS: readonly ReminderKind[] = ["day-before", "hours-before"]

/** The longest time that a reminder can lie before its appointment, quiet hours included. */
export const LONGEST_LEAD_MINUTES = 2 * 24 * 60

const QUIET_FROM = 20 * 60
const QUIET_UNTIL = 8 * 60

/** Reminders that fall due after `from` and not later than `to`. */
export function remindersDue(
  appointments: readonly Remindable[],
  from: Date,
  to: Date,
  timeZone: string,
): Reminder[] {
  return appointments
    .filter((appointment) => appointment.status === "booked")
    .flatMap((appointment) => remindersFor(appointment, timeZone))
    .filter((reminder) => reminder.dueAt > from && reminder.dueAt <= to)
    .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime())
}

function remindersFor(appointment: Remindable, timeZone: string): Reminder[] {
  return KINDS.map((kind) => ({
    appointmentId: appointment.id,
    kind,
    dueAt: outsideQuietHours(addMinutes(appointment.startsAt, -LEAD_MINUTES[kind]), timeZone),
  }))
}

/** Nobody is woken by a reminder: one due at night goes out in the evening before. */
export function outsideQuietHours(instant: Date, timeZone: string): Date {
  const { date, minute } = toLocal(instant, timeZone)
  if (minute >= QUIET_UNTIL && minute <= QUIET_FROM) return instant
  const evening = minute < QUIET_UNTIL ? addDays(date, -1) : date
  return toInstant({ date: evening, minute: QUIET_FROM }, timeZone)
}
