import { execFileSync } from "node:child_process"
import { expect, test } from "vitest"
import type { TestCase } from "../../../ci/src/run/result.js"
import { commandOf, mayLackPermissions } from "../../../ci/src/testing/permissions.js"

const failed = (file: string | null, message: string): TestCase => ({
  ...{ suite: "", name: "a", seconds: 0, verdict: "failed" },
  ...{ file, message },
})

const FILES: Readonly<Record<string, string>> = {
  "a.test.js": "fs.chmodSync(path, 0o000)",
  "b.test.js": "expect(1).toBe(2)",
}

const asked = (...tests: readonly TestCase[]): Promise<boolean> =>
  mayLackPermissions({ verdict: "failed", cause: "failed", tests }, async (file) => FILES[file] ?? "")

test.each([
  [true, [failed("a.test.js", "expected function to throw")]],
  [true, [failed(null, "expected 'ENOENT' to be 'EACCES'")]],
  [true, [failed("test_a.py", "Failed: DID NOT RAISE <class 'PermissionError'>")]],
  [false, [failed("a.test.js", "x"), failed("b.test.js", "expected 1 to be 2")]],
  [false, [failed("c.test.js", "expected 1 to be 2")]],
  [false, []],
])("tells whether all failed tests are about the permissions of files: %s", async (expected, tests) => {
  expect(await asked(...tests)).toBe(expected)
})

test("leaves what failed for another reason than its tests", async () => {
  const tests = [failed("a.test.js", "x")]
  const read = async () => "chmod"
  expect(await mayLackPermissions({ verdict: "failed", cause: "timed-out", tests }, read)).toBe(false)
  expect(await mayLackPermissions({ verdict: "passed", cause: null, tests }, read)).toBe(false)
})

test("lets the permissions of files bind a command", () => {
  const command = "f=$(mktemp) && chmod 0 $f && cat $f 2>/dev/null || echo 'refused'; rm -f $f"
  const run = (bound: "" | "bound") =>
    execFileSync("sh", ["-c", commandOf(command, bound)], { encoding: "utf8" }).trim()
  expect(run("bound")).toBe("refused")
  if (process.getuid?.() === 0) expect(run("")).toBe("")
})
