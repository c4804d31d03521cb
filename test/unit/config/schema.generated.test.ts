import { expect, test } from "vitest"
import { jsonSchema } from "../../../ci/src/settings.js"
import { formatted } from "../formatted.js"

test("matches the committed slipway.schema.json; `npm run generate` writes it", async () => {
  await expect(formatted(jsonSchema())).toMatchFileSnapshot("../../../ci/slipway.schema.json")
})
