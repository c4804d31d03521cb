import { expect, test } from "vitest"
import { call, MODULE } from "./support.js"

const STAGES = [
  "install",
  "lint",
  "format",
  "types",
  "deadcode",
  "duplication",
  "maintainability",
  "scan:licences",
]

test("the repository passes its own check, by its own slipway.yaml", async () => {
  const { code, said } = await call(MODULE, "ci")
  expect(code, said).toBe(0)
  for (const stage of STAGES) expect(said).toMatch(`✓ ${stage}`)
})
