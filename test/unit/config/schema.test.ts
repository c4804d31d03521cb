import { describe, expect, test } from "vitest"
import { normalizeFolder, parseDuration } from "../../../ci/src/config/parts.js"
import { jsonSchema } from "../../../ci/src/settings.js"

describe("a duration", () => {
  test.each([
    ["90s", 90],
    ["10m", 600],
    ["1h", 3600],
    ["1h30m", 5400],
    ["1h0m5s", 3605],
  ])("%s is %i seconds", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  test.each([
    "",
    "90",
    "s",
    "0s",
    "0h0m",
    "-5s",
    "1.5h",
    "90 s",
    "30m1h",
    "1d",
    "90S",
    "9999999s",
  ])("%j is none", (text) => {
    expect(parseDuration(text)).toBeNull()
  })
})

test.each([
  ["packages/a", "packages/a"],
  ["./packages/a/", "packages/a"],
  [".", ""],
  ["./", ""],
  ["Über uns/./x", "Über uns/x"],
])("the folder %j is written as %j", (path, expected) => {
  expect(normalizeFolder(path)).toBe(expected)
})

describe("the JSON Schema for editors", () => {
  test("says what each key of the top level is for", () => {
    const schema: { properties: Record<string, { description?: string }> } = JSON.parse(
      JSON.stringify(jsonSchema()),
    )
    const silent = Object.entries(schema.properties).filter(([, { description }]) => !description)
    expect(silent).toEqual([])
  })
})
