import { describe, expect, expectTypeOf, it } from "vitest"
import type * as z from "zod/mini"
import { evidenceFiles } from "../../../ci/src/report/evidence.js"
import { readRecord } from "../../../ci/src/run/record.js"
import type { RunRecord } from "../../../ci/src/run/result.js"
import type { recordSchema } from "../../../ci/src/run/result-schema.js"
import { big, hostile } from "../report/extremes.js"
import { rich } from "../report/rich.js"
import { errored, green, red } from "../report/sample.js"

/** Without `readonly`, which no schema has. */
type Writable<T> = T extends object ? { -readonly [K in keyof T]: Writable<T[K]> } : T

describe("the schema of result.json", () => {
  it("is that of the type: neither has what the other has not", () => {
    expectTypeOf<Writable<z.output<ReturnType<typeof recordSchema>>>>().toEqualTypeOf<Writable<RunRecord>>()
  })

  it.each(Object.entries({ green, red, errored, big, hostile, rich }))(
    "holds for a run: %s",
    (_, make) => {
      const text = evidenceFiles(make())["result.json"] ?? ""
      expect(readRecord(text)).toEqual(JSON.parse(text))
    },
    60_000,
  )
})

describe("a base", () => {
  const text = JSON.stringify(green())

  it("may know more than this Slipway", () => {
    expect(readRecord(JSON.stringify({ ...green(), later: true }))).toEqual(green())
  })

  it.each([
    ["no JSON", text.slice(0, 900), /is no result.json of Slipway: .*JSON/],
    ["null", "null", /its format is null, and this Slipway reads 1/],
    ["a list", "[]", /its format is null/],
    ["a newer format", text.replace('"schema":1', '"schema":2'), /its format is 2, and this Slipway reads 1/],
    ["no stages", JSON.stringify({ ...green(), stages: 3 }), /: stages expected array\n/],
    [
      "an unknown verdict",
      text.replaceAll('"verdict":"skipped"', '"verdict":"great"'),
      /: stages\.\d+\.\S*verdict is no value that ci\/result\.schema\.json allows, and \d more\n/,
    ],
  ])("is refused with one message: %s", (_, base, message) => {
    expect(() => readRecord(base)).toThrow(message)
  })
})
