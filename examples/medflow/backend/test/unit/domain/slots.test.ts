import { describe, expect, it } from "vitest"
import { freeSlots } from "../../../src/domain/slots.js"
import { between, NOW } from "../support/fixtures.js"

const morning = between("2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z")

function starts(query: Partial<Parameters<typeof freeSlots>[0]>): string[] {
  const slots = freeSlots({ open: [morning], busy: [], minutes: 30, notBefore: NOW, ...query })
  return slots.map(({ start }) => start.toISOString().slice(11, 16))
}

describe("freeSlots", () => {
  it("start every quarter of an hour and end within the opening", () => {
    expect(starts({})).toEqual(["08:00", "08:15", "08:30"])
  })

  it("leave out what overlaps an appointment, and keep what touches it", () => {
    const busy = [between("2026-03-02T08:30:00Z", "2026-03-02T08:45:00Z")]
    expect(starts({ busy })).toEqual(["08:00"])
    expect(starts({ busy, minutes: 15 })).toEqual(["08:00", "08:15", "08:45"])
  })

  it("are none when the appointment is longer than the opening", () => {
    expect(starts({ minutes: 90 })).toEqual([])
  })

  it("leave out what has begun", () => {
    expect(starts({ notBefore: new Date("2026-03-02T08:10:00Z") })).toEqual(["08:15", "08:30"])
  })

  it("are none when nothing is open", () => {
    expect(starts({ open: [] })).toEqual([])
  })
})
