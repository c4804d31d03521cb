import { expect, test } from "vitest"
import { STAGES } from "../../ci/src/settings.js"
import { KINDS } from "../../ci/src/stages.js"

test("gives each kind of stage its settings and its line in the docs", () => {
  const kinds = [...new Set(KINDS.map(({ kind }) => kind))].filter((kind) => kind !== "custom")
  expect(Object.keys(STAGES).sort()).toEqual(kinds.sort())
})
