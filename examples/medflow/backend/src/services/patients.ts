import { isMinor, tidyName, tidyPhone } from "../domain/person.js"
import { recordNumber } from "../domain/recordNumber.js"
import { toLocal, type LocalDate } from "../domain/time.js"
import { AppError, found } from "../errors.js"
import type { AuditAction, AuditEntry, Contact, Patient, RecordedAuditEntry } from "../model.js"
import type { Surroundings } from "../ports.js"

export interface NewPatient extends Contact {
  readonly givenName: string
  readonly familyName: string
  readonly birthDate: LocalDate
}

/** A patient as shown: with what follows from the birth date today. */
export interface PatientView extends Patient {
  readonly minor: boolean
}

export function registerPatient(
  { database, now, timeZone }: Surroundings,
  actor: string,
  input: NewPatient,
): Promise<PatientView> {
  const today = toLocal(now(), timeZone).date
  if (input.birthDate > today) throw new AppError("rejected", ["born-in-the-future"])
  return database.transaction(async (tx) => {
    const patient = await tx.patients.insert({
      givenName: tidyName(input.givenName),
      familyName: tidyName(input.familyName),
      birthDate: input.birthDate,
      ...tidyContact(input),
      recordNumber: recordNumber(await tx.patients.nextSequence()),
    })
    await tx.audit.append([entry(actor, "patient.registered", patient.id)])
    return view(patient, today)
  })
}

export function readPatient(
  { database, now, timeZone }: Surroundings,
  actor: string,
  id: string,
): Promise<PatientView> {
  return database.transaction(async (tx) => {
    const patient = found(await tx.patients.find(id), "patient")
    await tx.audit.append([entry(actor, "patient.read", id)])
    return view(patient, toLocal(now(), timeZone).date)
  })
}

export function lookUpPatient(
  { database, now, timeZone }: Surroundings,
  actor: string,
  number: string,
): Promise<PatientView> {
  return database.transaction(async (tx) => {
    const patient = found(await tx.patients.findByRecordNumber(number), "patient")
    await tx.audit.append([entry(actor, "patient.found", patient.id)])
    return view(patient, toLocal(now(), timeZone).date)
  })
}

export function searchPatients(
  { database, now, timeZone }: Surroundings,
  actor: string,
  familyName: string,
  birthDate: LocalDate,
): Promise<readonly PatientView[]> {
  return database.transaction(async (tx) => {
    const patients = await tx.patients.search(tidyName(familyName), birthDate)
    await tx.audit.append(patients.map(({ id }) => entry(actor, "patient.found", id)))
    return patients.map((patient) => view(patient, toLocal(now(), timeZone).date))
  })
}

export function changeContact(
  { database }: Surroundings,
  actor: string,
  id: string,
  contact: Contact,
): Promise<void> {
  const tidied = tidyContact(contact)
  return database.transaction(async (tx) => {
    const before = found(await tx.patients.find(id), "patient")
    await tx.patients.setContact(id, tidied)
    const fields = (["phone", "email"] as const).filter((name) => before[name] !== tidied[name])
    await tx.audit.append([
      entry(actor, "patient.contact-changed", id, { fields: fields.join(",") }),
    ])
  })
}

export function readAudit(
  { database }: Surroundings,
  actor: string,
  id: string,
): Promise<readonly RecordedAuditEntry[]> {
  return database.transaction(async (tx) => {
    found(await tx.patients.find(id), "patient")
    const trail = await tx.audit.ofPatient(id)
    await tx.audit.append([entry(actor, "patient.audit-read", id)])
    return trail
  })
}

function tidyContact({ phone, email }: Contact): Contact {
  const tidied = phone === null ? null : tidyPhone(phone)
  if (tidied === undefined) throw new AppError("rejected", ["phone-not-international"])
  return { phone: tidied, email }
}

function view(patient: Patient, today: LocalDate): PatientView {
  return { ...patient, minor: isMinor(today, patient.birthDate) }
}

function entry(
  actor: string,
  action: AuditAction,
  patientId: string,
  details: Record<string, string> = {},
): AuditEntry {
  return { actor, action, patientId, appointmentId: null, details }
}
