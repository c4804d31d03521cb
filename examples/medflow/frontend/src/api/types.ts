export type Status = "booked" | "checked-in" | "completed" | "cancelled" | "no-show"

export interface Practitioner {
  readonly id: string
  readonly fullName: string
  readonly specialty: string
}

export interface Patient {
  readonly id: string
  readonly recordNumber: string
  readonly givenName: string
  readonly familyName: string
  readonly minor: boolean
}

export interface Appointment {
  readonly id: string
  readonly localTime: string
  readonly patientName: string
  readonly practitionerName: string
  readonly reason: string
  readonly status: Status
}

export interface Slot {
  readonly startsAt: string
  readonly localTime: string
}
