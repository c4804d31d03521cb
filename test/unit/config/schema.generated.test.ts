import { expect, test } from "vitest"
import * as z from "zod/mini"
import { jsonSchema } from "../../../ci/src/settings.js"
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

test("matches the committed slipway.schema.json; `npm run generate` writes it", async () => {
  await expect(formatted(withEnvironments(jsonSchema()))).toMatchFileSnapshot(
    "../../../ci/slipway.schema.json",
  )
})
