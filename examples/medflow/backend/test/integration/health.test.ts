import { randomUUID } from "node:crypto"
import { afterAll, describe, expect, it } from "vitest"
import { openApi } from "./support/api.js"

const up = openApi()
// Nothing listens on the discard port.
const down = openApi("postgresql://nobody@127.0.0.1:9/none")

afterAll(() => Promise.all([up.close(), down.close()]))

describe("health", () => {
  it("is good with the database", async () => {
    const response = await up.app.inject("/api/health")
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({ status: "ok", database: "ok" })
  })

  it("tells when the database is out of reach, while the process lives on", async () => {
    const response = await down.app.inject("/api/health")
    expect(response.statusCode).toBe(503)
    expect(response.json()).toEqual({ status: "degraded", database: "unreachable" })
    expect((await down.app.inject("/health")).statusCode).toBe(200)
  })

  it("leaves no connection taken after many failed requests", async () => {
    const unknown = `/api/patients/${randomUUID()}`
    const answers = await Promise.all(Array.from({ length: 20 }, () => up.call("GET", unknown)))
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([404]))
    expect((await up.app.inject("/api/health")).statusCode).toBe(200)
  })
})
