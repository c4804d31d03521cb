import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { expect, test } from "vitest"
import { blotter } from "../../../ci/src/run/scrub.js"

test("values of secrets are blotted out of what a command left, whatever stands in them", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slipway-scrub-"))
  try {
    const secrets = {
      TOKEN: "s3cret&\\1/[x]",
      KEY: "-----BEGIN-----\nbm90aGluZw==\n-----END-----",
      SHORT: "ab",
    }
    const said = `a ${secrets.TOKEN}${secrets.TOKEN} b\n${secrets.KEY}\nabc, cab\n`
    for (const name of ["log", "result"]) fs.writeFileSync(path.join(folder, name), said)
    const script = blotter(Object.keys(secrets)).replaceAll("/slipway/", `${folder}/`)
    execFileSync("sh", ["-c", script], { env: { ...process.env, ...secrets } })
    for (const name of ["log", "result"])
      expect(fs.readFileSync(path.join(folder, name), "utf8")).toBe("a ****** b\n***\n***\n***\nabc, cab\n")
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
})
