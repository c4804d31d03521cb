import { expect, test } from "vitest"
import { recordJsonSchema } from "../../../ci/src/run/result-schema.js"
import { formatted } from "../formatted.js"

test("matches the committed result.schema.json; `npm run generate` writes it", async () => {
  await expect(formatted(recordJsonSchema())).toMatchFileSnapshot("../../../ci/result.schema.json")
})
