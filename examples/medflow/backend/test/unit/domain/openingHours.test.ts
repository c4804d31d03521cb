import { describe, expect, it, test } from "vitest"
import { areValidHours, isOpen, openIntervals } from "../../../src/domain/openingHours.js"
import { between, MONDAY, WEEK, ZONE } from "../support/fixtures.js"

describe("areValidHours", () => {
  const monday = { weekday: 1, opens: 540, closes: 720 }

  test.each([
    ["a week with a lunch break", WEEK, true],
    ["no hours at all", [], true],
    ["hours that touch", [monday, { weekday: 1, opens: 720, closes: 780 }], true],
    ["hours that overlap", [monday, { weekday: 1, opens: 700, closes: 780 }], false],
    ["the same hours on another day", [monday, { ...monday, weekday: 2 }], true],
    ["closing before opening", [{ weekday: 1, opens: 720, closes: 540 }], false],
    ["an eighth weekday", [{ ...monday, weekday: 8 }], false],
    ["closing after midnight", [{ weekday: 1, opens: 540, closes: 1441 }], false],
  ])("%s: %#", (_case, week, expected) => {
    expect(areValidHours(week)).toBe(expected)
  })
})

describe("openIntervals", () => {
  it("are in order and in the clinic's time", () => {
    expect(openIntervals([...WEEK].reverse(), MONDAY, ZONE)).toEqual([
      between("2026-03-02T08:00:00Z", "2026-03-02T11:00:00Z"),
      between("2026-03-02T12:00:00Z", "2026-03-02T16:00:00Z"),
    ])
  })

  it("are none on a Sunday", () => {
    expect(openIntervals(WEEK, "2026-03-08", ZONE)).toEqual([])
  })
})

describe("isOpen", () => {
  test.each([
    ["from opening", "2026-03-02T08:00:00Z", "2026-03-02T08:30:00Z", true],
    ["until closing", "2026-03-02T15:30:00Z", "2026-03-02T16:00:00Z", true],
    ["before opening", "2026-03-02T07:45:00Z", "2026-03-02T08:15:00Z", false],
    ["across lunch", "2026-03-02T10:45:00Z", "2026-03-02T12:15:00Z", false],
    ["on a Saturday", "2026-03-07T08:00:00Z", "2026-03-07T08:30:00Z", false],
  ])("%s", (_case, start, end, expected) => {
    expect(isOpen(WEEK, between(start, end), ZONE)).toBe(expected)
  })
})
