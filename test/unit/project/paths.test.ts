import { expect, test } from "vitest"
import { pathFrom } from "../../../ci/src/project/paths.js"

test.each([
  ["app", "./db/../x.sql", "app/x.sql"],
  ["app", "../x", "x"],
  ["", "../x", null],
])("a path from %s is one of the repository", (folder, path, expected) => {
  expect(pathFrom(folder, path)).toBe(expected)
})
