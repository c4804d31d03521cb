import { beforeEach, describe, expect, it, test } from "vitest"
import { idIn, PATIENT, PRACTITIONER, testApp, type TestApp } from "../support/testApp.js"

let medflow: TestApp
let booking: Record<string, string | number>

beforeEach(async () => {
  medflow = testApp()
  const practitionerId = idIn(await medflow.call("POST", "/api/practitioners", PRACTITIONER))
  const patientId = idIn(await medflow.call("POST", "/api/patients", PATIENT))
  const startsAt = "2026-03-02T10:00:00+01:00"
  booking = { practitionerId, patientId, startsAt, minutes: 30, reason: "check-up" }
})

const book = (changes: Record<string, string | number> = {}) =>
  medflow.call("POST", "/api/appointments", { ...booking, ...changes })

describe("booking", () => {
  it("answers with the appointment in the clinic's time", async () => {
    const response = await book()
    expect(response.statusCode).toBe(201)
    expect(response.json()).toMatchObject({
      startsAt: "2026-03-02T09:00:00.000Z",
      endsAt: "2026-03-02T09:30:00.000Z",
      localTime: "10:00",
      status: "booked",
    })
  })

  it("refuses a taken time as a conflict", async () => {
    await book()
    const response = await book({ startsAt: "2026-03-02T10:15:00+01:00" })
    expect(response.statusCode).toBe(409)
    expect(response.json()).toEqual({
      error: "conflict",
      codes: ["practitioner-busy", "patient-busy"],
    })
  })

  it("refuses a time outside opening hours, and writes no audit entry", async () => {
    const response = await book({ startsAt: "2026-03-02T18:00:00+01:00" })
    expect(response.statusCode).toBe(422)
    expect(response.json()).toMatchObject({ codes: ["outside-opening-hours"] })
    expect(medflow.database.tables().audit.map(({ action }) => action)).toEqual([
      "patient.registered",
    ])
  })

  test.each([
    ["startsAt", { startsAt: "tomorrow" }],
    ["patientId", { patientId: "42" }],
    ["reason", { reason: "  " }],
    ["reason", { reason: "check\u0000up" }],
    ["minutes", { minutes: 7.5 }],
  ])("names a wrong %s: %j", async (field, changes) => {
    const response = await book(changes)
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({ error: "invalid", fields: [field] })
  })

  it("names what is missing when the patient or the practitioner is unknown", async () => {
    const nobody = "00000000-0000-4000-8000-000000000000"
    expect((await book({ patientId: nobody })).json()).toMatchObject({ codes: ["patient"] })
    const response = await book({ practitionerId: nobody })
    expect(response.statusCode).toBe(404)
    expect(response.json()).toMatchObject({ codes: ["practitioner"] })
  })
})

describe("slots", () => {
  it("leave out what is booked", async () => {
    await book()
    const url = `/api/practitioners/${String(booking["practitionerId"])}/slots`
    const response = await medflow.call("GET", `${url}?date=2026-03-02&minutes=60`)
    const { slots } = response.json<{ slots: { localTime: string }[] }>()
    const times = slots.map(({ localTime }) => localTime)
    expect(times.slice(0, 3)).toEqual(["09:00", "10:30", "10:45"])
    expect(times.at(-1)).toBe("16:00")
  })

  it("are refused for a length that isn't offered", async () => {
    const url = `/api/practitioners/${String(booking["practitionerId"])}/slots`
    const response = await medflow.call("GET", `${url}?date=2026-03-02&minutes=5`)
    expect(response.statusCode).toBe(422)
  })
})

describe("status", () => {
  it("changes along the allowed ways only", async () => {
    const id = idIn(await book())
    const set = (status: string) =>
      medflow.call("PUT", `/api/appointments/${id}/status`, { status })
    expect((await set("completed")).statusCode).toBe(409)
    expect((await set("checked-in")).statusCode).toBe(204)
    expect((await set("lost")).json()).toEqual({ error: "invalid", fields: ["status"] })
    expect(medflow.database.tables().audit.at(-1)).toMatchObject({
      actor: "front-desk",
      action: "appointment.status-changed",
      details: { from: "booked", to: "checked-in" },
    })
  })
})

describe("reminders", () => {
  it("name appointments and no patients", async () => {
    const id = idIn(await book())
    const window = "from=2026-03-01T08:00:00Z&to=2026-03-01T10:00:00Z"
    const response = await medflow.call("GET", `/api/reminders?${window}`)
    expect(response.json()).toEqual({
      reminders: [{ appointmentId: id, kind: "day-before", dueAt: "2026-03-01T09:00:00.000Z" }],
    })
  })
})
