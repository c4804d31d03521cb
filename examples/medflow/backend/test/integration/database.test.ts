import { afterAll, describe, expect, it } from "vitest"
import { postgresDatabase } from "../../src/db/database.js"
import { newPatient, newPractitioner, openApi } from "./support/api.js"

const api = openApi()
const database = postgresDatabase(api.pool)

afterAll(() => api.close())

describe("transactions", () => {
  it("leave the decision between two that overlap to the database", async () => {
    const practitionerId = await newPractitioner(api)
    const appointment = {
      practitionerId,
      startsAt: new Date("2026-03-02T09:00:00Z"),
      endsAt: new Date("2026-03-02T09:30:00Z"),
      status: "booked",
      reason: "check-up",
    } as const
    const [first, second] = [await newPatient(api), await newPatient(api)]
    const late = await database.transaction(async (tx) => {
      await tx.appointments.insert({ ...appointment, patientId: first })
      // Begins while the first isn't committed, so that no query of its own could have seen it.
      const waiting = database.transaction((other) =>
        other.appointments.insert({ ...appointment, patientId: second }),
      )
      return { outcome: Promise.allSettled([waiting]) }
    })
    expect(await late.outcome).toMatchObject([
      { status: "rejected", reason: { kind: "conflict", codes: ["practitioner-busy"] } },
    ])
  })

  it("are repeated when the database ends one of two that wait for each other", async () => {
    const ids = [await newPatient(api), await newPatient(api)] as const
    let arrived = 0
    let open = (): void => undefined
    const bothHoldOne = new Promise<void>((resolve) => {
      open = resolve
    })
    const update = (mine: string, others: string, phone: string) =>
      database.transaction(async (tx) => {
        await tx.patients.setContact(mine, { phone, email: null })
        arrived += 1
        if (arrived === 2) open()
        await bothHoldOne
        await tx.patients.setContact(others, { phone, email: null })
      })
    await Promise.all([
      update(ids[0], ids[1], "+49305550001"),
      update(ids[1], ids[0], "+49305550002"),
    ])
    // A busy database may end a second one.
    expect(arrived).toBeGreaterThanOrEqual(3)
  })
})
