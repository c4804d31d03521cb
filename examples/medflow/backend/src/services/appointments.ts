import { canBecome, type Status } from "../domain/appointmentStatus.js"
import { isConflict, violations } from "../domain/booking.js"
import { LONGEST_LEAD_MINUTES, remindersDue, type Reminder } from "../domain/reminders.js"
import { addMinutes, type LocalDate } from "../domain/time.js"
import { AppError, found } from "../errors.js"
import type { Appointment, ListedAppointment } from "../model.js"
import type { Surroundings } from "../ports.js"
import { dayOf } from "./practitioners.js"

export interface BookingRequest {
  readonly practitionerId: string
  readonly patientId: string
  readonly startsAt: Date
  readonly minutes: number
  readonly reason: string
}

export function book(
  { database, now, timeZone }: Surroundings,
  actor: string,
  request: BookingRequest,
): Promise<Appointment> {
  const { practitionerId, patientId, startsAt, minutes, reason } = request
  const wanted = { start: startsAt, end: addMinutes(startsAt, minutes) }
  return database.transaction(async (tx) => {
    const practitioner = found(await tx.practitioners.find(practitionerId), "practitioner")
    found(await tx.patients.find(patientId), "patient")
    refuse(
      violations({
        wanted,
        now: now(),
        timeZone,
        hours: practitioner.hours,
        practitionerBusy: await tx.appointments.busyPractitioner(practitionerId, wanted),
        patientBusy: await tx.appointments.busyPatient(patientId, wanted),
      }),
    )
    const booked = await tx.appointments.insert({
      practitionerId,
      patientId,
      startsAt,
      endsAt: wanted.end,
      status: "booked",
      reason,
    })
    await tx.audit.append([
      { actor, action: "appointment.booked", patientId, appointmentId: booked.id, details: {} },
    ])
    return booked
  })
}

export function listDay(
  { database, timeZone }: Surroundings,
  actor: string,
  date: LocalDate,
  practitionerId?: string,
): Promise<readonly ListedAppointment[]> {
  return database.transaction(async (tx) => {
    const listed = await tx.appointments.listStarting(dayOf(date, timeZone), practitionerId)
    await tx.audit.append(
      listed.map(({ id, patientId }) => ({
        actor,
        action: "appointment.listed" as const,
        patientId,
        appointmentId: id,
        details: {},
      })),
    )
    return listed
  })
}

export function changeStatus(
  { database, now }: Surroundings,
  actor: string,
  id: string,
  status: Status,
): Promise<void> {
  return database.transaction(async (tx) => {
    const appointment = found(await tx.appointments.findForUpdate(id), "appointment")
    if (!canBecome(appointment.status, status, appointment.startsAt, now())) {
      throw new AppError("conflict", ["status-not-reachable"])
    }
    await tx.appointments.setStatus(id, status)
    await tx.audit.append([
      {
        actor,
        action: "appointment.status-changed",
        patientId: appointment.patientId,
        appointmentId: id,
        details: { from: appointment.status, to: status },
      },
    ])
  })
}

/** Names no patient, so that it isn't audited: whoever sends a reminder reads the patient then. */
export function reminders(
  { database, timeZone }: Surroundings,
  from: Date,
  to: Date,
): Promise<readonly Reminder[]> {
  return database.transaction(async (tx) => {
    const within = { start: from, end: addMinutes(to, LONGEST_LEAD_MINUTES) }
    return remindersDue(await tx.appointments.listStarting(within), from, to, timeZone)
  })
}

function refuse(found: ReturnType<typeof violations>): void {
  if (found.length === 0) return
  throw new AppError(found.every(isConflict) ? "conflict" : "rejected", found)
}
