import { describe, expect, test } from "vitest"
import { editDistance, suggest } from "../../../ci/src/config/suggest.js"

const STAGES = ["install", "lint", "format", "types", "unit", "integration", "image"]

describe("the nearest known word", () => {
  test.each([
    ["lnit", "lint"],
    ["Lint", "lint"],
    ["unti", "unit"],
    ["tpyes", "types"],
    ["integrations", "integration"],
    ["intgeratoin", "integration"],
  ])("of %s is %s", (word, expected) => {
    expect(suggest(word, STAGES)).toBe(expected)
  })

  test.each(["deploy", "x", ""])("is none for %j", (word) => {
    expect(suggest(word, STAGES)).toBeNull()
  })

  test("starts with the same letter where several are as near", () => {
    expect(suggest("bar", ["car", "bat"])).toBe("bat")
  })

  test("is none where nothing is known", () => {
    expect(suggest("lint", [])).toBeNull()
  })
})

describe("the edit distance", () => {
  test.each([
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "", 3],
    ["abc", "abc", 0],
    ["abc", "abd", 1],
    ["abc", "acb", 1],
    ["abc", "ab", 1],
    ["kitten", "sitting", 3],
  ])("from %j to %j is %i", (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance)
    expect(editDistance(to, from)).toBe(distance)
  })
})
