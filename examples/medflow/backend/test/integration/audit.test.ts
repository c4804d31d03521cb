import { afterAll, describe, expect, it, test } from "vitest"
import { created, newPatient, newPractitioner, openApi } from "./support/api.js"

const api = openApi()

afterAll(() => api.close())

interface Entry {
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly appointmentId: string | null
  readonly details: Record<string, string>
}

async function trail(patientId: string): Promise<readonly Entry[]> {
  const response = await api.call("GET", `/api/patients/${patientId}/audit`, undefined, "auditor")
  return response.json<{ entries: Entry[] }>().entries
}

describe("the audit trail", () => {
  it("names who did what, in order, with every kind of access", async () => {
    const patientId = await newPatient(api)
    const practitionerId = await newPractitioner(api)
    await api.call("GET", `/api/patients/${patientId}`, undefined, "nurse")
    const startsAt = "2026-03-02T09:00:00Z"
    const booking = { practitionerId, patientId, startsAt, minutes: 30, reason: "check-up" }
    const id = created(await api.call("POST", "/api/appointments", booking))
    const list = `/api/appointments?date=2026-03-02&practitionerId=${practitionerId}`
    await api.call("GET", list, undefined, "nurse")
    await api.call("PUT", `/api/appointments/${id}/status`, { status: "checked-in" })
    const entries = await trail(patientId)
    expect(entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      "front-desk patient.registered",
      "nurse patient.read",
      "front-desk appointment.booked",
      "nurse appointment.listed",
      "front-desk appointment.status-changed",
    ])
    expect(entries.slice(2).map(({ appointmentId }) => appointmentId)).toEqual([id, id, id])
    expect(entries.at(-1)?.details).toEqual({ from: "booked", to: "checked-in" })
  })

  it("holds that it was read itself", async () => {
    const patientId = await newPatient(api)
    await trail(patientId)
    expect((await trail(patientId)).at(-1)).toMatchObject({
      actor: "auditor",
      action: "patient.audit-read",
    })
  })

  it("holds nothing of a booking that was refused", async () => {
    const patientId = await newPatient(api)
    const practitionerId = await newPractitioner(api)
    const startsAt = "2026-03-07T09:00:00Z"
    const saturday = { practitionerId, patientId, startsAt, minutes: 30, reason: "check-up" }
    expect((await api.call("POST", "/api/appointments", saturday)).statusCode).toBe(422)
    expect((await trail(patientId)).map(({ action }) => action)).toEqual(["patient.registered"])
  })

  it("is written with the change or not at all", async () => {
    const before = await api.pool.query<{ count: number }>(
      "SELECT count(*)::integer AS count FROM patients WHERE family_name = 'Unheard'",
    )
    // An actor that the column refuses makes the audit entry fail after the patient was inserted.
    await api.pool.query(
      "ALTER TABLE audit_log ADD CONSTRAINT refuse_one CHECK (actor <> 'refused-actor')",
    )
    try {
      const patient = { givenName: "Testa", familyName: "Unheard", birthDate: "1980-05-17" }
      const response = await api.call("POST", "/api/patients", patient, "refused-actor")
      expect(response.statusCode).toBe(500)
    } finally {
      await api.pool.query("ALTER TABLE audit_log DROP CONSTRAINT refuse_one")
    }
    const after = await api.pool.query<{ count: number }>(
      "SELECT count(*)::integer AS count FROM patients WHERE family_name = 'Unheard'",
    )
    expect(after.rows).toEqual(before.rows)
  })

  test.each([
    ["updated", "UPDATE audit_log SET actor = 'nobody'"],
    ["deleted from", "DELETE FROM audit_log"],
    ["emptied", "TRUNCATE audit_log"],
  ])("can't be %s", async (_how, sql) => {
    const patientId = await newPatient(api)
    await expect(api.pool.query(sql)).rejects.toThrow("append-only")
    expect(await trail(patientId)).toHaveLength(1)
  })
})
