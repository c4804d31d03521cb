import * as z from "zod/mini"
import { plural, utc } from "../formats/figures.js"
import { recordOf } from "../formats/json.js"
import type { RunRecord } from "../run/result.js"
import { type AuditEntry, hashOf, ORIGIN, recordDigest } from "./audit.js"

/** The result of verifying a log. */
export interface Verified {
  readonly entries: readonly AuditEntry[]
  /** Problems by line; empty for a log without one. */
  readonly problems: readonly string[]
}

const HASH = /^[0-9a-f]{64}$/

/** Tells whether a text is a SHA-256 hash in lower case. */
export const isHash = (text: string): boolean => HASH.test(text)

const entrySchema = () =>
  z.looseObject({
    level: z.number(),
    time: z.number(),
    msg: z.string(),
    seq: z.int(),
    action: z.enum(["run.started", "shard", "stage", "image", "waiver", "evidence", "run.ended", "deploy"]),
    actor: z.nullable(z.string()),
    about: z.json(),
    prev: z.string().check(z.regex(HASH)),
    hash: z.string().check(z.regex(HASH)),
  })

/** Makes a reader of lines, which returns null for what is not an entry. Once per log: building a schema is slow. */
const reader = (): ((line: string) => AuditEntry | null) => {
  const schema = entrySchema()
  return (line) => {
    try {
      const read = schema.safeParse(JSON.parse(line), { jitless: true })
      return read.success ? read.data : null
    } catch {
      return null
    }
  }
}

/** Describes what is wrong between an entry and the one before it; null if nothing is. */
function brokenLink(entry: AuditEntry, before: AuditEntry | null): string | null {
  const expected = (before?.seq ?? 0) + 1
  const missing = entry.seq - expected
  if (missing > 0) return `${plural(missing, "entry", "entries")} missing before entry ${entry.seq}`
  if (missing < 0) return `out of order: entry ${entry.seq} where entry ${expected} is expected`
  if (entry.prev !== (before?.hash ?? ORIGIN))
    return "does not follow the entry before it: one of them was replaced"
  return null
}

/** Verifies every byte of a log: each entry is unchanged, and follows the one before. */
export function verifyAudit(text: string): Verified {
  if (text === "") return { entries: [], problems: ["the log is empty"] }
  const lines = text.split("\n")
  const cut = lines.pop() === "" ? [] : [`line ${lines.length + 1}: cut off in the middle`]
  const read = reader()
  const entries: AuditEntry[] = []
  const problems: string[] = []
  for (const [index, line] of lines.entries()) {
    const at = `line ${index + 1}`
    const entry = read(line)
    if (entry === null) {
      problems.push(`${at}: not an entry of an audit log`)
      continue
    }
    const changed = hashOf(entry) !== entry.hash || JSON.stringify(JSON.parse(line)) !== line
    const link = brokenLink(entry, entries.at(-1) ?? null)
    if (changed) problems.push(`${at}: changed: its contents do not match its hash`)
    if (link !== null) problems.push(`${at}: ${link}`)
    entries.push(entry)
  }
  return { entries, problems: [...problems, ...cut] }
}

/** Compares a log with its head as it was noted elsewhere; null if it contains that head. */
export function againstCheckpoint({ entries }: Verified, head: string): string | null {
  if (entries.some(({ hash }) => hash === head)) return null
  return `head ${head} not found: the end of the log was cut off, or the log was rewritten`
}

/** Compares a log with the record of its run; null if they match. */
export function againstRecord(verified: Verified, record: RunRecord): string | null {
  if (!record.audit) return "the record does not name the head of its audit log"
  const cut = againstCheckpoint(verified, record.audit.head)
  if (cut !== null) return cut
  const about = verified.entries.find(({ hash }) => hash === record.audit?.head)?.about
  const noted = typeof about === "object" && about !== null && "record" in about ? about.record : null
  return noted === recordDigest(record) ? null : "the record was changed: the log has another digest of it"
}

/** Describes a log without problems. */
export function verifiedText({ entries }: Verified): string {
  const [first, last] = [entries[0], entries.at(-1)]
  if (!first || !last) return "no entries"
  const range = `${plural(entries.length, "entry", "entries")} from ${utc(first.time)} to ${utc(last.time)}`
  return `${range}, unchanged and in order\nhead ${last.hash}`
}

/** Returns the digest that a log notes of a file of the evidence, as `sha256:…`; null if it notes none. */
export function evidenceDigest({ entries }: Verified, path: string): string | null {
  const noted = entries
    .filter(({ action }) => action === "evidence")
    .map(({ about }) => recordOf(about))
    .find((about) => about.path === path)?.digest
  return typeof noted === "string" ? noted : null
}
