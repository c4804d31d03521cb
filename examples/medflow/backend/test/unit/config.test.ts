import { describe, expect, it, test } from "vitest"
import { readConfig } from "../../src/config.js"

const DATABASE_URL = "postgresql://app:s3cret-word@db:5432/medflow"

describe("readConfig", () => {
  it("needs only the database's address", () => {
    expect(readConfig({ DATABASE_URL })).toEqual({
      databaseUrl: DATABASE_URL,
      host: "0.0.0.0",
      port: 3000,
      logLevel: "info",
      timeZone: "Europe/Berlin",
    })
  })

  test.each([
    ["DATABASE_URL", {}],
    ["DATABASE_URL", { DATABASE_URL: "https://db.example/medflow" }],
    ["PORT", { DATABASE_URL, PORT: "many" }],
    ["LOG_LEVEL", { DATABASE_URL, LOG_LEVEL: "loud" }],
    ["CLINIC_TIME_ZONE", { DATABASE_URL, CLINIC_TIME_ZONE: "Mars/Olympus" }],
  ])("names a wrong %s: %#", (name, env) => {
    expect(() => readConfig(env)).toThrow(name)
  })

  it("doesn't quote the password", () => {
    const wrong = { DATABASE_URL: "mysql://app:s3cret-word@db/medflow" }
    expect(() => readConfig(wrong)).toThrow(/^(?!.*s3cret-word)/)
  })
})
