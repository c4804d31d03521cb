import { execFileSync } from "node:child_process"
import * as path from "node:path"
import { expect, test } from "vitest"

const DETECTION = path.resolve(import.meta.dirname, "../../../bench/detection.mjs")

const PROGRAM = `
import { compiled, planOf } from ${JSON.stringify(DETECTION)}
const manifest = JSON.stringify({ name: "app", scripts: { test: "vitest run" } })
console.log((await planOf(await compiled(), { files: ["package.json"], read: async () => manifest })).text)
`

test("detection runs without an engine, as the measurements need it", { timeout: 60_000 }, () => {
  const text = execFileSync(process.execPath, ["--input-type=module", "-e", PROGRAM], { encoding: "utf8" })
  expect(text).toContain("test:unit")
})
