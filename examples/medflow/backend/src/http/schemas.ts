import { z } from "zod"
import { STATUSES } from "../domain/appointmentStatus.js"
import { isRecordNumber } from "../domain/recordNumber.js"
import { isLocalDate } from "../domain/time.js"

const localDate = z.string().refine(isLocalDate, "not a calendar date")
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
// The database can't store a NUL, and no name holds any other control character.
const text = z
  .string()
  .trim()
  .min(1)
  .regex(/^\P{Cc}*$/u)
const name = text.max(100)
const phone = z.string().max(40).nullable()
const email = z.email().max(254).nullable()
const minuteOfDay = z.int().min(0).max(1440)

export const idParams = z.object({ id: z.uuid() })

export const newPatient = z.strictObject({
  givenName: name,
  familyName: name,
  birthDate: localDate,
  phone: phone.default(null),
  email: email.default(null),
})

export const patientSearch = z.strictObject({ familyName: name, birthDate: localDate })

export const recordLookup = z.strictObject({ recordNumber: z.string().refine(isRecordNumber) })

export const contact = z.strictObject({ phone, email })

export const newPractitioner = z.strictObject({
  fullName: name,
  specialty: name,
  hours: z
    .array(
      z.strictObject({ weekday: z.int().min(1).max(7), opens: minuteOfDay, closes: minuteOfDay }),
    )
    .max(28),
})

export const slotQuery = z.object({
  date: localDate,
  minutes: z.coerce.number().int().default(30),
})

export const newAppointment = z.strictObject({
  practitionerId: z.uuid(),
  patientId: z.uuid(),
  startsAt: instant,
  minutes: z.int(),
  reason: text.max(200),
})

export const dayQuery = z.object({ date: localDate, practitionerId: z.uuid().optional() })

export const statusChange = z.strictObject({ status: z.enum(STATUSES) })

export const reminderQuery = z.object({ from: instant, to: instant })
