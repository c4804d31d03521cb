import { describe, expect, it, test } from "vitest"
import { draftErrors, refusalText } from "../src/lib/booking"
import { longDate, shiftDay, today } from "../src/lib/dates"

describe("dates", () => {
  it("today is the browser's day, also just before midnight", () => {
    expect(today(new Date(2026, 2, 2, 23, 59))).toBe("2026-03-02")
  })

  test.each([
    ["2026-03-01", -1, "2026-02-28"],
    ["2026-03-29", 1, "2026-03-30"],
    ["2026-12-31", 1, "2027-01-01"],
  ])("%s shifted by %i is %s", (date, days, expected) => {
    expect(shiftDay(date, days)).toBe(expected)
  })

  it("are written out for the heading", () => {
    expect(longDate("2026-03-02")).toBe("Monday 2 March 2026")
    expect(longDate("")).toBe("")
  })
})

describe("draftErrors", () => {
  const draft = { patientId: "t", practitionerId: "p", startsAt: "s", minutes: 30, reason: "r" }

  it("are none for a complete draft", () => {
    expect(draftErrors(draft)).toEqual({})
  })

  test.each([
    ["patientId", { patientId: "" }],
    ["practitionerId", { practitionerId: "" }],
    ["startsAt", { startsAt: "" }],
    ["reason", { reason: "  " }],
    ["reason", { reason: "x".repeat(201) }],
  ])("name a wrong %s: %#", (field, changes) => {
    expect(Object.keys(draftErrors({ ...draft, ...changes }))).toEqual([field])
  })
})

describe("refusalText", () => {
  it("says what can be done", () => {
    expect(refusalText(["practitioner-busy"])).toContain("Choose another")
    expect(refusalText(["in-the-past", "patient-busy"])).toMatch(/passed.*another appointment/)
  })

  it("has an answer to codes that it doesn't know", () => {
    expect(refusalText(["brand-new"])).toBe("This didn't work. Try again.")
  })
})
