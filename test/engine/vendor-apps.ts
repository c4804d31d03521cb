import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, beforeAll } from "vitest"
import type { RunRecord } from "../../ci/src/run/result.js"
import type { Environment } from "../../ci/src/vendors/vendor.js"
import { SIGNS, VENDORS } from "../../ci/src/vendors/vendors.js"
import { render } from "../../cli/wrappers/work.js"
import { home } from "../../engine/host/home.js"
import { app, commitAll, MODULE, temporary, write } from "./support.js"

/** The commit that the wrappers get Slipway at: this repository stands where its clone would. */
export const PIN = { address: "https://git.example.org/slipway.git", commit: randomBytes(20).toString("hex") }
const clone = path.join(home(), `source-${PIN.commit}`)
beforeAll(() => fs.symlinkSync(MODULE, clone))
afterAll(() => fs.rmSync(clone))

/**
 * An app, committed with the files of every vendor: with a test that passes and, where it is red, one that fails.
 *
 * @param shards the number of machines that share its check, where a vendor can.
 */
export function small(red: boolean, shards = 1): string {
  const folder = app(
    {
      "price.test.js": `const { test } = require("node:test")
test("is cheap", () => {})
${red ? 'test("is free", () => { throw new Error("it costs") })' : ""}
`,
    },
    { test: "node --test", ...(shards > 1 ? { lint: "node --check price.test.js" } : {}) },
  )
  for (const { name: vendor, shards: able } of VENDORS)
    write(folder, render(folder, { vendor, deploy: false, branch: "main", shards: able ? shards : 1 }, PIN))
  commitAll(folder)
  return folder
}

/** A copy of an app and its repository, as a vendor's machine has it. */
export function copyOf(folder: string): string {
  const copy = temporary("checkout")
  fs.cpSync(folder, copy, { recursive: true, filter: (file) => path.basename(file) !== ".slipway" })
  return copy
}

/** The variables of this machine without those of any vendor that runs these tests, and without an engine that they name. */
export const own = (): Environment => {
  const signs = new Set(["_EXPERIMENTAL_DAGGER_RUNNER_HOST", ...SIGNS])
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !signs.has(name)))
}

/** A record without what differs between two runs of the same commit: run context, times, the audit log's head. */
export function comparable({ context: _, audit: __, ...run }: RunRecord): string {
  const times = ["startedAt", "endedAt", "cached"]
  return JSON.stringify(run, (key, value) => (times.includes(key) ? null : value), 2)
}
