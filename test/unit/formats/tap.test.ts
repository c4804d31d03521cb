import { expect, test } from "vitest"
import { readTap } from "../../../ci/src/formats/tap.js"

const read = (...lines: string[]) =>
  readTap(lines.join("\n")).map(
    ({ suite, name, verdict }) => `${verdict}: ${[suite, name].filter(Boolean).join(" › ")}`,
  )

test("reads entries, directives and the comments of tape", () => {
  expect(
    read(
      "TAP version 13",
      "# members",
      "ok 1 pay less",
      "not ok 2 - pay more",
      "ok 3 # SKIP",
      "not ok 4 later # TODO",
      "1..4",
      "# tests 4",
      "# fail 1",
    ),
  ).toEqual([
    "passed: members › pay less",
    "failed: members › pay more",
    "skipped: members",
    "skipped: members › later",
  ])
})

test("reads the tests within tests, with their file", () => {
  const lines = [
    "# Subtest: a.test.js",
    "    # Subtest: members",
    "        ok 1 - pay less",
    "        not ok 2 - pay more",
    "        1..2",
    "    not ok 1 - members # time=5.5ms",
    "not ok 1 - a.test.js # time=10ms",
    "# Subtest: b.test.js",
    "    ok 1 - alone",
    "not ok 2 - b.test.js # time=1ms {",
  ]
  expect(read(...lines)).toEqual([
    "passed: a.test.js › members › pay less",
    "failed: a.test.js › members › pay more",
    "passed: b.test.js › alone",
    "failed: b.test.js",
  ])
  expect(readTap(lines.join("\n")).map(({ file }) => file)).toEqual([
    "a.test.js",
    "a.test.js",
    "b.test.js",
    "b.test.js",
  ])
})

test("reads why a test failed", () => {
  const [one] = readTap("not ok 1 - sum\n  ---\n    expected: 91\n    actual: 90\n  ...\nok 2 - x\n")
  expect(one?.message).toBe("expected: 91\nactual: 90")
})

test.each([
  ["TAP version 13\n# a\nok 1 pays\n", ["passed: a › pays", "failed: the plan of the tests"]],
  ["TAP version 13\n# a\nok 1 pays\n\n1..1\n# tests 1\n", ["passed: a › pays"]],
  ["TAP version 13\n1..1\nok 1 pays\n", ["passed: pays"]],
])("has a failed test more where its plan is missing: %j", (text, expected) => {
  expect(read(text)).toEqual(expected)
})
