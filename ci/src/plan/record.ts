import { Fault } from "./fault.js"
import type { RunRecord } from "./result.js"

/**
 * Reads the text of a result.json, as the base that a run is compared with.
 *
 * @throws {Fault} `configuration` for what is none, or of a newer format.
 */
export function readRecord(text: string): RunRecord {
  const refuse = (what: string) =>
    new Fault("configuration", {
      what: `the base is no result.json of Slipway: ${what}`,
      where: null,
      fix: "hand over the result.json of a run on the base commit, or leave out --base",
    })
  let record: RunRecord
  try {
    record = JSON.parse(text)
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error))
  }
  if (record?.schema === 1 && Array.isArray(record.stages)) return record
  throw refuse(`its format is ${JSON.stringify(record?.schema ?? null)}, and this Slipway reads 1`)
}
