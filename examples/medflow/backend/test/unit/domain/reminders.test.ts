import { describe, expect, it, test } from "vitest"
import { outsideQuietHours, remindersDue } from "../../../src/domain/reminders.js"
import { ZONE } from "../support/fixtures.js"

const appointment = {
  id: "a1",
  startsAt: new Date("2026-03-03T10:00:00Z"),
  status: "booked",
} as const

function due(from: string, to: string): string[] {
  return remindersDue([appointment], new Date(from), new Date(to), ZONE).map(({ kind }) => kind)
}

describe("remindersDue", () => {
  it("go out a day and two hours before", () => {
    expect(due("2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z")).toEqual([
      "day-before",
      "hours-before",
    ])
  })

  it("go out once when one window follows another", () => {
    expect(due("2026-03-02T09:55:00Z", "2026-03-02T10:00:00Z")).toEqual(["day-before"])
    expect(due("2026-03-02T10:00:00Z", "2026-03-02T10:05:00Z")).toEqual([])
  })

  it("don't go out for a cancelled appointment", () => {
    const cancelled = { ...appointment, status: "cancelled" } as const
    const window = [new Date("2026-03-02T00:00:00Z"), new Date("2026-03-04T00:00:00Z")] as const
    expect(remindersDue([cancelled], ...window, ZONE)).toEqual([])
  })
})

describe("outsideQuietHours", () => {
  test.each([
    ["early morning: the evening before", "2026-03-03T05:30:00Z", "2026-03-02T19:00:00.000Z"],
    ["late evening: earlier that evening", "2026-03-03T21:30:00Z", "2026-03-03T19:00:00.000Z"],
    ["daytime: unchanged", "2026-03-03T11:00:00Z", "2026-03-03T11:00:00.000Z"],
    ["eight in the morning: unchanged", "2026-03-03T07:00:00Z", "2026-03-03T07:00:00.000Z"],
    ["the evening before clocks change", "2026-03-29T04:00:00Z", "2026-03-28T19:00:00.000Z"],
  ])("%s", (_case, instant, expected) => {
    expect(outsideQuietHours(new Date(instant), ZONE).toISOString()).toBe(expected)
  })
})
