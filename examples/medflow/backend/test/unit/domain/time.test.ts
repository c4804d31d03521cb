import { describe, expect, it, test } from "vitest"
import {
  addDays,
  clockText,
  isLocalDate,
  isoWeekday,
  toInstant,
  toLocal,
} from "../../../src/domain/time.js"
import { ZONE } from "../support/fixtures.js"

describe("isLocalDate", () => {
  test.each([
    ["2026-03-02", true],
    ["2028-02-29", true],
    ["2026-02-29", false],
    ["2026-13-01", false],
    ["2026-3-2", false],
    ["2026-03-02T00:00:00Z", false],
    ["", false],
  ])("%s is %s", (text, expected) => {
    expect(isLocalDate(text)).toBe(expected)
  })
})

describe("calendar arithmetic", () => {
  test.each([
    ["2026-03-28", 1, "2026-03-29"],
    ["2026-03-29", 1, "2026-03-30"],
    ["2026-12-31", 1, "2027-01-01"],
    ["2026-03-01", -1, "2026-02-28"],
  ])("%s %+i days is %s", (date, days, expected) => {
    expect(addDays(date, days)).toBe(expected)
  })

  test.each([
    ["2026-03-02", 1],
    ["2026-03-07", 6],
    ["2026-03-08", 7],
  ])("%s is weekday %i", (date, expected) => {
    expect(isoWeekday(date)).toBe(expected)
  })

  it("writes clock times with two digits", () => {
    expect([clockText(0), clockText(545), clockText(1439)]).toEqual(["00:00", "09:05", "23:59"])
  })
})

describe("toInstant", () => {
  test.each([
    ["in winter", "2026-03-02", 540, ZONE, "2026-03-02T08:00:00.000Z"],
    ["in summer", "2026-07-01", 540, ZONE, "2026-07-01T07:00:00.000Z"],
    ["on the day that clocks go forward", "2026-03-29", 540, ZONE, "2026-03-29T07:00:00.000Z"],
    ["in the hour that doesn't exist", "2026-03-29", 150, ZONE, "2026-03-29T01:30:00.000Z"],
    ["in the hour that exists twice", "2026-10-25", 150, ZONE, "2026-10-25T00:30:00.000Z"],
    ["after clocks went back", "2026-10-25", 180, ZONE, "2026-10-25T02:00:00.000Z"],
    ["west of Greenwich", "2026-03-02", 540, "America/New_York", "2026-03-02T14:00:00.000Z"],
    ["with a half-hour offset", "2026-03-02", 540, "Asia/Kolkata", "2026-03-02T03:30:00.000Z"],
    ["in UTC", "2026-03-02", 540, "UTC", "2026-03-02T09:00:00.000Z"],
  ])("%s", (_case, date, minute, zone, expected) => {
    expect(toInstant({ date, minute }, zone).toISOString()).toBe(expected)
  })
})

describe("toLocal", () => {
  it("gives the clinic's day and not the one in UTC", () => {
    const local = toLocal(new Date("2026-03-02T23:30:00Z"), ZONE)
    expect(local).toEqual({ date: "2026-03-03", minute: 30 })
  })

  it("returns what toInstant was given", () => {
    const local = { date: "2026-07-01", minute: 615 }
    expect(toLocal(toInstant(local, ZONE), ZONE)).toEqual(local)
  })
})
