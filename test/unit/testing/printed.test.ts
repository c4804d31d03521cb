import { expect, test } from "vitest"
import { printedTests, printedText } from "../../../ci/src/testing/printed.js"

const counts = (passed: number, failed: number, skipped = 0) => ({ passed, failed, skipped })

test.each([
  [
    "uvu",
    "  Total:     3\u001b[31m\n  Passed:    2\u001b[39m\n  Skipped:   \u001b[33m1\u001b[39m\n",
    counts(2, 1, 1),
  ],
  [
    "node:test",
    "ℹ tests 3\nℹ suites 0\nℹ pass 1\nℹ fail 1\nℹ cancelled 0\nℹ skipped 1\nℹ todo 0\n",
    counts(1, 1, 1),
  ],
  ["tape", "1..2\n# tests 2\n# pass  2\n\n# ok\n", counts(2, 0)],
  ["tapzero", "1..2\n# tests 2\n# pass  1\n# fail  1\n", counts(1, 1)],
  ["zora", "1..3\n# tests 3\n# pass  2\n# fail  0\n# skip  1\n", counts(2, 0, 1)],
  ["QUnit", "1..3\n# pass 1\n# skip 1\n# todo 0\n# fail 1\n", counts(1, 1, 1)],
  ["brittle", "1..3\n# tests = 2/3 pass\n# asserts = 5/6 pass\n", counts(2, 1)],
  ["Jasmine", "3 specs, 1 failure, 1 pending spec\nFinished in 0.1 seconds\n", counts(1, 1, 1)],
  [
    "Karma",
    `Chrome 126 (Linux): Executed 3 of 4 (1 FAILED) (0 secs / 0.03 secs)
Chrome 126 (Linux): Executed 3 of 4 (1 FAILED) (skipped 1) (0.05 secs / 0.03 secs)
Firefox 128 (Linux): Executed 4 of 4 SUCCESS (1 min 0.05 secs / 0.03 secs)
TOTAL: 1 FAILED, 6 SUCCESS
`,
    counts(6, 0, 1),
  ],
  [
    "Karma with nothing to run",
    "Chrome 126 (Linux): Executed 0 of 0 SUCCESS (0.003 secs / 0 secs)\n",
    counts(0, 0),
  ],
  ["baretest", "\u001b[36mSum \u001b[0m\u001b[90m• \u001b[0m• \u001b[32m✓ 2\u001b[0m\n\n\n", counts(2, 0)],
  [
    "baretest that stops",
    "Sum • \n\n! adds \n\nAssertionError [ERR_ASSERTION]: 3 == 4\n    at a.js\n",
    counts(0, 1),
  ],
  ["lab", "1 tests complete (1 skipped)\nTest duration: 29 ms\n", counts(1, 0, 1)],
  ["lab", "1 of 2 tests failed (1 skipped)\n", counts(1, 1, 1)],
  ["unittest", "..s\n-----\nRan 3 tests in 0.004s\n\nOK (skipped=1)\n", counts(2, 0, 1)],
  ["unittest", "Ran 12 tests in 0.1s\n\nFAILED (failures=2, skipped=1)\n", counts(9, 2, 1)],
  ["unittest", "Ran 2 tests in 0.1s\n\nFAILED (errors=1)\n", counts(1, 1)],
  ["unittest without tests", "Ran 0 tests in 0.000s\n\nOK\n", counts(0, 0)],
  ["mocha", "\n  5 passing (12ms)\n  1 pending\n  2 failing\n", counts(5, 2, 1)],
  ["jest", "Tests:       1 failed, 2 skipped, 5 passed, 8 total\n", counts(5, 1, 2)],
  ["vitest", "      Tests  1 failed | 5 passed | 1 skipped (7)\n", counts(5, 1, 1)],
  ["TSTyche", "Tests:      2 passed, 2 total\nAssertions: 5 passed, 5 total\n", counts(2, 0)],
  [
    "TSTyche without tests",
    "Test files: 1 passed, 1 total\nAssertions: 4 passed, 1 failed, 5 total\n",
    counts(4, 1),
  ],
  ["Deno", "ok | 4 passed | 0 failed (3ms)\n", counts(4, 0)],
  ["Bun", " 4 pass\n 1 skip\n 0 fail\n 5 expect() calls\n", counts(4, 0, 1)],
  ["pytest", "===== 1 failed, 4 passed, 2 skipped in 0.12s =====\n", counts(4, 1, 2)],
  ["two runners", "  3 passing (1ms)\n\n  Total:     2\n  Passed:    2\n  Skipped:   0\n", counts(5, 0)],
  ["a runner under test", "  0 passing\n  1 failing\n\n# tests 4\n# pass  4\n", counts(4, 0)],
])("the summary of %s counts its tests", (_runner, log, expected) => {
  expect(printedTests(`> small@1.0.0 test\n${log}`)).toEqual(expected)
})

test.each([
  "done\n",
  "5 tests passed the review\n",
  "> tests 3\n",
  "compiled 3 files, 0 failed\n",
])("%j is no summary", (log) => {
  expect(printedTests(log)).toBeNull()
})

test("a summary is told with the tests that did not run", () => {
  expect(printedText(counts(1, 0, 2))).toBe("1 test, 2 skipped, by the output of the script")
})
