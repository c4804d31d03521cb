import { describe, expect, it, test } from "vitest"
import { ageOn, isMinor, tidyName, tidyPhone } from "../../../src/domain/person.js"
import { isRecordNumber, recordNumber } from "../../../src/domain/recordNumber.js"

describe("tidyName", () => {
  it("gives one spelling for what looks the same", () => {
    expect(tidyName("  Ana   Mari\u0301a ")).toBe("Ana Mar\u00eda")
  })
})

describe("tidyPhone", () => {
  test.each([
    ["+49 (30) 555-0100", "+49305550100"],
    ["0049 30 5550100", "+49305550100"],
    ["030 5550100", undefined],
    ["+49 30 call me", undefined],
    ["", undefined],
  ])("%s is %s", (typed, expected) => {
    expect(tidyPhone(typed)).toBe(expected)
  })
})

describe("age", () => {
  test.each([
    ["2026-03-01", "2008-03-02", 17],
    ["2026-03-02", "2008-03-02", 18],
    ["2026-02-28", "2008-02-29", 17],
    ["2026-03-01", "2008-02-29", 18],
  ])("on %s of somebody born on %s is %i", (date, birthDate, expected) => {
    expect(ageOn(date, birthDate)).toBe(expected)
    expect(isMinor(date, birthDate)).toBe(expected < 18)
  })
})

describe("record numbers", () => {
  it("end in a check digit", () => {
    expect(recordNumber(1)).toBe("MF-0000001-8")
    expect(recordNumber(7992739)).toBe("MF-7992739-8")
  })

  it("don't survive a mistyped digit or two swapped ones", () => {
    expect(isRecordNumber("MF-0000123-0")).toBe(true)
    expect(isRecordNumber("MF-0000124-0")).toBe(false)
    expect(isRecordNumber("MF-0000132-0")).toBe(false)
    expect(isRecordNumber("0000123-0")).toBe(false)
  })

  test.each([0, -1, 1.5, 10_000_000])("refuse the sequence %d", (sequence) => {
    expect(() => recordNumber(sequence)).toThrow(RangeError)
  })
})
