import { describe, expect, it, test } from "vitest"
import { isConflict, violations, type BookingCheck } from "../../../src/domain/booking.js"
import { between, NOW, WEEK, ZONE } from "../support/fixtures.js"

const wanted = between("2026-03-02T09:00:00Z", "2026-03-02T09:30:00Z")

function check(changes: Partial<BookingCheck> = {}): string[] {
  return violations({
    wanted,
    now: NOW,
    timeZone: ZONE,
    hours: WEEK,
    practitionerBusy: [],
    patientBusy: [],
    ...changes,
  })
}

describe("violations", () => {
  it("are none for a free half hour within opening hours", () => {
    expect(check()).toEqual([])
  })

  test.each([
    ["in-the-past", { now: new Date("2026-03-02T09:01:00Z") }],
    ["too-far-ahead", { now: new Date("2025-08-01T09:00:00Z") }],
    ["length-not-offered", { wanted: between("2026-03-02T09:00:00Z", "2026-03-02T09:20:00Z") }],
    ["outside-opening-hours", { hours: [] }],
    ["practitioner-busy", { practitionerBusy: [wanted] }],
    ["patient-busy", { patientBusy: [wanted] }],
  ])("name %s alone", (violation, changes) => {
    expect(check(changes)).toEqual([violation])
  })

  it("name everything that is wrong at once", () => {
    expect(check({ hours: [], patientBusy: [wanted] })).toEqual([
      "outside-opening-hours",
      "patient-busy",
    ])
  })

  it("allow the last day of the booking period and refuse the next", () => {
    const friday = between("2026-08-28T08:00:00Z", "2026-08-28T08:30:00Z")
    expect(check({ wanted: friday, now: new Date("2026-03-01T12:00:00Z") })).toEqual([])
    const dayBefore = new Date("2026-02-28T12:00:00Z")
    expect(check({ wanted: friday, now: dayBefore })).toEqual(["too-far-ahead"])
  })

  it("allow an appointment to follow another at once", () => {
    const before = between("2026-03-02T08:30:00Z", "2026-03-02T09:00:00Z")
    const after = between("2026-03-02T09:30:00Z", "2026-03-02T10:00:00Z")
    expect(check({ practitionerBusy: [before, after] })).toEqual([])
  })
})

describe("isConflict", () => {
  it("tells other people's bookings from a wrong request", () => {
    expect(isConflict("practitioner-busy")).toBe(true)
    expect(isConflict("outside-opening-hours")).toBe(false)
  })
})
