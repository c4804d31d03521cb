import { describe, expect, expectTypeOf, it } from "vitest"
import { evidenceFiles } from "../../../ci/src/report/evidence.js"
import type { Cause } from "../../../ci/src/run/causes.js"
import { readRecord } from "../../../ci/src/run/record.js"
import type { StageRecord } from "../../../ci/src/run/result.js"
import { big, hostile } from "../report/extremes.js"
import { rich } from "../report/rich.js"
import { errored, green, red } from "../report/sample.js"

describe("the schema of result.json", () => {
  it("knows each cause that has an exit code", () => {
    expectTypeOf<StageRecord["cause"]>().toEqualTypeOf<Cause | null>()
  })

  it.each(Object.entries({ green, red, errored, big, hostile, rich }))(
    "accepts a run: %s",
    (_, make) => {
      const text = evidenceFiles(make())["result.json"] ?? ""
      expect(readRecord(text)).toEqual(JSON.parse(text))
    },
    60_000,
  )
})

describe("a baseline", () => {
  const text = JSON.stringify(green())

  it("may have keys that this Slipway does not know", () => {
    expect(readRecord(JSON.stringify({ ...green(), later: true }))).toEqual(green())
  })

  it.each([
    ["invalid JSON", text.slice(0, 900), /`--base` is not a result.json of Slipway: .*JSON/],
    ["null", "null", /format null is not supported; this Slipway reads format 1/],
    ["a list", "[]", /format null is not supported/],
    ["a newer format", text.replace('"schema":1', '"schema":2'), /format 2 is not supported/],
    ["a wrong type", JSON.stringify({ ...green(), stages: 3 }), /: stages: expected array\n/],
    [
      "an unknown verdict",
      text.replaceAll('"verdict":"skipped"', '"verdict":"great"'),
      /: stages\.\d+\.\S*verdict: not allowed by ci\/result\.schema\.json, and \d more problems\n/,
    ],
  ])("is refused with one message: %s", (_, base, message) => {
    expect(() => readRecord(base)).toThrow(message)
  })
})
