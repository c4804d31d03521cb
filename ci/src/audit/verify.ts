import * as z from "zod/mini"
import { oneLine } from "../formats/clean.js"
import { plural, utc } from "../formats/figures.js"
import type { RunRecord } from "../run/result.js"
import { type AuditEntry, hashOf, ORIGIN, recordDigest } from "./audit.js"

/** What an audit log was found to be. */
export interface Verified {
  readonly entries: readonly AuditEntry[]
  /** What is wrong with it, by line; empty where nothing is. */
  readonly faults: readonly string[]
}

const HASH = /^[0-9a-f]{64}$/

const entrySchema = () =>
  z.looseObject({
    level: z.number(),
    time: z.number(),
    msg: z.string(),
    seq: z.int(),
    action: z.enum(["run.started", "stage", "image", "waiver", "evidence", "run.ended"]),
    actor: z.nullable(z.string()),
    about: z.json(),
    prev: z.string().check(z.regex(HASH)),
    hash: z.string().check(z.regex(HASH)),
  })

/** A line as an entry, or null. Built once a log: schemas cost more than they check. */
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

/** What is wrong between an entry and the one before it, in words; null where nothing is. */
function brokenLink(entry: AuditEntry, before: AuditEntry | null): string | null {
  const expected = (before?.seq ?? 0) + 1
  if (entry.seq > expected)
    return `${plural(entry.seq - expected, "entry", "entries")} before it removed: it is number ${entry.seq}, and ${expected} should follow`
  if (entry.seq < expected) return `out of order: it is number ${entry.seq}, and ${expected} should follow`
  if (entry.prev !== (before?.hash ?? ORIGIN))
    return "it does not follow the entry before it: one of them was replaced"
  return null
}

/** Checks every byte of a log: each entry is as it was written, and follows the one before. */
export function verifyAudit(text: string): Verified {
  if (text === "") return { entries: [], faults: ["the log is empty"] }
  const lines = text.split("\n")
  const cut = lines.pop() === "" ? [] : [`line ${lines.length + 1}: cut off in the middle`]
  const read = reader()
  const entries: AuditEntry[] = []
  const faults: string[] = []
  for (const [index, line] of lines.entries()) {
    const entry = read(line)
    if (entry === null) {
      faults.push(`line ${index + 1}: changed: it is no entry of an audit log`)
      continue
    }
    const changed = hashOf(entry) !== entry.hash || JSON.stringify(JSON.parse(line)) !== line
    const link = brokenLink(entry, entries.at(-1) ?? null)
    if (changed) faults.push(`line ${index + 1}: changed: its contents do not have its hash`)
    if (link !== null) faults.push(`line ${index + 1}: ${link}`)
    entries.push(entry)
  }
  return { entries, faults: [...faults, ...cut] }
}

/** What is wrong with a log whose head was noted at some time, in words; null where nothing is. */
export function againstCheckpoint({ entries }: Verified, head: string): string | null {
  if (!HASH.test(head)) return `the checkpoint ${oneLine(head, 80)} is no hash of 64 hexadecimal digits`
  if (entries.some(({ hash }) => hash === head)) return null
  return `the log does not hold the checkpoint ${head}: its end was cut off, or it was written anew`
}

/** What is wrong with a log beside the record of its run, in words; null where nothing is. */
export function againstRecord(verified: Verified, record: RunRecord): string | null {
  if (!record.audit) return "the record names no audit log: it was written without one"
  const cut = againstCheckpoint(verified, record.audit.head)
  if (cut !== null) return cut
  const about = verified.entries.find(({ hash }) => hash === record.audit?.head)?.about
  const noted = typeof about === "object" && about !== null && "record" in about ? about.record : null
  return noted === recordDigest(record) ? null : "the record was changed: the log holds another digest of it"
}

/** A log without faults, in a sentence. */
export function verifiedText({ entries }: Verified): string {
  const [first, last] = [entries[0], entries.at(-1)]
  if (!first || !last) return "no entries"
  return `${plural(entries.length, "entry", "entries")} from ${utc(first.time)} to ${utc(last.time)}, unchanged and in order\nhead ${last.hash}`
}
