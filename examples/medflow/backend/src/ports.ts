import type { Status } from "./domain/appointmentStatus.js"
import type { Interval } from "./domain/interval.js"
import type { LocalDate } from "./domain/time.js"
import type {
  Appointment,
  AuditEntry,
  Contact,
  ListedAppointment,
  Patient,
  Practitioner,
  RecordedAuditEntry,
} from "./model.js"

export interface Database {
  /** All of the work becomes visible, its audit entries with it, or none of it. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  ping(): Promise<void>
}

export interface Transaction {
  readonly practitioners: PractitionerStore
  readonly patients: PatientStore
  readonly appointments: AppointmentStore
  readonly audit: AuditStore
}

export interface PractitionerStore {
  insert(practitioner: Omit<Practitioner, "id">): Promise<Practitioner>
  find(id: string): Promise<Practitioner | undefined>
  list(): Promise<readonly Practitioner[]>
}

export interface PatientStore {
  nextSequence(): Promise<number>
  insert(patient: Omit<Patient, "id">): Promise<Patient>
  find(id: string): Promise<Patient | undefined>
  findByRecordNumber(recordNumber: string): Promise<Patient | undefined>
  search(familyName: string, birthDate: LocalDate): Promise<readonly Patient[]>
  setContact(id: string, contact: Contact): Promise<void>
}

export interface AppointmentStore {
  /** Throws a conflict when the practitioner or the patient is taken at that time. */
  insert(appointment: Omit<Appointment, "id">): Promise<Appointment>
  /** Keeps the row locked until the transaction ends. */
  findForUpdate(id: string): Promise<Appointment | undefined>
  setStatus(id: string, status: Status): Promise<void>
  listStarting(within: Interval, practitionerId?: string): Promise<readonly ListedAppointment[]>
  busyPractitioner(practitionerId: string, within: Interval): Promise<readonly Interval[]>
  busyPatient(patientId: string, within: Interval): Promise<readonly Interval[]>
}

export interface AuditStore {
  append(entries: readonly AuditEntry[]): Promise<void>
  ofPatient(patientId: string): Promise<readonly RecordedAuditEntry[]>
}

/** What every service needs from outside. */
export interface Surroundings {
  readonly database: Database
  readonly now: () => Date
  readonly timeZone: string
}
