import { describe, expect, test } from "vitest"
import { canBecome } from "../../../src/domain/appointmentStatus.js"

const startsAt = new Date("2026-03-02T09:00:00Z")
const minutesLater = (minutes: number): Date => new Date(startsAt.getTime() + minutes * 60_000)

describe("canBecome", () => {
  test.each([
    ["booked", "checked-in", -10, true],
    ["booked", "cancelled", -60, true],
    ["booked", "completed", 30, false],
    ["booked", "no-show", 14, false],
    ["booked", "no-show", 15, true],
    ["checked-in", "completed", 30, true],
    ["checked-in", "no-show", 30, false],
    ["cancelled", "booked", -60, false],
    ["completed", "cancelled", 60, false],
  ] as const)("%s to %s, %i minutes after the start: %s", (from, to, minutes, expected) => {
    expect(canBecome(from, to, startsAt, minutesLater(minutes))).toBe(expected)
  })
})
