import { describe, expect, it, test } from "vitest"
import { loggedError } from "../../../src/http/logging.js"
import { PATIENT, PRACTITIONER, testApp } from "../support/testApp.js"

/** As the database puts it: the message and the detail quote the row. */
function quotingError(): Error {
  return Object.assign(new Error("duplicate key: Musterfrau"), {
    code: "23505",
    constraint: "patients_record_number_key",
    detail: "Key (family_name)=(Musterfrau) already exists.",
  })
}

describe("errors", () => {
  it("don't show or log what the database quoted", async () => {
    const { database, call, log } = testApp()
    database.breakWith(quotingError())
    const response = await call("POST", "/api/patients", PATIENT)
    expect(response.statusCode).toBe(500)
    expect(Object.keys(response.json<object>())).toEqual(["error", "requestId"])
    expect(response.body + log.join("")).not.toContain("Musterfrau")
    expect(log.join("")).toContain("patients_record_number_key")
  })

  it("can be traced from the answer to the log", async () => {
    const { database, call, log } = testApp()
    database.breakWith(quotingError())
    const { requestId } = (await call("GET", "/api/practitioners")).json<{ requestId: string }>()
    expect(log.find((line) => line.includes("request failed"))).toContain(requestId)
  })

  test.each([
    ["not JSON", "{", 400],
    ["far too large", JSON.stringify({ familyName: "x".repeat(70_000) }), 413],
  ])("answer a body that is %s", async (_case, payload, status) => {
    const { app } = testApp()
    const headers = { "x-medflow-user": "front-desk", "content-type": "application/json" }
    const response = await app.inject({ method: "POST", url: "/api/patients", headers, payload })
    expect(response.statusCode).toBe(status)
    expect(response.json()).toEqual({ error: "invalid", fields: [] })
  })

  it("don't repeat an unknown address", async () => {
    const response = await testApp().call("GET", "/patients/Musterfrau")
    expect(response.statusCode).toBe(404)
    expect(response.body).toBe('{"error":"not-found"}')
  })

  it("keep their place in the log without their message", () => {
    const { stack, message } = loggedError(quotingError())
    expect(stack).toContain("safety.test.ts")
    expect(stack + message).not.toContain("Musterfrau")
  })
})

describe("logs", () => {
  it("hold the route and not the address", async () => {
    const { call, log } = testApp()
    await call("GET", "/api/appointments?date=2026-03-02")
    expect(log.join("")).toContain('"route":"/api/appointments"')
    expect(log.join("")).not.toContain("2026-03-02")
  })

  it("redact personal fields, wherever code logs them", () => {
    const { app, log } = testApp()
    app.log.info({ ...PATIENT, patient: PATIENT, booking: { patient: PATIENT } }, "careless")
    expect(log.join("")).not.toMatch(/Musterfrau|Testa|1980-05-17|5550100/)
    expect(log.join("")).toContain("[redacted]")
  })
})

describe("staff", () => {
  test.each([undefined, "", "someone else", "x".repeat(65)])("are refused as %j", async (user) => {
    const { app } = testApp()
    const headers = user === undefined ? {} : { "x-medflow-user": user }
    const response = await app.inject({ method: "GET", url: "/api/practitioners", headers })
    expect(response.statusCode).toBe(401)
  })

  it("can't give a practitioner impossible hours", async () => {
    const hours = [{ weekday: 1, opens: 720, closes: 540 }]
    const response = await testApp().call("POST", "/api/practitioners", { ...PRACTITIONER, hours })
    expect(response.statusCode).toBe(422)
  })
})

describe("health", () => {
  it("is asked without signing in, and isn't cached", async () => {
    const { app } = testApp()
    const response = await app.inject("/health")
    expect(response.json()).toEqual({ status: "ok" })
    expect(response.headers["cache-control"]).toBe("no-store")
    expect((await app.inject("/api/health")).json()).toEqual({ status: "ok", database: "ok" })
  })

  it("stays alive and says so when the database is away", async () => {
    const { app, database } = testApp()
    database.breakWith(new Error("connect ECONNREFUSED"))
    expect((await app.inject("/health")).statusCode).toBe(200)
    const response = await app.inject("/api/health")
    expect(response.statusCode).toBe(503)
    expect(response.json()).toEqual({ status: "degraded", database: "unreachable" })
  })
})
