/** Reads the objects of an environment. An error names the object that cannot be read, and how to repair it. */
import type * as z from "zod"
import { type Lease, leaseSchema } from "./journal.ts"
import { LEDGER_VERSION, type Ledger, ledgerSchema, type ReleaseRecord, recordSchema } from "./ledger.ts"
import { type End, end } from "./outcome.ts"
import type { Stored } from "./store.ts"
import { oneLine } from "./text.ts"

/** What is wrong with an object of the environment. */
type Problem =
  /** Truncated, or not what Slipway writes. */
  | { readonly kind: "damaged"; readonly detail: string }
  /** A newer version of Slipway wrote it. */
  | { readonly kind: "newer"; readonly detail: string }
  /** It was there before. */
  | { readonly kind: "missing"; readonly detail: string }

/** Thrown for an object of the environment that this run cannot rely on. */
export class BrokenState extends Error {
  readonly key: string
  readonly kind: Problem["kind"]

  constructor(key: string, problem: Problem) {
    super(`${key} is ${TEXTS[problem.kind]}: ${problem.detail}`)
    this.name = "BrokenState"
    this.key = key
    this.kind = problem.kind
  }
}

const TEXTS: Readonly<Record<Problem["kind"], string>> = {
  damaged: "damaged",
  newer: "of a newer version of Slipway",
  missing: "missing, and was there before",
}

const REPAIR = [
  "run `status --repair` for this environment: it restores what the bucket's versions and `ledger/<release>.json` have, and names what is lost",
  "nothing was changed by this run",
]

const TODO: Readonly<Record<Problem["kind"], readonly string[]>> = {
  damaged: REPAIR,
  missing: REPAIR,
  newer: ["run the version of Slipway that wrote it, or a newer one; nothing was changed by this run"],
}

/** Returns the end of a run that cannot rely on an object. */
export const brokenEnd = ({ message, kind }: BrokenState): End =>
  end("refused", `the state of the environment is broken: ${message}`, { todo: TODO[kind] })

const issueText = ({ path, message }: z.core.$ZodIssue): string =>
  [path.map(String).join("."), message].filter((part) => part !== "").join(": ")

/** A newer version counts up, or has keys that this one does not know. */
function isNewer(value: unknown, issues: readonly z.core.$ZodIssue[]): boolean {
  const version = typeof value === "object" && value !== null && "version" in value ? value.version : null
  const later = typeof version === "number" && version > LEDGER_VERSION
  return later || issues.every(({ code }) => code === "unrecognized_keys")
}

/** @throws {BrokenState} */
export function readAs<T>(schema: z.ZodType<T>, key: string, { body }: Pick<Stored, "body">): T {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    const detail =
      body.trim() === "" ? "it is empty" : `it is truncated, or not JSON (${body.length} characters)`
    throw new BrokenState(key, { kind: "damaged", detail })
  }
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const { issues } = read.error
  const detail = oneLine(issues.map(issueText).join("; "), 200)
  throw new BrokenState(key, { kind: isNewer(value, issues) ? "newer" : "damaged", detail })
}

/** Reads a lease. @throws {BrokenState} */
export const leaseIn = (key: string, stored: Pick<Stored, "body">): Lease => readAs(leaseSchema, key, stored)
/** Reads a ledger. @throws {BrokenState} */
export const ledgerIn = (key: string, stored: Pick<Stored, "body">): Ledger =>
  readAs(ledgerSchema, key, stored)
/** Reads the file of a release. @throws {BrokenState} */
export const recordIn = (key: string, stored: Pick<Stored, "body">): ReleaseRecord =>
  readAs(recordSchema, key, stored)
