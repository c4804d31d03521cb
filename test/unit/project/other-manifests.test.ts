import { expect, test } from "vitest"
import { parseJson5 } from "../../../ci/src/project/other-manifests.js"

test("a package.json5 is read with comments, keys without quotes, and texts in single quotes", () => {
  const text = `{
  // pnpm's own: it doesn't need quotes
  name: 'it\\'s',
  "private": true, /* "a": 1 */
  scripts: { start: "node main.js // 'no' comment", 'test:unit': 'vitest run' },
  engines: {node:'22', },
}`
  expect(parseJson5(text)).toEqual({
    name: "it's",
    private: true,
    scripts: { start: "node main.js // 'no' comment", "test:unit": "vitest run" },
    engines: { node: "22" },
  })
})

test.each(["{", "name = 1", ""])("what is no JSON5 is not read: %j", (text) => {
  expect(parseJson5(text)).toBeNull()
})
