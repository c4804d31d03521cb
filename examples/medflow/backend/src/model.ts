import type { Status } from "./domain/appointmentStatus.js"
import type { OpeningHours } from "./domain/openingHours.js"
import type { LocalDate } from "./domain/time.js"

export interface Practitioner {
  readonly id: string
  readonly fullName: string
  readonly specialty: string
  readonly hours: readonly OpeningHours[]
}

export interface Contact {
  readonly phone: string | null
  readonly email: string | null
}

export interface Patient extends Contact {
  readonly id: string
  readonly recordNumber: string
  readonly givenName: string
  readonly familyName: string
  readonly birthDate: LocalDate
}

export interface Appointment {
  readonly id: string
  readonly practitionerId: string
  readonly patientId: string
  readonly startsAt: Date
  readonly endsAt: Date
  readonly status: Status
  readonly reason: string
}

/** An appointment with the names that a day's list shows. */
export interface ListedAppointment extends Appointment {
  readonly patientName: string
  readonly practitionerName: string
}

export type AuditAction =
  | "patient.registered"
  | "patient.read"
  | "patient.found"
  | "patient.contact-changed"
  | "patient.audit-read"
  | "appointment.booked"
  | "appointment.listed"
  | "appointment.status-changed"

/** Who did what to whose data. Never holds the data itself: the log outlives the record. */
export interface AuditEntry {
  readonly actor: string
  readonly action: AuditAction
  readonly patientId: string
  readonly appointmentId: string | null
  readonly details: Readonly<Record<string, string>>
}

export interface RecordedAuditEntry extends AuditEntry {
  readonly at: Date
}
