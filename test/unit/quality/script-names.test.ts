import { expect, test } from "vitest"
import { scriptsFor } from "../../../ci/src/quality/script-names.js"

const scripts = {
  "check:eslint": "eslint . --max-warnings 0",
  "eslint:fix": "eslint . --fix",
  style: "npm run prettier",
  prettier: "prettier --check **/*.js",
  tidy: "prettier --write .",
  "test:types": "tsc --noEmit -p test",
  type: "tsd && tsc",
  "dev:types": "tsc --noEmit --watch",
  build: "tsc -p .",
  check: "biome ci . && tsc --noEmit",
}

test.each([
  ["lint", ["check:eslint"]],
  ["format", ["style", "prettier"]],
  ["types", ["test:types", "type"]],
] as const)("finds scripts of %s by what they call, and none that repairs, watches or does more", (kind, names) => {
  expect(scriptsFor(kind, { scripts }).filter((name) => name in scripts)).toEqual(names)
})

test("prefers the usual names", () => {
  const own = { "lint:js": "eslint src", lint: "eslint ." }
  expect(scriptsFor("lint", { scripts: own })[0]).toBe("lint")
})

test("prefers a script that ends to one that watches", () => {
  const own = { typecheck: "tsc --noEmit --watch", "typecheck:ci": "tsc --noEmit" }
  expect(scriptsFor("types", { scripts: own }).find((name) => name in own)).toBe("typecheck:ci")
})
