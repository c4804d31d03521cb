import type * as z from "zod/mini"
import { Fault } from "./fault.js"
import type { RunRecord } from "./result.js"
import { recordSchema } from "./result-schema.js"

/**
 * Reads the text of a result.json.
 *
 * @param option the option that names the file, for messages.
 * @throws {Fault} `configuration` if it is not a record, or has a newer format.
 */
export function readRecord(text: string, option = "--base"): RunRecord {
  const refuse = (problem: string) =>
    new Fault("configuration", {
      what: `\`${option}\` is not a result.json of Slipway: ${problem}`,
      where: null,
      fix: `pass the result.json of a run, unchanged, or omit \`${option}\``,
    })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error))
  }
  const format = typeof value === "object" && value !== null && "schema" in value ? value.schema : null
  if (format !== 1)
    throw refuse(`format ${JSON.stringify(format)} is not supported; this Slipway reads format 1`)
  const read = recordSchema().safeParse(value, { jitless: true })
  if (read.success) return read.data
  throw refuse(problemOf(read.error.issues))
}

/** Names the first problem by its key, and counts the others. */
function problemOf(issues: readonly z.core.$ZodIssue[]): string {
  const [first] = issues
  if (!first) return "it does not match ci/result.schema.json"
  const expected =
    first.code === "invalid_type" ? `expected ${first.expected}` : "not allowed by ci/result.schema.json"
  const more = issues.length > 1 ? `, and ${issues.length - 1} more problems` : ""
  return `${first.path.join(".") || "the file"}: ${expected}${more}`
}
