import * as z from "zod/mini"
import type { Cause } from "../run/causes.js"
import type { Database, Finding } from "../run/result.js"
import type { Unread } from "../run/stage.js"

/** What a scanner saw: the findings, and the proof that it looked. */
export interface Read {
  readonly findings: readonly Finding[]
  /** What it looked at: `312 packages`. Not of the exit code: scanners end well without having looked. */
  readonly what: string
  readonly version: string | null
  readonly database?: Database | null
  /** Files that it could not read. */
  readonly unread?: readonly Unread[]
  /** Which files it reads, where other scanners read the same. */
  readonly reads?: (file: string) => boolean
}

/** A scanner that did not look, and why. Its message is the whole reason, with the way out. */
export class DidNotLook extends Error {
  override readonly cause: Cause | null

  /** @param cause null where there was nothing for it to look at, or no need to: it is then skipped. */
  constructor(cause: Cause | null, why: string) {
    super(why)
    this.name = "DidNotLook"
    this.cause = cause
  }
}

/** A scanner that read no file: because of those that it could not read, or because there was none. */
export function nothingRead([first]: readonly Unread[]): DidNotLook {
  const why = first ? `cannot read ${first.file}: ${first.reason}` : "found no file to scan"
  return new DidNotLook("errored", why)
}

const SHOWN = 60

/** Reads a JSON report of a known shape. @throws {DidNotLook} with what is wrong with it. */
export function readReport<T extends z.ZodMiniType>(schema: T, text: string): z.output<T> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const begin = text.trim().split("\n")[0]?.slice(0, SHOWN) ?? ""
    throw new DidNotLook(
      "errored",
      begin === "" ? "report is empty" : `report is not JSON: it begins with "${begin}"`,
    )
  }
  const read = schema.safeParse(value, { jitless: true })
  if (read.success) return read.data
  const issue = read.error.issues[0]
  throw new DidNotLook(
    "errored",
    `unexpected report: "${issue?.path.join(".") ?? ""}" has another type or is missing`,
  )
}

/** A field that a report may leave out, or have as null. */
export const maybe = <T extends z.ZodMiniType>(schema: T) => z.nullish(schema)
