import { beforeEach, describe, expect, it, test } from "vitest"
import { idIn, PATIENT, testApp, type TestApp } from "../support/testApp.js"

let medflow: TestApp

beforeEach(() => {
  medflow = testApp()
})

const actions = (): string[] => medflow.database.tables().audit.map(({ action }) => action)

describe("patients", () => {
  it("are registered with a record number and a tidied phone number", async () => {
    const response = await medflow.call("POST", "/api/patients", PATIENT)
    expect(response.statusCode).toBe(201)
    expect(response.json()).toMatchObject({
      recordNumber: "MF-0000001-8",
      phone: "+49305550100",
      minor: false,
    })
  })

  test.each([
    ["born-in-the-future", { birthDate: "2026-03-03" }],
    ["phone-not-international", { phone: "5550100" }],
  ])("are refused: %s", async (code, changes) => {
    const response = await medflow.call("POST", "/api/patients", { ...PATIENT, ...changes })
    expect(response.statusCode).toBe(422)
    expect(response.json()).toMatchObject({ codes: [code] })
    expect(medflow.database.tables().patients).toEqual([])
  })

  it("are found by name and birth date, and by record number", async () => {
    const id = idIn(await medflow.call("POST", "/api/patients", PATIENT))
    const search = { familyName: " Musterfrau ", birthDate: PATIENT.birthDate }
    const found = await medflow.call("POST", "/api/patients/search", search)
    expect(found.json()).toMatchObject({ patients: [{ id }] })
    const number = { recordNumber: "MF-0000001-8" }
    expect(idIn(await medflow.call("POST", "/api/patients/lookup", number))).toBe(id)
    expect(actions()).toEqual(["patient.registered", "patient.found", "patient.found"])
  })

  it("aren't looked up by a mistyped record number", async () => {
    const response = await medflow.call("POST", "/api/patients/lookup", {
      recordNumber: "MF-0000001-7",
    })
    expect(response.json()).toEqual({ error: "invalid", fields: ["recordNumber"] })
  })

  it("have an audit trail that names changed fields and holds no values", async () => {
    const id = idIn(await medflow.call("POST", "/api/patients", PATIENT))
    await medflow.call("GET", `/api/patients/${id}`)
    await medflow.call("PUT", `/api/patients/${id}/contact`, {
      phone: "+49 30 5550199",
      email: null,
    })
    const response = await medflow.call("GET", `/api/patients/${id}/audit`)
    const { entries } = response.json<{ entries: { action: string; details: object }[] }>()
    expect(entries.map(({ action }) => action)).toEqual([
      "patient.registered",
      "patient.read",
      "patient.contact-changed",
    ])
    expect(entries[2]?.details).toEqual({ fields: "phone" })
    expect(response.body).not.toContain("5550199")
  })
})
