import { describe, expect, test } from "vitest"
import * as z from "zod/mini"
import { normalizeFolder, parseDuration } from "../../../ci/src/config/parts.js"
import { jsonSchema } from "../../../ci/src/config/schema.js"
import { requestJsonSchema } from "../../../modules/deploy/program/request.ts"
import { formatted } from "../formatted.js"

/** What stands under an environment is the deployer's to say: a module of its own, whose schema is put in here. */
function withEnvironments(schema: object): object {
  const { properties } = z
    .object({ properties: z.object({ environment: z.looseObject({ properties: z.looseObject({}) }) }) })
    .parse(requestJsonSchema())
  const { properties: keys, required, ...environment } = properties.environment
  const { name: _, ...own } = keys
  const needed = z.array(z.string()).parse(required)
  const described = { ...environment, properties: own, required: needed.filter((key) => key !== "name") }
  const whole = z
    .looseObject({ properties: z.looseObject({ environments: z.looseObject({}) }) })
    .parse(schema)
  const environments = { ...whole.properties.environments, additionalProperties: described }
  return { ...whole, properties: { ...whole.properties, environments } }
}

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
  test("is the committed file; `vitest run -u test/unit/plan` writes it anew", async () => {
    await expect(formatted(withEnvironments(jsonSchema()))).toMatchFileSnapshot(
      "../../../ci/slipway.schema.json",
    )
  })

  test("says what each key of the top level is for", () => {
    const schema: { properties: Record<string, { description?: string }> } = JSON.parse(
      JSON.stringify(jsonSchema()),
    )
    const silent = Object.entries(schema.properties).filter(([, { description }]) => !description)
    expect(silent).toEqual([])
  })
})
