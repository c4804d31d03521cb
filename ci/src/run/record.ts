import type * as z from "zod/mini"
import { Fault } from "./fault.js"
import type { RunRecord } from "./result.js"
import { recordSchema } from "./result-schema.js"

/**
 * Reads the text of a result.json, as the base that a run is compared with.
 *
 * @param option that handed it over, for the message.
 * @throws {Fault} `configuration` for what is none, or of a newer format.
 */
export function readRecord(text: string, option = "--base"): RunRecord {
  const refuse = (what: string) =>
    new Fault("configuration", {
      what: `the file of ${option} is no result.json of Slipway: ${what}`,
      where: null,
      fix: `hand over the result.json of a run, unchanged, or leave out ${option}`,
    })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error))
  }
  const format = typeof value === "object" && value !== null && "schema" in value ? value.schema : null
  if (format !== 1) throw refuse(`its format is ${JSON.stringify(format)}, and this Slipway reads 1`)
  const read = recordSchema().safeParse(value, { jitless: true })
  if (read.success) return read.data
  throw refuse(problem(read.error.issues))
}

/** The first of what is wrong, and how much more there is. */
function problem(issues: readonly z.core.$ZodIssue[]): string {
  const [first] = issues
  if (!first) return "it is not as its schema says"
  const wanted = first.code === "invalid_type" ? `expected ${first.expected}` : `is no ${OTHERWISE}`
  const more = issues.length > 1 ? `, and ${issues.length - 1} more` : ""
  return `${first.path.join(".") || "the whole"} ${wanted}${more}`
}

const OTHERWISE = "value that ci/result.schema.json allows"
