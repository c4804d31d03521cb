import { randomUUID } from "node:crypto"
import { afterAll, describe, expect, it } from "vitest"
import { newPatient, openApi } from "./support/api.js"

const api = openApi()

afterAll(() => api.close())

interface Patient {
  readonly id: string
  readonly recordNumber: string
  readonly birthDate: string
}

async function read(id: string): Promise<Patient> {
  return (await api.call("GET", `/api/patients/${id}`)).json<Patient>()
}

describe("patients", () => {
  it("keep their birth date, whatever the server's time zone", async () => {
    const id = await newPatient(api, { birthDate: "1999-12-31" })
    expect((await read(id)).birthDate).toBe("1999-12-31")
  })

  it("get record numbers of their own", async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => newPatient(api)))
    const patients = await Promise.all(ids.map(read))
    expect(new Set(patients.map(({ recordNumber }) => recordNumber)).size).toBe(5)
  })

  it("are found whatever the case of the name, and only with the birth date", async () => {
    const familyName = `Muster-${randomUUID()}`
    const id = await newPatient(api, { familyName })
    const search = async (birthDate: string): Promise<string[]> => {
      const query = { familyName: familyName.toUpperCase(), birthDate }
      const response = await api.call("POST", "/api/patients/search", query)
      return response.json<{ patients: Patient[] }>().patients.map((patient) => patient.id)
    }
    expect(await search("1980-05-17")).toEqual([id])
    expect(await search("1980-05-18")).toEqual([])
  })

  it("are found by record number", async () => {
    const { id, recordNumber } = await read(await newPatient(api))
    const response = await api.call("POST", "/api/patients/lookup", { recordNumber })
    expect(response.json()).toMatchObject({ id })
  })

  it("keep a changed contact", async () => {
    const id = await newPatient(api)
    const contact = { phone: "+49 30 5550123", email: "testa@example.org" }
    expect((await api.call("PUT", `/api/patients/${id}/contact`, contact)).statusCode).toBe(204)
    expect(await read(id)).toMatchObject({ phone: "+49305550123", email: "testa@example.org" })
  })

  it("aren't reached by what looks like SQL", async () => {
    const familyName = "' OR 1=1; DROP TABLE patients; --"
    const query = { familyName, birthDate: "1980-05-17" }
    const response = await api.call("POST", "/api/patients/search", query)
    expect(response.json()).toEqual({ patients: [] })
  })

  it("that don't exist answer 404", async () => {
    expect((await api.call("GET", `/api/patients/${randomUUID()}`)).statusCode).toBe(404)
  })
})
