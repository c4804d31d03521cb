import { afterAll, beforeEach, describe, expect, it } from "vitest"
import { created, newPatient, newPractitioner, openApi } from "./support/api.js"

const api = openApi()
let patientId: string
let practitionerId: string

afterAll(() => api.close())

beforeEach(async () => {
  patientId = await newPatient(api)
  practitionerId = await newPractitioner(api)
})

const book = (changes: Record<string, string | number> = {}) =>
  api.call("POST", "/api/appointments", {
    practitionerId,
    patientId,
    startsAt: "2026-03-02T09:00:00Z",
    minutes: 30,
    reason: "check-up",
    ...changes,
  })

const setStatus = (id: string, status: string) =>
  api.call("PUT", `/api/appointments/${id}/status`, { status })

describe("booking", () => {
  it("shows up in the day's list with both names", async () => {
    const id = created(await book())
    const url = `/api/appointments?date=2026-03-02&practitionerId=${practitionerId}`
    expect((await api.call("GET", url)).json()).toMatchObject({
      appointments: [
        {
          id,
          localTime: "10:00",
          patientName: "Testa Musterfrau",
          practitionerName: "Dr Beispiel",
        },
      ],
    })
  })

  it("is listed on the clinic's day, which isn't the one in UTC", async () => {
    await api.pool.query(
      `INSERT INTO appointments (practitioner_id, patient_id, starts_at, ends_at, status, reason)
       VALUES ($1, $2, '2026-03-02T23:30:00Z', '2026-03-03T00:00:00Z', 'booked', 'night')`,
      [practitionerId, patientId],
    )
    const on = async (date: string): Promise<number> => {
      const url = `/api/appointments?date=${date}&practitionerId=${practitionerId}`
      return (await api.call("GET", url)).json<{ appointments: unknown[] }>().appointments.length
    }
    expect([await on("2026-03-02"), await on("2026-03-03")]).toEqual([0, 1])
  })

  it("keeps the practitioner's time", async () => {
    await book()
    const response = await book({ patientId: await newPatient(api) })
    expect(response.statusCode).toBe(409)
    expect(response.json()).toEqual({ error: "conflict", codes: ["practitioner-busy"] })
  })

  it("keeps the patient's time at another practitioner's", async () => {
    await book()
    const response = await book({ practitionerId: await newPractitioner(api) })
    expect(response.json()).toEqual({ error: "conflict", codes: ["patient-busy"] })
  })

  it("may follow another at once", async () => {
    await book()
    expect((await book({ startsAt: "2026-03-02T09:30:00Z" })).statusCode).toBe(201)
  })

  it("is won by one of many simultaneous requests", async () => {
    const patients = await Promise.all(Array.from({ length: 8 }, () => newPatient(api)))
    const answers = await Promise.all(patients.map((id) => book({ patientId: id })))
    const codes = answers.map(({ statusCode }) => statusCode).sort()
    expect(codes).toEqual([201, ...Array.from({ length: 7 }, () => 409)])
  })

  it("gives its time back when cancelled", async () => {
    const id = created(await book())
    expect((await setStatus(id, "cancelled")).statusCode).toBe(204)
    expect((await book()).statusCode).toBe(201)
  })

  it("keeps its time when cancelling came too late", async () => {
    const id = created(await book())
    await setStatus(id, "checked-in")
    await setStatus(id, "completed")
    expect((await setStatus(id, "cancelled")).statusCode).toBe(409)
    expect((await book()).statusCode).toBe(409)
  })
})

describe("slots", () => {
  it("leave out what is booked and offer it again after a cancellation", async () => {
    const id = created(await book({ minutes: 60 }))
    const offered = async (): Promise<string[]> => {
      const url = `/api/practitioners/${practitionerId}/slots?date=2026-03-02&minutes=60`
      const { slots } = (await api.call("GET", url)).json<{ slots: { localTime: string }[] }>()
      return slots.map(({ localTime }) => localTime)
    }
    expect((await offered()).slice(0, 2)).toEqual(["09:00", "11:00"])
    await setStatus(id, "cancelled")
    expect((await offered()).slice(0, 2)).toEqual(["09:00", "09:15"])
  })
})

describe("reminders", () => {
  it("are due for booked appointments", async () => {
    const id = created(await book({ startsAt: "2026-03-04T09:00:00Z" }))
    const url = "/api/reminders?from=2026-03-03T08:00:00Z&to=2026-03-03T10:00:00Z"
    const { reminders } = (await api.call("GET", url)).json<{ reminders: unknown[] }>()
    expect(reminders).toContainEqual({
      appointmentId: id,
      kind: "day-before",
      dueAt: "2026-03-03T09:00:00.000Z",
    })
  })
})
