import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { afterAll, expect, it } from "vitest"
import { z } from "zod"

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url))
// Inside the repository, where the module's packages are found.
const cache = path.join(REPOSITORY, "node_modules/.cache")
fs.mkdirSync(cache, { recursive: true })
const folder = fs.mkdtempSync(path.join(cache, "slipway-memory-"))

afterAll(() => fs.rmSync(folder, { recursive: true }))

const MEGABYTES = 200

/** As the embedded engine starts a module. */
const AS_IT_RUNS = "--max-semi-space-size=1"

it("the module's own code needs little memory for 5,000 tests and 2,000 findings", {
  timeout: 60_000,
}, async () => {
  const outfile = path.join(folder, "child.mjs")
  await build({
    entryPoints: [fileURLToPath(new URL("memory-child.ts", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
    // Nothing here calls the engine; the development copy of its client alone would take 115 MB.
    alias: { "@dagger.io/dagger": "/dev/null" },
    tsconfig: path.join(REPOSITORY, "tsconfig.json"),
  })
  const printed = execFileSync(process.execPath, [AS_IT_RUNS, outfile], { encoding: "utf8" })
  const { tests, megabytes } = z
    .object({ tests: z.number(), megabytes: z.number() })
    .parse(JSON.parse(printed))
  expect(tests).toBeGreaterThanOrEqual(5000)
  expect(megabytes).toBeGreaterThan(30)
  expect(megabytes).toBeLessThan(MEGABYTES)
})
