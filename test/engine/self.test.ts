import { expect, test } from "vitest"
import { call, MODULE } from "./support.js"

test("the repository passes its own check, by its own slipway.yaml", async () => {
  const { code, said } = await call(MODULE, "ci")
  expect(code, said).toBe(0)
  for (const stage of ["install", "lint", "format", "types", "test:unit"]) expect(said).toMatch(`✓ ${stage}`)
})
